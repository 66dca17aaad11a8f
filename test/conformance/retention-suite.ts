import { describe, expect, test } from 'vitest';
import type { Subscription } from '../../src/domain/subscription.ts';
import type { Store } from '../../src/store/store.ts';
import type { OpenStore } from './fixtures.ts';
import {
  HEALTH,
  T0,
  aRecord,
  anEvent,
  deliveryIdOf,
  failed,
  makeSubscription,
  makeWorkspace,
  publish,
  retryAt,
} from './fixtures.ts';
import { storePerTest } from './opened.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Far more calls than any test here needs. */
const CALLS_MAX = 200;

export function describeRetention(open: OpenStore): void {
  describe('history that is kept for so many days', () => {
    const opened = storePerTest(open);

    async function arrange() {
      const { store, epoch } = opened;
      // As upkeep does from the start: the store is prepared for what comes.
      await keep(store, T0 - DAY);
      const workspaceId = await makeWorkspace(store);
      const subscription = await makeSubscription(store, workspaceId);
      return { store, epoch, workspaceId, subscription };
    }

    test('goes after that, with everything that belongs to it', async () => {
      const { store, epoch, workspaceId, subscription } = await arrange();
      const old = await publish(store, epoch, [subscription], { at: T0 });
      const record = aRecord(old, failed());
      await store.recordAttempts(epoch, [record], T0 + 10);
      const young = await publish(store, epoch, [subscription], { at: T0 + 2 * DAY });
      await store.recordAttempts(epoch, [aRecord(young)], T0 + 2 * DAY);
      await keep(store, T0 + 7 * DAY, 6);
      expect(await store.findEvent(workspaceId, old.eventId)).toBeUndefined();
      expect(await store.loadBodies([old])).toEqual([]);
      expect(await store.findDelivery(workspaceId, deliveryIdOf(old))).toBeUndefined();
      expect(await store.findDeliveryByAttempt(workspaceId, record.attempt.id)).toBeUndefined();
      expect(await store.listAttempts(workspaceId, deliveryIdOf(old))).toEqual([]);
      const { items: events } = await store.listEvents(workspaceId, { limit: 10 });
      expect(events.map(({ eventId }) => eventId)).toEqual([young.eventId]);
      const { items: deliveries } = await store.listDeliveries(workspaceId, { limit: 10 });
      expect(deliveries.map(({ id }) => id)).toEqual([deliveryIdOf(young)]);
      expect(await store.listAttempts(workspaceId, deliveryIdOf(young))).toHaveLength(1);
    });

    test('stays until then', async () => {
      const { store, epoch, workspaceId, subscription } = await arrange();
      const event = await publish(store, epoch, [subscription], { at: T0, idempotencyKey: 'k' });
      await store.recordAttempts(epoch, [aRecord(event)], T0);
      await keep(store, T0 + 3 * DAY - 1, 3);
      expect(await store.findEvent(workspaceId, event.eventId)).toMatchObject({ states: { succeeded: 1 } });
      expect(await store.listAttempts(workspaceId, deliveryIdOf(event))).toHaveLength(1);
      const again = await store.commitEvents(epoch, [event], true, T0 + 3 * DAY - 1);
      expect(again.events).toMatchObject([{ outcome: 'duplicate' }]);
    });

    test('goes wherever it lies, also without a call before it was made', async () => {
      const { store, epoch } = opened;
      const subscription = await makeSubscription(store, await makeWorkspace(store));
      const { workspaceId } = subscription;
      const events = [];
      for (let i = 0; i < 3; i++)
        events.push(await publish(store, epoch, [subscription], { at: T0 - 300 * i * DAY }));
      await store.recordAttempts(
        epoch,
        events.map((event) => aRecord(event)),
        T0 + 10,
      );
      await keep(store, T0 + 3 * DAY, 1);
      expect((await store.listEvents(workspaceId, { limit: 10 })).items).toEqual([]);
      expect((await store.listDeliveries(workspaceId, { limit: 10 })).items).toEqual([]);
    });

    test('makes ids and idempotency keys usable again', async () => {
      const { store, epoch, workspaceId } = await arrange();
      const event = anEvent(workspaceId, [], { idempotencyKey: 'k', eventId: 'order-1', eventIdGiven: true });
      const other = { ...event, eventType: 'crm.lead.stage_changed' };
      await store.commitEvents(epoch, [event], true, T0);
      const before = await store.commitEvents(epoch, [other], true, T0 + HOUR);
      expect(before.events).toEqual([{ outcome: 'conflict', field: 'eventType' }]);
      await keep(store, T0 + 3 * DAY, 1);
      const after = await store.commitEvents(epoch, [other], true, T0 + 3 * DAY);
      expect(after.events).toEqual([{ outcome: 'stored' }]);
      const byKey = anEvent(workspaceId, [], { idempotencyKey: 'k', eventType: other.eventType });
      const again = await store.commitEvents(epoch, [byKey], true, T0 + 3 * DAY);
      expect(again.events).toMatchObject([{ outcome: 'duplicate', event: { eventId: 'order-1' } }]);
    });

    test('keeps an event while an idempotency key of it is younger than a day', async () => {
      const { store, epoch, workspaceId } = await arrange();
      const event = anEvent(workspaceId, [], { eventId: 'order-1', eventIdGiven: true });
      await store.commitEvents(epoch, [event], true, T0);
      const keyed = { ...event, idempotencyKey: 'late' };
      const at = T0 + 5 * DAY;
      await store.commitEvents(epoch, [keyed], true, at);
      await keep(store, at + 23 * HOUR, 1);
      const again = await store.commitEvents(epoch, [keyed], true, at + 23 * HOUR);
      expect(again.events).toMatchObject([{ outcome: 'duplicate' }]);
      expect(await store.findEvent(workspaceId, 'order-1')).toBeDefined();
      await keep(store, at + 25 * HOUR, 1);
      const anew = await store.commitEvents(epoch, [keyed], true, at + 25 * HOUR);
      expect(anew.events).toEqual([{ outcome: 'stored' }]);
    });

    test('leaves pending work and what it refers to, and takes that when it has ended', async () => {
      const { store, epoch, workspaceId, subscription } = await arrange();
      const ended = await publish(store, epoch, [subscription], { at: T0 });
      await store.recordAttempts(epoch, [aRecord(ended)], T0);
      const later = T0 + 10 * DAY;
      const event = await publish(store, epoch, [subscription], { at: later });
      await store.recordAttempts(epoch, [aRecord(event, retryAt(later + 50 * DAY))], later);
      await store.releaseLanes(epoch, [{ subscriptionId: subscription.id, health: HEALTH }]);
      const now = later + 20 * DAY;
      await keep(store, now, 1);
      expect(await store.findEvent(workspaceId, ended.eventId)).toBeUndefined();
      expect(await store.findEvent(workspaceId, event.eventId)).toMatchObject({ states: { pending: 1 } });
      expect(await store.listAttempts(workspaceId, deliveryIdOf(event))).toHaveLength(1);
      expect(await store.loadBodies([event])).toHaveLength(1);
      const { retries } = await store.loadLane(subscription.id, 10, 10);
      expect(retries.map(({ id }) => id)).toEqual([deliveryIdOf(event)]);
      await store.recordAttempts(epoch, [aRecord(event, { number: 2 })], now);
      await keep(store, now, 1);
      expect(await store.findEvent(workspaceId, event.eventId)).toBeUndefined();
      expect(await store.findDelivery(workspaceId, deliveryIdOf(event))).toBeUndefined();
    });

    test('leaves an event whose fan-out is not complete', async () => {
      const { store, epoch, workspaceId, subscription } = await arrange();
      const event = { ...anEvent(workspaceId, [subscription]), fanoutCursor: subscription.id };
      await store.commitEvents(epoch, [event], true, T0);
      await store.recordAttempts(epoch, [aRecord(event)], T0);
      await keep(store, T0 + 9 * DAY, 1);
      expect(await store.listUnfinishedFanouts(10)).toMatchObject([{ eventId: event.eventId }]);
      expect(await store.findEvent(workspaceId, event.eventId)).toBeDefined();
      const chunk = { workspaceId, eventId: event.eventId, deliveries: [], fanoutCursor: null };
      await store.continueFanout(epoch, chunk, true, T0 + 9 * DAY);
      await keep(store, T0 + 9 * DAY, 1);
      expect(await store.findEvent(workspaceId, event.eventId)).toBeUndefined();
    });

    test('goes a little at a time', async () => {
      const { store, epoch, workspaceId, subscription } = await arrange();
      const events = Array.from({ length: 2_500 }, () => anEvent(workspaceId, [subscription]));
      await store.commitEvents(epoch, events, true, T0);
      for (let i = 0; i < events.length; i += 500)
        await store.recordAttempts(
          epoch,
          events.slice(i, i + 500).map((event) => aRecord(event)),
          T0,
        );
      expect(await store.keepHistory(T0 + 9 * DAY, 1)).toBe(true);
      await keep(store, T0 + 9 * DAY, 1);
      expect((await store.listDeliveries(workspaceId, { limit: 10 })).items).toEqual([]);
      expect((await store.listEvents(workspaceId, { limit: 10 })).items).toEqual([]);
    });

    test('of all workspaces, also while they publish', async () => {
      const { store, epoch } = await arrange();
      const subscriptions: Subscription[] = [];
      for (let i = 0; i < 20; i++)
        subscriptions.push(await makeSubscription(store, await makeWorkspace(store)));
      const publishAll = (at: number) =>
        Promise.all(subscriptions.map((subscription) => publish(store, epoch, [subscription], { at })));
      const old = await publishAll(T0);
      await store.recordAttempts(
        epoch,
        old.map((event) => aRecord(event)),
        T0,
      );
      const now = T0 + 9 * DAY;
      const [young] = await Promise.all([publishAll(now), keep(store, now, 1)]);
      await keep(store, now, 1);
      for (const [i, { workspaceId }] of subscriptions.entries()) {
        const { items } = await store.listEvents(workspaceId, { limit: 10 });
        expect(items.map(({ eventId }) => eventId)).toEqual([young[i]?.eventId]);
      }
    });
  });
}

/** As upkeep does: again until there is no more. */
async function keep(store: Store, now: number, days = 30): Promise<void> {
  for (let calls = 0; calls < CALLS_MAX; calls++) if (!(await store.keepHistory(now, days))) return;
  throw new Error('There is always more.');
}
