import { describe, expect, test } from 'vitest';
import type { EventCommit, NewEvent } from '../../src/store/contract/events.ts';
import type { OpenStore } from './fixtures.ts';
import { T0, anEvent, anId, deliveryIdOf, makeSubscription, makeWorkspace } from './fixtures.ts';
import { sharedStore } from './opened.ts';

export function describeEvents(open: OpenStore): void {
  const opened = { current: undefined as ReturnType<typeof sharedStore> | undefined };

  async function commit(...events: NewEvent[]): Promise<EventCommit[]> {
    const { store, epoch } = opened.current ?? { store: undefined, epoch: 0 };
    if (store === undefined) throw new Error('Not opened.');
    return (await store.commitEvents(epoch, events, true, T0)).events;
  }

  describe('events', () => {
    const shared = sharedStore(open);
    opened.current = shared;

    test('are stored byte for byte, with their deliveries', async () => {
      const { store } = shared;
      const workspaceId = await makeWorkspace(store);
      const subscription = await makeSubscription(store, workspaceId);
      const data = '{"n":12345678901234567890, "z":-0,"é":"\\u0000\u{1F600}","dup":1,"dup":2}';
      const event = anEvent(workspaceId, [subscription], {
        data,
        orderingKey: 'k',
        origin: 'test',
        timestampGiven: true,
      });
      expect(await commit(event)).toEqual([{ outcome: 'stored' }]);
      const bodies = await store.loadBodies([{ workspaceId, eventId: event.eventId }]);
      expect(bodies).toEqual([{ workspaceId, eventId: event.eventId, body: new Uint8Array(event.body) }]);
      expect(await store.findDelivery(workspaceId, deliveryIdOf(event))).toMatchObject({
        state: 'pending',
        dueAt: T0,
        createdAt: T0,
        attempts: 0,
        finishedAt: null,
      });
    });

    test('a large body and a small one of a shared buffer come back as they went', async () => {
      const { store } = shared;
      const workspaceId = await makeWorkspace(store);
      const large = anEvent(workspaceId, [], { data: `{"text":"${'x'.repeat(300_000)}"}` });
      const shares = Buffer.from(
        `....${Buffer.from(large.body).toString('latin1').slice(0, 100)}....`,
        'latin1',
      );
      const small = { ...anEvent(workspaceId), body: shares.subarray(4, 104), dataBytes: 10 };
      await commit(large, small);
      const bodies = await store.loadBodies([large, small]);
      expect(Buffer.compare(bodies[0]?.body ?? Buffer.alloc(0), large.body)).toBe(0);
      expect(Buffer.compare(bodies[1]?.body ?? Buffer.alloc(0), small.body)).toBe(0);
      expect(shares.toString('latin1').slice(0, 4)).toBe('....');
    });

    test('bodies that are not stored, or of another workspace, are missing from the answer', async () => {
      const { store } = shared;
      const workspaceId = await makeWorkspace(store);
      const event = anEvent(workspaceId);
      await commit(event);
      const keys = [
        { workspaceId, eventId: 'evt_none' },
        { workspaceId: await makeWorkspace(store), eventId: event.eventId },
        { workspaceId, eventId: event.eventId },
      ];
      expect(await store.loadBodies(keys)).toHaveLength(1);
    });

    test('a skipped delivery is finished at once and has no lane', async () => {
      const { store, epoch } = shared;
      const workspaceId = await makeWorkspace(store);
      const subscription = await makeSubscription(store, workspaceId, { status: 'inactive' });
      const event = anEvent(workspaceId, [subscription]);
      const deliveries = event.deliveries.map((delivery) => ({ ...delivery, state: 'skipped' as const }));
      const result = await store.commitEvents(epoch, [{ ...event, deliveries }], true, T0);
      expect(result).toEqual({ events: [{ outcome: 'stored' }], lanes: [] });
      expect(await store.findDelivery(workspaceId, deliveryIdOf(event))).toMatchObject({
        state: 'skipped',
        dueAt: null,
        finishedAt: T0,
      });
    });

    test('a delivery of an older generation is cancelled at once and has no lane', async () => {
      const { store, epoch } = shared;
      const workspaceId = await makeWorkspace(store);
      const subscription = await makeSubscription(store, workspaceId);
      const other = await makeSubscription(store, workspaceId);
      await store.deleteSubscription(workspaceId, subscription.id, T0);
      const event = anEvent(workspaceId, [subscription, other]);
      const { lanes } = await store.commitEvents(epoch, [event], true, T0);
      expect(lanes).toMatchObject([{ subscriptionId: other.id }]);
      expect(await store.findDelivery(workspaceId, deliveryIdOf(event))).toMatchObject({
        state: 'cancelled',
        dueAt: null,
        finishedAt: T0,
      });
    });

    test('are not stored for a subscription of another workspace', async () => {
      const { store } = shared;
      const workspaceId = await makeWorkspace(store);
      const strange = await makeSubscription(store, await makeWorkspace(store));
      const event = anEvent(workspaceId, [strange]);
      await expect(commit(event)).rejects.toBeInstanceOf(Error);
      expect(await store.findEvent(workspaceId, event.eventId)).toBeUndefined();
    });

    test('of a workspace that is not there, or not any more, are not stored and do not spoil the others', async () => {
      const { store } = shared;
      const [workspaceId, gone] = [await makeWorkspace(store), await makeWorkspace(store)];
      const before = anEvent(gone, [], { eventIdGiven: true, idempotencyKey: 'k' });
      expect(await commit(before)).toEqual([{ outcome: 'stored' }]);
      const { version } = await store.loadSubscriptions(gone);
      await store.deleteWorkspace(gone, T0);
      const none = { outcome: 'no_workspace' };
      const events = [anEvent(gone), anEvent(gone, [], { subscriptionVersion: version }), before];
      const commits = await commit(...events, anEvent(workspaceId), anEvent(anId()));
      expect(commits).toEqual([none, none, none, { outcome: 'stored' }, none]);
      expect(await store.loadBodies(events.slice(0, 2))).toEqual([]);
    });

    test('matched with stale subscriptions are not stored and do not spoil the others', async () => {
      const { store } = shared;
      const workspaceId = await makeWorkspace(store);
      const { version } = await store.loadSubscriptions(workspaceId);
      await makeSubscription(store, workspaceId);
      const stale = anEvent(workspaceId, [], { subscriptionVersion: version });
      const named = anEvent(workspaceId);
      expect(await commit(stale, named)).toEqual([{ outcome: 'stale' }, { outcome: 'stored' }]);
      expect(await store.findEvent(workspaceId, stale.eventId)).toBeUndefined();
      const again = (await store.loadSubscriptions(workspaceId)).version;
      expect(await commit({ ...stale, subscriptionVersion: again })).toEqual([{ outcome: 'stored' }]);
    });

    test('a duplicate is one also when its subscriptions were stale', async () => {
      const { store } = shared;
      const workspaceId = await makeWorkspace(store);
      const { version } = await store.loadSubscriptions(workspaceId);
      const event = anEvent(workspaceId, [], { subscriptionVersion: version });
      await commit(event);
      await makeSubscription(store, workspaceId);
      expect(await commit(event)).toMatchObject([{ outcome: 'duplicate' }]);
    });
  });

  describe('the same event again', () => {
    const shared = sharedStore(open);

    async function first(given: Partial<NewEvent> & { data?: string } = {}) {
      opened.current = shared;
      const workspaceId = await makeWorkspace(shared.store);
      const subscription = await makeSubscription(shared.store, workspaceId);
      const event = anEvent(workspaceId, [subscription], given);
      await commit(event);
      const { eventId, eventType, timestamp, orderingKey } = event;
      const summary = { eventId, eventType, timestamp, orderingKey, deliveryCount: 1 };
      return { workspaceId, subscription, event, duplicate: { outcome: 'duplicate', event: summary } };
    }

    test('is not stored again, and answers what the first answer said', async () => {
      const { workspaceId, subscription, event, duplicate } = await first({ orderingKey: 'k' });
      const same = { ...anEvent(workspaceId, [subscription, subscription], { ...event }), deliveryCount: 2 };
      expect(await commit(same)).toEqual([duplicate]);
      expect(await shared.store.findEvent(workspaceId, event.eventId)).toMatchObject({
        deliveryCount: 1,
        states: { pending: 1 },
      });
    });

    test('is seen within one call', async () => {
      const workspaceId = await makeWorkspace(shared.store);
      const event = anEvent(workspaceId, [], { idempotencyKey: 'k' });
      const byKey = anEvent(workspaceId, [], { idempotencyKey: 'k' });
      expect(await commit(event, event, byKey)).toMatchObject([
        { outcome: 'stored' },
        { outcome: 'duplicate', event: { eventId: event.eventId } },
        { outcome: 'duplicate', event: { eventId: event.eventId } },
      ]);
    });

    test('made a hundred times at once is stored once', async () => {
      const workspaceId = await makeWorkspace(shared.store);
      const calls = Array.from({ length: 100 }, () =>
        commit(anEvent(workspaceId, [], { idempotencyKey: 'k' })),
      );
      const outcomes = (await Promise.all(calls)).flat();
      expect(outcomes.filter(({ outcome }) => outcome === 'stored')).toHaveLength(1);
      expect(outcomes.filter(({ outcome }) => outcome === 'duplicate')).toHaveLength(99);
      expect((await shared.store.listEvents(workspaceId, { limit: 10 })).items).toHaveLength(1);
    });

    test('by its idempotency key is a duplicate whatever id it was made up', async () => {
      const { workspaceId, duplicate } = await first({ idempotencyKey: 'key' });
      expect(await commit(anEvent(workspaceId, [], { idempotencyKey: 'key' }))).toEqual([duplicate]);
    });

    test.each([false, true])('by its id gives a key that was unknown to it (stale: %s)', async (stale) => {
      const { workspaceId, event, duplicate } = await first();
      const subscriptionVersion = stale ? -1 : null;
      const { eventId } = event;
      const both = anEvent(workspaceId, [], { eventId, idempotencyKey: 'late', subscriptionVersion });
      expect(await commit(both)).toEqual([duplicate]);
      expect(await commit(both)).toEqual([duplicate]);
      expect(await commit(anEvent(workspaceId, [], { idempotencyKey: 'late' }))).toEqual([duplicate]);
    });

    test('by its idempotency key is in conflict when another id was given', async () => {
      const { workspaceId, event } = await first({ idempotencyKey: 'key' });
      const other = anEvent(workspaceId, [], { idempotencyKey: 'key', eventId: 'mine', eventIdGiven: true });
      expect(await commit(other)).toEqual([{ outcome: 'conflict', field: 'eventId' }]);
      const same = anEvent(workspaceId, [], {
        idempotencyKey: 'key',
        eventId: event.eventId,
        eventIdGiven: true,
      });
      expect(await commit(same)).toMatchObject([{ outcome: 'duplicate' }]);
    });

    test.each<[string, Partial<NewEvent> & { data?: string }]>([
      ['eventType', { eventType: 'crm.lead.updated' }],
      ['data', { data: '{"n": 1}' }],
      ['data', { data: '{"n":2}' }],
      ['orderingKey', { orderingKey: 'other' }],
      ['timestamp', { timestamp: '2026-03-24T14:30:00.001Z', timestampGiven: true }],
    ])('with another %s is in conflict', async (field, given) => {
      const { workspaceId, event } = await first({ idempotencyKey: 'key' });
      const byId = anEvent(workspaceId, [], { eventId: event.eventId, eventIdGiven: true, ...given });
      const byKey = anEvent(workspaceId, [], { idempotencyKey: 'key', ...given });
      const conflict = { outcome: 'conflict', field };
      expect(await commit(byId, byKey)).toEqual([conflict, conflict]);
    });

    test('with a timestamp that was made up is a duplicate', async () => {
      const { workspaceId, event, duplicate } = await first();
      const later = anEvent(workspaceId, [], {
        eventId: event.eventId,
        timestamp: '2026-03-24T15:00:00.000Z',
      });
      expect(await commit(later)).toEqual([duplicate]);
    });

    test('in another workspace is another event, by id and by key', async () => {
      const { event } = await first({ idempotencyKey: 'key' });
      const elsewhere = await makeWorkspace(shared.store);
      const { eventId } = event;
      expect(await commit(anEvent(elsewhere, [], { eventId, idempotencyKey: 'key', data: '{}' }))).toEqual([
        { outcome: 'stored' },
      ]);
    });

    test('in conflict leaves nothing behind, and does not spoil the others', async () => {
      const { workspaceId, subscription, event } = await first();
      const conflicting = anEvent(workspaceId, [subscription], {
        eventId: event.eventId,
        idempotencyKey: 'unused',
        data: '{}',
      });
      const fine = anEvent(workspaceId, [subscription]);
      expect(await commit(conflicting, fine)).toMatchObject([{ outcome: 'conflict' }, { outcome: 'stored' }]);
      expect(await shared.store.findDelivery(workspaceId, deliveryIdOf(conflicting))).toBeUndefined();
      expect(await commit(anEvent(workspaceId, [], { idempotencyKey: 'unused' }))).toEqual([
        { outcome: 'stored' },
      ]);
    });
  });
}
