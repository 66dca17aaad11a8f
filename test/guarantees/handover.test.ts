import { expect, test } from 'vitest';
import type { PendingDelivery } from '../../src/domain/delivery.ts';
import type { Subscription } from '../../src/domain/subscription.ts';
import { SubscriptionIndex } from '../../src/engine/fanout/subscription-index.ts';
import { Handover } from '../../src/engine/handover.ts';
import type { PickedDelivery } from '../../src/engine/schedule/scheduler.ts';
import { Scheduler } from '../../src/engine/schedule/scheduler.ts';
import { aSubscription } from '../conformance/fixtures.ts';

const NOW = 1_000_000;

/** A node whose index was read when the workspace had the `known` subscriptions; by now it has the `stored` ones. */
async function handOver(
  known: Subscription[],
  stored: Subscription[],
  delivery: Partial<PendingDelivery>,
  body: Uint8Array | null = new Uint8Array(2),
) {
  let subscriptions = known;
  let loads = 0;
  const index = new SubscriptionIndex(() => {
    loads += 1;
    return Promise.resolve({ version: loads, subscriptions });
  });
  await index.get('w');
  subscriptions = stored;
  const ends = Promise.withResolvers<string>();
  const handover = new Handover({
    index,
    loadBodies: (keys) => Promise.resolve(keys.map((key) => ({ ...key, body }))),
    open: () => ({ secret: 'secret', privateKey: null, previous: null, headers: [] }),
    now: () => NOW,
    announce: () => Promise.resolve(),
    newAttemptId: () => 'att',
    startBy: () => Infinity,
    onOrders: ([order]) => ends.resolve(`ordered to ${order?.url}`),
    onOtherLimit: (_pick, rateLimit) => ends.resolve(`limited to ${rateLimit}`),
    onStale: () => ends.resolve('stale'),
    onFault: (_pick, error) => ends.resolve(String(error)),
  });
  if (body === null) {
    const event = { workspaceId: 'w', eventId: 'e' };
    handover.remember({ ...event, body: new Uint8Array(2) });
    handover.forget(event);
  }
  handover.hand([pickOf(delivery)]);
  return { end: await ends.promise, loads };
}

function pickOf(delivery: Partial<PendingDelivery>): PickedDelivery {
  const scheduler = new Scheduler({ slots: 9, slotsPerWorkspace: 9, slotsPerOrigin: 9 }, () => undefined);
  const lane = scheduler.open(
    { subscriptionId: 's', workspaceId: 'w', origin: 'o', suspect: false, health: null, complete: true },
    NOW,
  );
  const due = { id: 'd', subscriptionId: 's', workspaceId: 'w', eventId: 'e', eventType: 't.t', attempts: 0 };
  scheduler.offer(lane, { ...due, generation: 0, dueAt: NOW, firstAttemptAt: null, ...delivery }, NOW);
  const [pick] = scheduler.pick(NOW, 1);
  if (!pick) throw new Error('it is due');
  return pick;
}

const made = (more: Partial<Subscription> = {}): Subscription =>
  aSubscription('w', { id: 's', url: 'https://a.example.com/', generation: 0, ...more });
const ORDERED = 'ordered to https://a.example.com/';

test('a subscription that another node made since is found by reading again', async () => {
  expect(await handOver([], [made()], {})).toEqual({ end: ORDERED, loads: 2 });
});

test('one that another node switched on since is attempted', async () => {
  expect(await handOver([made({ status: 'inactive' })], [made()], {})).toEqual({ end: ORDERED, loads: 2 });
});

test('one that was switched off and on since is attempted for what came after', async () => {
  const again = made({ generation: 1 });
  expect(await handOver([made()], [again], { generation: 1 })).toEqual({ end: ORDERED, loads: 2 });
});

test('one that is gone, also when read again, stops its deliveries', async () => {
  expect(await handOver([], [], {})).toEqual({ end: 'stale', loads: 2 });
});

test('one that stopped since the delivery was made needs no second look', async () => {
  expect(await handOver([made({ generation: 1 })], [], {})).toEqual({ end: 'stale', loads: 1 });
});

test('a store that still shows it as it was before the delivery is a fault of ours', async () => {
  const { end } = await handOver([made()], [made()], { generation: 1 });
  expect(end).toContain('not at hand');
});

test('an event that was erased is not sent, whatever was in memory of it', async () => {
  expect(await handOver([made()], [made()], {}, null)).toEqual({ end: 'stale', loads: 1 });
});
