import { expect, onTestFinished, test } from 'vitest';
import { SubscriptionIndex } from '../../src/engine/fanout/subscription-index.ts';
import { LaneKeeper } from '../../src/engine/lane-keeper.ts';
import { Scheduler } from '../../src/engine/schedule/scheduler.ts';
import { anEvent, DEATHS_MAX, makeSubscription, makeWorkspace, T0 } from '../conformance/fixtures.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { openTemporarySqlite } from '../support/temporary-sqlite.ts';

const LANES_MAX = 20;
const NO_LOG = { debug() {}, info() {}, warn() {}, error() {} };

async function arrange() {
  const { store, close } = await openTemporarySqlite();
  const clock = new FakeClock(T0);
  const { epoch } = await store.registerNode(T0, DEATHS_MAX);
  const scheduler: Scheduler = new Scheduler({ slots: 8, slotsPerWorkspace: 8, slotsPerOrigin: 8 }, (lane) =>
    keeper.load(lane),
  );
  const index = new SubscriptionIndex((workspaceId) => store.loadSubscriptions(workspaceId));
  const keeper = new LaneKeeper({
    store,
    epoch: () => epoch,
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
  return { store, clock, scheduler, keeper, publish, epoch };
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
  taken.admit(lanes, []);
  expect(scheduler.find(id)).toBeUndefined();
  gate.resolve();
  await expect.poll(() => scheduler.find(id)?.suspect).toBe(true);
});
