import { expect, test } from 'vitest';
import { Activity } from '../../src/engine/activity/activity.ts';
import { ActivityFeed } from '../../src/engine/activity/activity-feed.ts';
import type { CancelledDelivery } from '../../src/store/contract/replays.ts';
import type { NewStreamItem } from '../../src/store/contract/stream.ts';
import { FakeClock } from '../support/fake-clock.ts';

const HEARD = 'a'.repeat(24);
const UNHEARD = 'b'.repeat(24);

/** A feed whose store takes what it is given, or nothing while it `isAway`. */
function arrange() {
  const clock = new FakeClock();
  const written: NewStreamItem[] = [];
  const store = {
    isAway: false,
    listListened: () => Promise.resolve([HEARD]),
    appendToStreams(items: readonly NewStreamItem[]) {
      if (store.isAway) return Promise.reject(new Error('away'));
      written.push(...items);
      return Promise.resolve();
    },
    findSubscription: () => Promise.resolve(undefined),
  };
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const feed = new ActivityFeed({
    store,
    now: () => clock.now(),
    after: (delayMs, run) => clock.after(delayMs, run),
    log,
  });
  feed.opened(HEARD);
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    for (let i = 0; i < 200; i++) await Promise.resolve();
  };
  return { feed, activity: new Activity({ feed, store, log }), store, written, pass };
}

function cancelled(count: number, subscriptions: number, workspaceId = HEARD): CancelledDelivery[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `dlv_${i}`,
    workspaceId,
    subscriptionId: `s${i % subscriptions}`,
    eventId: `evt_${i}`,
    eventType: 'crm.lead.created',
  }));
}

test('few cancelled deliveries are told of one by one, many by subscription, and those nobody hears not at all', async () => {
  const { activity, written, pass } = arrange();
  activity.deliveriesCancelled([...cancelled(50, 2), ...cancelled(99, 1, UNHEARD)]);
  await pass(50);
  expect(written.map(({ kind }) => kind)).toEqual(Array(50).fill('delivery'));
  expect(JSON.parse(written[0]?.data ?? '')).toEqual({
    deliveryId: 'dlv_0',
    subscriptionId: 's0',
    eventId: 'evt_0',
    eventType: 'crm.lead.created',
    state: 'cancelled',
    failureReason: null,
  });
  written.length = 0;
  activity.deliveriesCancelled(cancelled(500, 3));
  await pass(50);
  expect(written.map(({ kind, data }) => [kind, JSON.parse(data)])).toEqual(
    [167, 167, 166].map((count, i) => ['deliveries', { subscriptionId: `s${i}`, state: 'cancelled', count }]),
  );
});

test('what there was no room for is told as so many, once there is room again', async () => {
  const { feed, store, written, pass } = arrange();
  store.isAway = true;
  const about = { kind: 'event', eventType: 'a.b', subscriptionId: null } as const;
  for (let n = 1; n <= 10_007; n++) feed.tell(HEARD, about, { n });
  await pass(50);
  expect(written).toEqual([]);
  store.isAway = false;
  await pass(1_000);
  expect(written.filter(({ kind }) => kind === 'event')).toHaveLength(10_000);
  expect(written.filter(({ kind }) => kind === 'missed').map(({ data }) => JSON.parse(data))).toEqual([
    { count: 7 },
  ]);
  // Once.
  feed.tell(HEARD, about, { n: 0 });
  await pass(50);
  expect(written.filter(({ kind }) => kind === 'missed')).toHaveLength(1);
});
