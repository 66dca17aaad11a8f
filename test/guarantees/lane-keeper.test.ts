import { expect, onTestFinished, test, vi } from 'vitest';
import type { PendingDelivery } from '../../src/domain/delivery.ts';
import { LAST_CHANCE_AFTER_MS } from '../../src/domain/delivery.ts';
import { SubscriptionIndex } from '../../src/engine/fanout/subscription-index.ts';
import { LaneKeeper } from '../../src/engine/lane-keeper.ts';
import { Scheduler } from '../../src/engine/schedule/scheduler.ts';
import type { AttemptToRecord } from '../../src/store/contract/records.ts';
import { anEvent, DEATHS_MAX, makeSubscription, makeWorkspace, T0 } from '../conformance/fixtures.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { openTemporarySqlite } from '../support/temporary-sqlite.ts';

const LANES_MAX = 20;
const NO_LOG = { debug() {}, info() {}, warn() {}, error() {} };

async function arrange() {
  const { store, close } = await openTemporarySqlite();
  const clock = new FakeClock(T0);
  const { epoch } = await store.registerNode(T0, DEATHS_MAX);
  const node = { epoch };
  const scheduler: Scheduler = new Scheduler({ slots: 8, slotsPerWorkspace: 8, slotsPerOrigin: 8 }, (lane) =>
    keeper.load(lane),
  );
  const index = new SubscriptionIndex((workspaceId) => store.loadSubscriptions(workspaceId));
  const keeper = new LaneKeeper({
    store,
    epoch: () => node.epoch,
    scheduler,
    index,
    clock,
    lanesMax: LANES_MAX,
    onWork() {},
    log: NO_LOG,
  });
  onTestFinished(async () => {
    await keeper.stop();
    await close();
  });
  const publish = async (workspaceId: string, count: number): Promise<string[]> => {
    const ids: string[] = [];
    for (let i = 0; i < count; i++) {
      const subscription = await makeSubscription(store, workspaceId);
      await store.commitEvents(epoch, [anEvent(workspaceId, [subscription])], false, T0);
      ids.push(subscription.id);
    }
    return ids;
  };
  return { store, clock, scheduler, keeper, publish, epoch, node };
}

test('when more lanes are busy than a node can own, the largest workspace gives way to the others', async () => {
  const { store, clock, scheduler, keeper, publish } = await arrange();
  const crowd = await makeWorkspace(store);
  const single = await makeWorkspace(store);
  await publish(crowd, LANES_MAX + 10);
  keeper.start();
  await expect.poll(() => scheduler.laneCount).toBe(LANES_MAX);
  const [waiting = ''] = await publish(single, 1);
  await expect
    .poll(() => {
      clock.advance(1_000);
      return scheduler.find(waiting)?.workspaceId;
    })
    .toBe(single);
  expect(scheduler.laneCount).toBeLessThanOrEqual(LANES_MAX);
});

test('a lane stays suspect though events are committed to it while it is being opened', async () => {
  const gate = Promise.withResolvers<void>();
  const { store, clock, scheduler, publish, epoch } = await arrange();
  const workspaceId = await makeWorkspace(store);
  const [id = ''] = await publish(workspaceId, 1);
  await store.takeLanes(epoch, T0, 10);
  const next = await store.registerNode(T0, DEATHS_MAX);
  expect(next.lanesFreed).toBe(1);
  const taken = new LaneKeeper({
    store,
    epoch: () => next.epoch,
    scheduler,
    index: new SubscriptionIndex(async (workspace) => {
      await gate.promise;
      return store.loadSubscriptions(workspace);
    }),
    clock,
    onWork() {},
    log: NO_LOG,
  });
  onTestFinished(() => taken.stop());
  taken.take();
  // In the order of calls: the lane is taken before this one is answered.
  await store.countWorkspaces();
  const [subscription] = (await store.loadSubscriptions(workspaceId)).subscriptions;
  if (!subscription) throw new Error('it was made');
  const { lanes } = await store.commitEvents(next.epoch, [anEvent(workspaceId, [subscription])], true, T0);
  expect(lanes).toMatchObject([{ standing: 'held' }]);
  taken.admit({ epoch: next.epoch, lanes, isDoubtful: false }, []);
  expect(scheduler.find(id)).toBeUndefined();
  gate.resolve();
  await expect.poll(() => scheduler.find(id)?.suspect).toBe(true);
});

test('what nodes died of gets its last chance in its time, not at once as other first attempts', async () => {
  const { store, scheduler, keeper, publish, node } = await arrange();
  const workspaceId = await makeWorkspace(store);
  const [deadly = ''] = await publish(workspaceId, 1);
  const [delivery] = (await store.loadLane(deadly, 1, 0)).first;
  if (!delivery) throw new Error('it was published');
  for (let deaths = 1; deaths < DEATHS_MAX; deaths++) {
    await store.announceAttempt(node.epoch, delivery.id);
    node.epoch = (await store.registerNode(T0, DEATHS_MAX)).epoch;
  }
  keeper.start();
  await expect.poll(() => scheduler.find(deadly)?.nextDueAt).toBe(T0 + LAST_CHANCE_AFTER_MS);
});

test('the word of a commit that came before a lane was given back does not open it again', async () => {
  const { store, clock, scheduler, keeper, publish, epoch } = await arrange();
  const workspaceId = await makeWorkspace(store);
  const [id = ''] = await publish(workspaceId, 1);
  keeper.start();
  const lane = await vi.waitUntil(() => {
    const open = scheduler.find(id);
    return open?.isSettled ? open : undefined;
  });
  const [subscription] = (await store.loadSubscriptions(workspaceId)).subscriptions;
  if (!subscription) throw new Error('it was made');
  const { lanes } = await store.commitEvents(epoch, [anEvent(workspaceId, [subscription])], true, T0);
  expect(lanes).toMatchObject([{ standing: 'held' }]);
  await Promise.all(keeper.giveBack([lane]));
  // Another node takes it before the answer of the commit is looked at.
  const other = await store.takeLanes(epoch, T0, 10);
  expect(other.lanes).toMatchObject([{ subscriptionId: id }]);
  await store.releaseLanes(epoch, [
    { subscriptionId: id, health: { ...lane.health, pausedUntil: T0 + 60_000 } },
  ]);
  keeper.admit({ epoch, lanes, isDoubtful: false }, []);
  // In the order of calls: whatever it asks of the store is answered by then.
  await store.countWorkspaces();
  await store.countWorkspaces();
  expect(scheduler.find(id)).toBeUndefined();
  clock.advance(1);
});

test('a lane this node owns without knowing is opened, loaded, and served', async () => {
  const { store, scheduler, keeper, publish, epoch } = await arrange();
  const workspaceId = await makeWorkspace(store);
  const [id = ''] = await publish(workspaceId, 1);
  // The answer of this call is lost on its way.
  await store.takeLanes(epoch, T0, 10);
  keeper.openOwned();
  await expect.poll(() => scheduler.find(id)?.nextDueAt).toBe(T0);
});

test('a lane given back while those of the node are listed is not opened again', async () => {
  const { store, clock, scheduler, publish, epoch } = await arrange();
  const workspaceId = await makeWorkspace(store);
  const [id = ''] = await publish(workspaceId, 1);
  const isListed = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const slow: LaneKeeper = new LaneKeeper({
    store: {
      ...store,
      async listOwnedLanes(owner) {
        const owned = await store.listOwnedLanes(owner);
        isListed.resolve();
        await gate.promise;
        return owned;
      },
    },
    epoch: () => epoch,
    scheduler,
    index: new SubscriptionIndex((workspace) => store.loadSubscriptions(workspace)),
    clock,
    onWork() {},
    log: NO_LOG,
  });
  onTestFinished(() => slow.stop());
  slow.take();
  const lane = await vi.waitUntil(() => scheduler.find(id));
  slow.openOwned();
  await isListed.promise;
  await Promise.all(slow.giveBack([lane]));
  gate.resolve();
  await store.countWorkspaces();
  expect(scheduler.find(id)).toBeUndefined();
});

test('what a commit made is not offered when its answer was so long in coming that it may be done', async () => {
  const { store, scheduler, keeper, publish, epoch } = await arrange();
  const workspaceId = await makeWorkspace(store);
  const [id = ''] = await publish(workspaceId, 1);
  keeper.start();
  const lane = await vi.waitUntil(() => scheduler.find(id));
  await vi.waitUntil(() => lane.isSettled);
  const [pick] = scheduler.pick(T0, 1);
  if (!pick) throw new Error('one is due');
  scheduler.ended(pick, { outcome: 'success', durationMs: 1, retryAfterMs: null }, T0);
  await store.recordAttempts(epoch, [successOf(pick.delivery)], T0);
  scheduler.recorded(pick, undefined, T0);
  const lanes = [{ subscriptionId: id, workspaceId, standing: 'held', health: null } as const];
  keeper.admit({ epoch, lanes, isDoubtful: true }, [pick.delivery]);
  await vi.waitUntil(() => lane.isSettled);
  expect(scheduler.pick(T0, 1)).toEqual([]);
  expect(lane.isEmpty).toBe(true);
});

function successOf({ id, subscriptionId }: PendingDelivery): AttemptToRecord {
  const attempt = {
    id: `att_${'0'.repeat(24)}`,
    number: 1,
    startedAt: T0,
    durationMs: 1,
    outcome: 'success',
    statusCode: 200,
    error: null,
    responseBody: null,
    responseTruncated: false,
    responseHeaders: null,
    request: null,
    timing: null,
    remoteAddress: null,
  } as const;
  return { deliveryId: id, subscriptionId, attempt, next: { state: 'succeeded' }, deactivation: null };
}

test('a node that learns that its share has grown takes what is ready at once, not at its next look', async () => {
  const { store, clock, scheduler, publish, epoch } = await arrange();
  await publish(await makeWorkspace(store), 20);
  let asked = 0;
  const keeper: LaneKeeper = new LaneKeeper({
    store: {
      loadLane: (...call) => store.loadLane(...call),
      releaseLanes: (...call) => store.releaseLanes(...call),
      listOwnedLanes: (...call) => store.listOwnedLanes(...call),
      // As one of many nodes: of few lanes at first, then of all these.
      takeLanes: async (...call) => ({
        ...(await store.takeLanes(...call)),
        share: { even: (asked += 1) > 1 ? 20 : 1, least: 1 },
      }),
    },
    epoch: () => epoch,
    scheduler,
    index: new SubscriptionIndex((workspaceId) => store.loadSubscriptions(workspaceId)),
    clock,
    onWork() {},
    log: NO_LOG,
  });
  onTestFinished(() => keeper.stop());
  keeper.take();
  await expect.poll(() => scheduler.laneCount).toBe(20);
});
