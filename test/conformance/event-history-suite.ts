import { describe, expect, test } from 'vitest';
import type { EventQuery } from '../../src/store/contract/history.ts';
import type { NewEvent } from '../../src/store/contract/events.ts';
import { InvalidCursor } from '../../src/store/contract/history.ts';
import type { OpenStore } from './fixtures.ts';
import { T0, aRecord, anEvent, failed, makeSubscription, makeWorkspace, publish } from './fixtures.ts';
import { sharedStore } from './opened.ts';

export function describeEventHistory(open: OpenStore): void {
  describe('the history of events', () => {
    const opened = sharedStore(open);

    /** Ten events, one a millisecond; those with an even index have one succeeded and one pending delivery. */
    async function arrange() {
      const { store, epoch } = opened;
      const workspaceId = await makeWorkspace(store);
      const to = [await makeSubscription(store, workspaceId), await makeSubscription(store, workspaceId)];
      const events: NewEvent[] = [];
      for (let i = 0; i < 10; i++) {
        const event = anEvent(workspaceId, i % 2 === 0 ? to : [], { eventType: `crm.lead.t${i % 3}` });
        await store.commitEvents(epoch, [event], true, T0 + i);
        if (i % 2 === 0) await store.recordAttempts(epoch, [aRecord(event)], T0 + i);
        events.push(event);
      }
      await store.commitEvents(epoch, [anEvent(await makeWorkspace(store))], true, T0);
      const list = async (query: Partial<EventQuery> = {}): Promise<number[]> => {
        const page = await store.listEvents(workspaceId, { limit: 100, ...query });
        expect(page.nextCursor).toBeNull();
        return page.items.map(({ eventId }) => events.findIndex((event) => event.eventId === eventId));
      };
      return { store, epoch, workspaceId, events, list };
    }

    test('shows one whole, in its workspace only', async () => {
      const { store, workspaceId, events } = await arrange();
      const event = events[4];
      if (event === undefined) throw new Error('There are ten.');
      const { eventId, eventType, timestamp, dataBytes } = event;
      expect(await store.findEvent(workspaceId, eventId)).toEqual({
        workspaceId,
        eventId,
        origin: 'published',
        eventType,
        timestamp,
        orderingKey: null,
        createdAt: T0 + 4,
        body: new Uint8Array(event.body),
        dataBytes,
        erasedAt: null,
        deliveryCount: 2,
        filteredOut: null,
        states: { succeeded: 1, pending: 1 },
      });
      expect(await store.findEvent(await makeWorkspace(store), eventId)).toBeUndefined();
      expect(await store.findEvent(workspaceId, 'evt_none')).toBeUndefined();
    });

    test('names those that a filter kept an event from', async () => {
      const { store, epoch } = opened;
      const workspaceId = await makeWorkspace(store);
      const filteredOut = { count: 25, subscriptionIds: ['a'.repeat(24), 'b'.repeat(24)] };
      const event = anEvent(workspaceId, [], { filteredOut });
      await store.commitEvents(epoch, [anEvent(workspaceId), event], true, T0);
      expect(await store.findEvent(workspaceId, event.eventId)).toMatchObject({ filteredOut });
      const { items } = await store.listEvents(workspaceId, { limit: 2 });
      expect(items.map((item) => item.filteredOut)).toEqual([filteredOut, null]);
    });

    test('lists newest first, each as it is shown alone but for its body', async () => {
      const { store, workspaceId, events, list } = await arrange();
      expect(await list()).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
      const { items } = await store.listEvents(workspaceId, { limit: 1 });
      const alone = await store.findEvent(workspaceId, events[9]?.eventId ?? '');
      if (alone === undefined) throw new Error('There are ten.');
      const { body: _body, ...shown } = alone;
      expect(items).toEqual([shown]);
    });

    test('can be filtered by type, by state of a delivery, and by time', async () => {
      const { list } = await arrange();
      expect(await list({ eventType: 'crm.lead.t1' })).toEqual([7, 4, 1]);
      expect(await list({ state: 'succeeded' })).toEqual([8, 6, 4, 2, 0]);
      expect(await list({ state: 'failed' })).toEqual([]);
      expect(await list({ since: T0 + 7 })).toEqual([9, 8, 7]);
      expect(await list({ until: T0 + 3 })).toEqual([2, 1, 0]);
      expect(await list({ since: T0 + 3, until: T0 + 6, state: 'pending' })).toEqual([4]);
      expect(await list({ since: T0 + 6, until: T0 + 6 })).toEqual([]);
    });

    test('is read on from a cursor, each event once, whatever is committed meanwhile', async () => {
      const { store, epoch, workspaceId, events } = await arrange();
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const query: EventQuery = { limit: 3, ...(cursor !== null && { cursor }) };
        const page = await store.listEvents(workspaceId, query);
        seen.push(...page.items.map(({ eventId }) => eventId));
        await store.commitEvents(epoch, [anEvent(workspaceId)], true, T0 + 1000);
        cursor = page.nextCursor;
      } while (cursor !== null);
      expect(seen).toEqual(events.map(({ eventId }) => eventId).toReversed());
    });

    test('a full last page has no cursor', async () => {
      const { store, workspaceId } = await arrange();
      expect((await store.listEvents(workspaceId, { limit: 10 })).nextCursor).toBeNull();
      expect((await store.listEvents(workspaceId, { limit: 9 })).nextCursor).not.toBeNull();
    });

    test('events of one millisecond come in the order of commit, also across pages', async () => {
      const { store, epoch } = opened;
      const workspaceId = await makeWorkspace(store);
      const events = Array.from({ length: 7 }, () => anEvent(workspaceId));
      await store.commitEvents(epoch, events, true, T0);
      const seen: string[] = [];
      let page = await store.listEvents(workspaceId, { limit: 2 });
      seen.push(...page.items.map(({ eventId }) => eventId));
      while (page.nextCursor !== null) {
        page = await store.listEvents(workspaceId, { limit: 2, cursor: page.nextCursor });
        seen.push(...page.items.map(({ eventId }) => eventId));
      }
      expect(seen).toEqual(events.map(({ eventId }) => eventId).toReversed());
    });

    test('a cursor of another workspace shows nothing of that one', async () => {
      const { store, workspaceId, events } = await arrange();
      const other = await arrange();
      const { nextCursor } = await store.listEvents(other.workspaceId, { limit: 2 });
      const page = await store.listEvents(workspaceId, { limit: 100, cursor: nextCursor ?? '' });
      const own = new Set(events.map(({ eventId }) => eventId));
      expect(page.items.every(({ eventId }) => own.has(eventId))).toBe(true);
    });

    test.each(['', 'x', '%', 'a'.repeat(5_000), Buffer.from('events.1').toString('base64url'), "' OR 1=1"])(
      'a cursor that no list made is refused: %j',
      async (cursor) => {
        const { store } = opened;
        const workspaceId = await makeWorkspace(store);
        await expect(store.listEvents(workspaceId, { limit: 1, cursor })).rejects.toBeInstanceOf(
          InvalidCursor,
        );
      },
    );

    test('a cursor of the other list is refused', async () => {
      const { store, epoch } = opened;
      const subscription = await makeSubscription(store, await makeWorkspace(store));
      for (let i = 0; i < 2; i++) await publish(store, epoch, [subscription]);
      const { workspaceId } = subscription;
      const { nextCursor } = await store.listDeliveries(workspaceId, { limit: 1 });
      const cursor = nextCursor ?? '';
      await expect(store.listEvents(workspaceId, { limit: 1, cursor })).rejects.toBeInstanceOf(InvalidCursor);
    });

    test('of an unknown workspace is empty', async () => {
      const page = await opened.store.listEvents('f'.repeat(24), { limit: 10 });
      expect(page).toEqual({ items: [], nextCursor: null });
    });

    test('of so many deliveries that counting them takes long comes in short pages, each event once', async () => {
      const { store, epoch } = opened;
      const workspaceId = await makeWorkspace(store);
      const to = [await makeSubscription(store, workspaceId)];
      const events: NewEvent[] = [];
      for (let i = 0; i < 7; i++) {
        const event = anEvent(workspaceId, i === 2 ? to : [], { deliveryCount: 15_000 });
        await store.commitEvents(epoch, [event], true, T0 + i);
        events.push(event);
      }
      const pagesOf = async (query: Partial<EventQuery>): Promise<string[][]> => {
        const pages: string[][] = [];
        let cursor: string | null = null;
        do {
          const page = await store.listEvents(workspaceId, {
            limit: 100,
            ...query,
            ...(cursor !== null && { cursor }),
          });
          pages.push(page.items.map(({ eventId }) => eventId));
          cursor = page.nextCursor;
        } while (cursor !== null);
        return pages;
      };
      const all = events.map(({ eventId }) => eventId).toReversed();
      expect(await pagesOf({})).toEqual(all.map((eventId) => [eventId]));
      const pending = await pagesOf({ state: 'pending' });
      expect(pending.length).toBeGreaterThan(2);
      expect(pending.flat()).toEqual([events[2]?.eventId]);
    });

    test('counts the states of a failed and a skipped delivery', async () => {
      const { store, epoch } = opened;
      const workspaceId = await makeWorkspace(store);
      const to = [await makeSubscription(store, workspaceId), await makeSubscription(store, workspaceId)];
      const event = anEvent(workspaceId, to);
      const [first, second] = event.deliveries;
      if (first === undefined || second === undefined) throw new Error('There are two.');
      await store.commitEvents(
        epoch,
        [{ ...event, deliveries: [first, { ...second, state: 'skipped' }] }],
        true,
        T0,
      );
      await store.recordAttempts(epoch, [aRecord(event, failed())], T0);
      expect(await store.findEvent(workspaceId, event.eventId)).toMatchObject({
        states: { failed: 1, skipped: 1 },
      });
    });
  });
}
