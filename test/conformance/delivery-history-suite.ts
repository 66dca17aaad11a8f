import { describe, expect, test } from 'vitest';
import type { DeliveryQuery } from '../../src/store/contract/history.ts';
import type { NewEvent } from '../../src/store/contract/events.ts';
import { InvalidCursor } from '../../src/store/contract/history.ts';
import type { OpenStore } from './fixtures.ts';
import {
  T0,
  aRecord,
  deliveryIdOf,
  failed,
  makeSubscription,
  makeWorkspace,
  publish,
  retryAt,
} from './fixtures.ts';
import { sharedStore, storePerTest } from './opened.ts';

export function describeDeliveryHistory(open: OpenStore): void {
  describe('the history of deliveries', () => {
    const opened = sharedStore(open);

    /**
     * Three events to two subscriptions each, a millisecond apart; deliveries in order: a0 b0 a1 b1 a2 b2, of
     * which a0 succeeded, b0 failed with 404, a1 is to be retried after a 503, b2 succeeded with 204.
     */
    async function arrange() {
      const { store, epoch } = opened;
      const workspaceId = await makeWorkspace(store);
      const a = await makeSubscription(store, workspaceId, { url: 'https://a.example.com/' });
      const b = await makeSubscription(store, workspaceId, { url: 'https://b.example.com/' });
      const events: NewEvent[] = [];
      for (const [index, eventType] of [
        'crm.lead.created',
        'crm.lead.created',
        'customer.created',
      ].entries()) {
        events.push(await publish(store, epoch, [a, b], { at: T0 + index, eventType }));
      }
      const [first, second, third] = events as [NewEvent, NewEvent, NewEvent];
      const records = [
        aRecord(first, {}, 0),
        aRecord(first, { statusCode: 404, ...failed() }, 1),
        aRecord(second, { statusCode: 503, ...retryAt(T0 + 500) }, 0),
        aRecord(third, { statusCode: 204 }, 1),
      ];
      await store.recordAttempts(epoch, records, T0 + 10);
      const ids = events.flatMap((event) => [deliveryIdOf(event, 0), deliveryIdOf(event, 1)]);
      const names = ['a0', 'b0', 'a1', 'b1', 'a2', 'b2'];
      const list = async (query: Partial<DeliveryQuery> = {}): Promise<(string | undefined)[]> => {
        const page = await store.listDeliveries(workspaceId, { limit: 100, ...query });
        expect(page.nextCursor).toBeNull();
        return page.items.map(({ id }) => names[ids.indexOf(id)]);
      };
      return { store, epoch, workspaceId, a, b, first, second, third, records, ids, list };
    }

    test('shows one whole, in its workspace only', async () => {
      const { store, workspaceId, b, first, ids } = await arrange();
      const id = ids[1] ?? '';
      expect(await store.findDelivery(workspaceId, id)).toEqual({
        id,
        workspaceId,
        subscriptionId: b.id,
        url: 'https://b.example.com/',
        subscriptionStatus: 'active',
        eventId: first.eventId,
        eventType: 'crm.lead.created',
        state: 'failed',
        failureReason: 'exhausted',
        attempts: 1,
        createdAt: T0,
        dueAt: null,
        firstAttemptAt: T0,
        finishedAt: T0 + 10,
        lastOutcome: 'http_status',
        lastStatusCode: 404,
        lastError: 'The receiver answered 500.',
        replayOf: null,
        replayId: null,
      });
      expect(await store.findDelivery(await makeWorkspace(store), id)).toBeUndefined();
      expect(await store.findDelivery(workspaceId, 'dlv_none')).toBeUndefined();
    });

    test('shows the URL and status of the subscription as they are now', async () => {
      const { store, workspaceId, a, ids } = await arrange();
      const change = { url: 'https://new.example.com/', status: 'inactive' } as const;
      await store.updateSubscription(workspaceId, a.id, change, T0);
      const { url, status } = change;
      expect(await store.findDelivery(workspaceId, ids[0] ?? '')).toMatchObject({
        url,
        subscriptionStatus: status,
      });
    });

    test('finds the delivery of an attempt, in its workspace only', async () => {
      const { store, workspaceId, records, ids } = await arrange();
      const attemptId = records[2]?.attempt.id ?? '';
      const found = await store.findDeliveryByAttempt(workspaceId, attemptId);
      expect(found).toEqual(await store.findDelivery(workspaceId, ids[2] ?? ''));
      expect(await store.findDeliveryByAttempt(await makeWorkspace(store), attemptId)).toBeUndefined();
      expect(await store.findDeliveryByAttempt(workspaceId, 'att_none')).toBeUndefined();
    });

    test('lists attempts in their workspace only', async () => {
      const { store, workspaceId, ids } = await arrange();
      expect(await store.listAttempts(workspaceId, ids[0] ?? '')).toHaveLength(1);
      expect(await store.listAttempts(await makeWorkspace(store), ids[0] ?? '')).toEqual([]);
      expect(await store.listAttempts(workspaceId, 'dlv_none')).toEqual([]);
    });

    test('lists newest first, each as it is shown alone', async () => {
      const { store, workspaceId, ids, list } = await arrange();
      expect(await list()).toEqual(['b2', 'a2', 'b1', 'a1', 'b0', 'a0']);
      const { items } = await store.listDeliveries(workspaceId, { limit: 1 });
      expect(items).toEqual([await store.findDelivery(workspaceId, ids[5] ?? '')]);
    });

    test('can be filtered by everything it shows, and by several at once', async () => {
      const { a, b, first, third, list } = await arrange();
      expect(await list({ subscriptionId: a.id })).toEqual(['a2', 'a1', 'a0']);
      expect(await list({ eventId: first.eventId })).toEqual(['b0', 'a0']);
      expect(await list({ eventType: 'customer.created' })).toEqual(['b2', 'a2']);
      expect(await list({ state: 'succeeded' })).toEqual(['b2', 'a0']);
      expect(await list({ state: 'failed' })).toEqual(['b0']);
      expect(await list({ state: 'pending' })).toEqual(['a2', 'b1', 'a1']);
      expect(await list({ state: 'skipped' })).toEqual([]);
      expect(await list({ statusCode: 503 })).toEqual(['a1']);
      expect(await list({ since: T0 + 1 })).toEqual(['b2', 'a2', 'b1', 'a1']);
      expect(await list({ until: T0 + 1 })).toEqual(['b0', 'a0']);
      expect(await list({ subscriptionId: b.id, state: 'failed' })).toEqual(['b0']);
      expect(await list({ subscriptionId: a.id, state: 'failed' })).toEqual([]);
      expect(await list({ eventId: third.eventId, subscriptionId: b.id })).toEqual(['b2']);
      expect(await list({ state: 'failed', statusCode: 404, eventType: 'crm.lead.created' })).toEqual(['b0']);
      expect(await list({ state: 'pending', since: T0 + 2 })).toEqual(['a2']);
    });

    test.each<Partial<DeliveryQuery>>([
      {},
      { state: 'pending' },
      { eventType: 'crm.lead.created' },
      { since: T0, until: T0 + 2 },
    ])('is read on from a cursor, each delivery once: %j', async (query) => {
      const { store, workspaceId, ids, list } = await arrange();
      const whole = await list(query);
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page = await store.listDeliveries(workspaceId, {
          ...query,
          limit: 1,
          ...(cursor !== null && { cursor }),
        });
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor;
      } while (cursor !== null);
      expect(seen.map((id) => ['a0', 'b0', 'a1', 'b1', 'a2', 'b2'][ids.indexOf(id)])).toEqual(whole);
    });

    test('shows nothing of what another workspace has, whatever is named', async () => {
      const { a, first, list } = await arrange();
      const other = await arrange();
      expect(await other.list({ subscriptionId: a.id })).toEqual([]);
      expect(await other.list({ eventId: first.eventId })).toEqual([]);
      expect(await list({ subscriptionId: other.a.id })).toEqual([]);
    });

    test.each([
      ['before', 0],
      ['after', 100],
    ])('shows what its subscription stopped as cancelled, %s that is written down', async (_when, limit) => {
      const { store, workspaceId, a, first, second, ids, list } = await arrange();
      await store.updateSubscription(workspaceId, a.id, { status: 'inactive' }, T0 + 20);
      await store.cancelStale(limit, [], T0 + 30);
      expect(await store.findDelivery(workspaceId, ids[2] ?? '')).toMatchObject({
        state: 'cancelled',
        dueAt: null,
      });
      expect(await list({ state: 'cancelled' })).toEqual(['a2', 'a1']);
      expect(await list({ state: 'pending' })).toEqual(['b1']);
      expect(await list({ state: 'cancelled', subscriptionId: a.id })).toEqual(['a2', 'a1']);
      expect(await list({ state: 'cancelled', eventId: second.eventId })).toEqual(['a1']);
      expect(await store.findEvent(workspaceId, second.eventId)).toMatchObject({
        states: { cancelled: 1, pending: 1 },
      });
      const { items } = await store.listEvents(workspaceId, { limit: 10, state: 'cancelled' });
      expect(items.map(({ eventId }) => eventId)).not.toContain(first.eventId);
      expect(items).toHaveLength(2);
    });

    test('of a deleted subscription is still there', async () => {
      const { store, workspaceId, a, list } = await arrange();
      await store.deleteSubscription(workspaceId, a.id, T0);
      expect(await list({ subscriptionId: a.id })).toEqual(['a2', 'a1', 'a0']);
    });

    test('refuses a cursor of another list', async () => {
      const { store, workspaceId } = await arrange();
      const { nextCursor } = await store.listEvents(workspaceId, { limit: 1 });
      const cursor = nextCursor ?? '';
      await expect(store.listDeliveries(workspaceId, { limit: 1, cursor })).rejects.toBeInstanceOf(
        InvalidCursor,
      );
    });
  });

  describe('the backlog', () => {
    const opened = storePerTest(open);

    test('counts pending deliveries and tells since when the oldest is due', async () => {
      const { store, epoch } = opened;
      const subscription = await makeSubscription(store, await makeWorkspace(store));
      expect(await store.measureBacklog(T0)).toEqual({ pending: 0, oldestDueAt: null });
      await publish(store, epoch, [subscription], { at: T0 + 5 });
      const event = await publish(store, epoch, [subscription], { at: T0 + 3 });
      expect(await store.measureBacklog(T0 + 2)).toEqual({ pending: 2, oldestDueAt: null });
      expect(await store.measureBacklog(T0 + 9)).toEqual({ pending: 2, oldestDueAt: T0 + 3 });
      await store.recordAttempts(epoch, [aRecord(event)], T0 + 9);
      expect(await store.measureBacklog(T0 + 9)).toEqual({ pending: 1, oldestDueAt: T0 + 5 });
    });
  });
}
