import { expect, onTestFinished, test, vi } from 'vitest';
import { SubscriptionIndex } from '../../src/engine/fanout/subscription-index.ts';
import { Membership } from '../../src/engine/membership.ts';
import { Scheduler } from '../../src/engine/schedule/scheduler.ts';
import type { Store } from '../../src/store/store.ts';
import type { StoreSignal } from '../../src/store/contract/signals.ts';
import { anEvent, DEATHS_MAX, makeSubscription, makeWorkspace, T0 } from '../conformance/fixtures.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { openTemporarySqlite } from '../support/temporary-sqlite.ts';

const NO_LOG = { debug() {}, info() {}, warn() {}, error() {} };
const LEASE_MS = 45_000;

/** A node that believes there are others; what those do, the test does behind its back. Its clock stands still. */
async function arrange() {
  const { store: embedded, close } = await openTemporarySqlite();
  const clock = new FakeClock(T0);
  const marks = new Set<string>();
  const store: Store = {
    ...embedded,
    registerNode: async (now, deathsMax) => ({
      ...(await embedded.registerNode(now, deathsMax)),
      leaseMs: LEASE_MS,
    }),
    async takeWakes() {
      const taken = [...marks];
      marks.clear();
      return { lanes: taken, cancelled: [] };
    },
  };
  const scheduler: Scheduler = new Scheduler(
    { slots: 80, slotsPerWorkspace: 80, slotsPerOrigin: 80 },
    (lane) => node.lanes.load(lane),
  );
  const index = new SubscriptionIndex((workspaceId) => store.loadSubscriptions(workspaceId));
  const node = new Membership({
    store,
    scheduler,
    index,
    clock,
    random: { fraction: () => 0.5, bytes: (count) => new Uint8Array(count) },
    deathsMax: DEATHS_MAX,
    onWork() {},
    nothingInFlight: () => Promise.resolve(),
    log: NO_LOG,
  });
  await node.start();
  onTestFinished(async () => {
    node.lease.stop();
    await node.stop();
    await close();
  });
  const workspaceId = await makeWorkspace(store);
  const subscription = await makeSubscription(store, workspaceId);
  /** Commits a delivery to the lane without this node's memory. */
  const commit = async (takeLanes: boolean): Promise<void> => {
    await embedded.commitEvents(node.lease.epoch, [anEvent(workspaceId, [subscription])], takeLanes, T0);
  };
  const { id } = subscription;
  return {
    store,
    clock,
    scheduler,
    node,
    marks,
    commit,
    workspaceId,
    id,
    tell: (s: StoreSignal) => node.heard(s),
  };
}

/** The node has the lane, with all of its deliveries in memory. */
async function settled(scheduler: Scheduler, id: string) {
  return vi.waitUntil(() => {
    const lane = scheduler.find(id);
    return lane?.isSettled && !lane.wantsLoad(T0) ? lane : undefined;
  });
}

test('a lane left free by another node is taken as soon as it is told of', async () => {
  const { scheduler, commit, id, tell } = await arrange();
  await commit(false);
  expect(scheduler.find(id)).toBeUndefined();
  tell({ kind: 'free' });
  await vi.waitUntil(() => scheduler.find(id));
});

test('a mark on a lane brings in what another node committed: at a signal, or a second later without one', async () => {
  const { clock, scheduler, marks, commit, id, tell } = await arrange();
  await commit(false);
  tell({ kind: 'free' });
  await settled(scheduler, id);
  expect(scheduler.pick(T0, 8)).toHaveLength(1);
  await commit(true);
  marks.add(id);
  tell({ kind: 'wakes' });
  await expect.poll(() => scheduler.pick(T0, 8).length).toBe(1);
  await commit(true);
  marks.add(id);
  clock.advance(1_000);
  await expect.poll(() => scheduler.pick(clock.now(), 8).length).toBe(1);
});

test('a mark on a lane this node owns without knowing opens it', async () => {
  const { scheduler, marks, commit, id, tell } = await arrange();
  await commit(true);
  marks.add(id);
  tell({ kind: 'wakes' });
  await expect.poll(() => scheduler.pick(T0, 8).length).toBe(1);
});

test('a node that is not sure of its memory opens what it owns and loads what it has', async () => {
  const { store, scheduler, commit, workspaceId, id, node, tell } = await arrange();
  await commit(false);
  tell({ kind: 'free' });
  await settled(scheduler, id);
  scheduler.pick(T0, 8);
  // Both without a mark, and without an answer.
  await commit(true);
  const other = await makeSubscription(store, workspaceId);
  await store.commitEvents(node.lease.epoch, [anEvent(workspaceId, [other])], true, T0);
  tell({ kind: 'unsure' });
  const picked: string[] = [];
  await expect
    .poll(() => {
      picked.push(...scheduler.pick(T0, 8).map(({ delivery }) => delivery.subscriptionId));
      return picked.toSorted();
    })
    .toEqual([id, other.id].toSorted());
});

test('whatever was missed is found by loading all lanes anew every half minute', async () => {
  const { clock, scheduler, commit, id, tell } = await arrange();
  await commit(false);
  tell({ kind: 'free' });
  await settled(scheduler, id);
  scheduler.pick(T0, 8);
  await commit(true);
  await expect
    .poll(() => {
      clock.advance(1_000);
      return scheduler.pick(clock.now(), 8).length;
    })
    .toBe(1);
  expect(clock.now() - T0).toBeGreaterThanOrEqual(30_000);
});

test.for(['told', 'not told'] as const)(
  'a subscription switched off on another node loses its lane here, %s of it',
  async (how) => {
    const { store, clock, scheduler, commit, workspaceId, id, tell } = await arrange();
    await commit(false);
    tell({ kind: 'free' });
    const lane = await settled(scheduler, id);
    // The versions of before are known.
    clock.advance(750);
    await settled(scheduler, id);
    await store.updateSubscription(workspaceId, id, { status: 'inactive' }, T0);
    if (how === 'told') tell({ kind: 'subscription', workspaceId, subscriptionId: id });
    await expect
      .poll(() => {
        if (how === 'not told') clock.advance(750);
        return lane.isClosed;
      })
      .toBe(true);
  },
);

test('a URL changed on another node is a new receiver here, of which nothing is known', async () => {
  const { store, clock, scheduler, commit, workspaceId, id, tell } = await arrange();
  await commit(false);
  tell({ kind: 'free' });
  const lane = await settled(scheduler, id);
  lane.health = { ...lane.health, condition: 'unhealthy', pausedUntil: T0 + 60_000 };
  await store.updateSubscription(workspaceId, id, { url: 'https://other.example.com/b' }, T0);
  await expect
    .poll(() => {
      clock.advance(750);
      return [lane.origin, lane.health.condition];
    })
    .toEqual(['https://other.example.com', 'new']);
});

test('lanes of an epoch that was lost are dropped, and what its commits say is not listened to', async () => {
  const { store, clock, scheduler, node, commit, workspaceId, id, tell } = await arrange();
  await commit(false);
  tell({ kind: 'free' });
  const lane = await settled(scheduler, id);
  const late = await node.commit(async (epoch) => {
    const other = await makeSubscription(store, workspaceId);
    const answer = await store.commitEvents(epoch, [anEvent(workspaceId, [other])], true, T0);
    // Another node finds this one dead before the answer is here.
    await store.registerNode(T0, DEATHS_MAX);
    await expect
      .poll(() => {
        clock.advance(1_000);
        return node.lease.epoch > epoch;
      })
      .toBe(true);
    return answer;
  });
  expect(lane.isClosed).toBe(true);
  const [standing] = late.lanes;
  if (standing?.standing !== 'new') throw new Error('it was taken by the commit');
  // Of a lane that this node has not taken anew meanwhile.
  const lost = { ...standing, subscriptionId: '0'.repeat(24) };
  node.lanes.admit({ ...late, lanes: [lost] }, []);
  expect(scheduler.find(lost.subscriptionId)).toBeUndefined();
  // Taken anew under the new epoch, as suspect: its last owner died.
  await expect.poll(() => scheduler.find(id)?.suspect).toBe(true);
});
