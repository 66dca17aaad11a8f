import { describe, expect, test } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import type { OpenStore } from './fixtures.ts';
import {
  HEALTH,
  T0,
  aRecord,
  anEvent,
  deliveryIdOf,
  makeSubscription,
  makeWorkspace,
  publish,
  retryAt,
} from './fixtures.ts';
import { storePerTest } from './opened.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Of the installation. */
const DAYS = 30;
/** Far more calls than any test here needs. */
const CALLS_MAX = 200;

export function describeWorkspaceRetention(open: OpenStore): void {
  describe('history of a workspace that keeps it for fewer days than others', () => {
    const opened = storePerTest(open);

    /** A workspace that keeps its history for so many days, with a subscription. */
    async function arrange(retentionDays: number | null) {
      const { store, epoch } = opened;
      await keep(store, T0 - DAY);
      const workspaceId = await makeWorkspace(store);
      await store.changeSettings(workspaceId, { retentionDays });
      const subscription = await makeSubscription(store, workspaceId);
      return { store, epoch, workspaceId, subscription };
    }

    test('goes after these, that of others after theirs', async () => {
      const short = await arrange(2);
      const usual = await arrange(null);
      const { store, epoch } = short;
      for (const { subscription } of [short, usual]) {
        const old = await publish(store, epoch, [subscription], { at: T0, idempotencyKey: 'k' });
        const young = await publish(store, epoch, [subscription], { at: T0 + 2 * DAY });
        await store.recordAttempts(epoch, [aRecord(old), aRecord(young)], T0 + 2 * DAY);
      }
      const counts = async ({ workspaceId }: typeof short) => [
        (await store.listEvents(workspaceId, { limit: 10 })).items.length,
        (await store.listDeliveries(workspaceId, { limit: 10 })).items.length,
      ];
      await keep(store, T0 + 2 * DAY - 1);
      expect([await counts(short), await counts(usual)]).toEqual([
        [2, 2],
        [2, 2],
      ]);
      await keep(store, T0 + 3 * DAY);
      expect([await counts(short), await counts(usual)]).toEqual([
        [1, 1],
        [2, 2],
      ]);
      await keep(store, T0 + DAYS * DAY + DAY);
      expect([await counts(short), await counts(usual)]).toEqual([
        [0, 0],
        [1, 1],
      ]);
    });

    test('goes with everything that belongs to it, and its ids may be used anew', async () => {
      const { store, epoch, workspaceId, subscription } = await arrange(1);
      const given = { eventId: 'order-1', eventIdGiven: true, idempotencyKey: 'k' };
      const event = await publish(store, epoch, [subscription], { at: T0, ...given });
      const record = aRecord(event);
      await store.recordAttempts(epoch, [record], T0);
      const now = T0 + 3 * DAY;
      await keep(store, now);
      expect(await store.findEvent(workspaceId, event.eventId)).toBeUndefined();
      expect(await store.loadBodies([event])).toEqual([]);
      expect(await store.findDeliveryByAttempt(workspaceId, record.attempt.id)).toBeUndefined();
      expect(await store.listAttempts(workspaceId, deliveryIdOf(event))).toEqual([]);
      const other = anEvent(workspaceId, [], { ...given, data: '{"other":1}' });
      expect((await store.commitEvents(epoch, [other], true, now)).events).toEqual([{ outcome: 'stored' }]);
    });

    test('stays while pending work, a fan-out or a young key refers to it', async () => {
      const { store, epoch, workspaceId, subscription } = await arrange(1);
      const pending = await publish(store, epoch, [subscription], { at: T0 });
      await store.recordAttempts(epoch, [aRecord(pending, retryAt(T0 + 50 * DAY))], T0);
      const cut = { ...anEvent(workspaceId, [subscription]), fanoutCursor: subscription.id };
      await store.commitEvents(epoch, [cut], true, T0);
      await store.recordAttempts(epoch, [aRecord(cut)], T0);
      const keyed = anEvent(workspaceId, [], { eventId: 'order-1', eventIdGiven: true });
      await store.commitEvents(epoch, [keyed], true, T0);
      const now = T0 + 20 * DAY;
      await store.commitEvents(epoch, [{ ...keyed, idempotencyKey: 'late' }], true, now - HOUR);
      await store.releaseLanes(epoch, [{ subscriptionId: subscription.id, health: HEALTH }]);
      await keep(store, now);
      for (const event of [pending, cut, keyed])
        expect(await store.findEvent(workspaceId, event.eventId)).toBeDefined();
      expect(await store.listAttempts(workspaceId, deliveryIdOf(pending))).toHaveLength(1);
      const { retries } = await store.loadLane(subscription.id, 10, 10);
      expect(retries.map(({ id }) => id)).toEqual([deliveryIdOf(pending)]);
      // And it goes when it has ended.
      await store.recordAttempts(epoch, [aRecord(pending, { number: 2 })], now);
      const rest = { workspaceId, eventId: cut.eventId, deliveries: [], fanoutCursor: null };
      await store.continueFanout(epoch, rest, true, now);
      await keep(store, now + 2 * DAY);
      expect((await store.listEvents(workspaceId, { limit: 10 })).items).toEqual([]);
      expect((await store.listDeliveries(workspaceId, { limit: 10 })).items).toEqual([]);
    });

    test('goes a little at a time, also while the workspace publishes', async () => {
      const { store, epoch, workspaceId, subscription } = await arrange(1);
      const events = Array.from({ length: 900 }, () => anEvent(workspaceId, [subscription]));
      await store.commitEvents(epoch, events, true, T0);
      await store.recordAttempts(
        epoch,
        events.map((event) => aRecord(event)),
        T0,
      );
      const now = T0 + 3 * DAY;
      expect(await store.keepHistory(now, DAYS)).toBe(true);
      const left = await store.listEvents(workspaceId, { limit: 1_000 });
      expect(left.items.length).toBeGreaterThan(200);
      const [young] = await Promise.all([
        publish(store, epoch, [subscription], { at: now }),
        keep(store, now),
      ]);
      await keep(store, now);
      const { items } = await store.listEvents(workspaceId, { limit: 10 });
      expect(items.map(({ eventId }) => eventId)).toEqual([young.eventId]);
    });

    test('never stays longer than the installation keeps any', async () => {
      const { store, epoch, workspaceId, subscription } = await arrange(DAYS);
      const event = await publish(store, epoch, [subscription], { at: T0 });
      await store.recordAttempts(epoch, [aRecord(event)], T0);
      await keep(store, T0 + 4 * DAY, 2);
      expect(await store.findEvent(workspaceId, event.eventId)).toBeUndefined();
    });
  });
}

/** As upkeep does: again until there is no more. */
async function keep(store: Store, now: number, days = DAYS): Promise<void> {
  for (let calls = 0; calls < CALLS_MAX; calls++) if (!(await store.keepHistory(now, days))) return;
  throw new Error('There is always more.');
}
