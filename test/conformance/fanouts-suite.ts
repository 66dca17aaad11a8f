import { describe, expect, test } from 'vitest';
import type { OpenStore } from './fixtures.ts';
import { T0, anEvent, anId, makeSubscription, makeWorkspace } from './fixtures.ts';
import { storePerTest } from './opened.ts';

export function describeFanouts(open: OpenStore): void {
  describe('a cut fan-out', () => {
    const opened = storePerTest(open);

    async function arrange() {
      const { store, epoch } = opened;
      const workspaceId = await makeWorkspace(store);
      // In order of their ids, as they are matched: a chunk lies behind the cursor.
      const made = [0, 1, 2].map((i) => ({ id: `${i}${anId().slice(1)}` }));
      const [a, b, c] = [
        await makeSubscription(store, workspaceId, made[0]),
        await makeSubscription(store, workspaceId, made[1]),
        await makeSubscription(store, workspaceId, made[2]),
      ];
      const event = { ...anEvent(workspaceId, [a]), deliveryCount: 3, fanoutCursor: a.id, matchedVersion: 3 };
      await store.commitEvents(epoch, [event], true, T0);
      const chunkTo = (to: (typeof a)[], fanoutCursor: string | null) => ({
        workspaceId,
        eventId: event.eventId,
        deliveries: anEvent(workspaceId, to).deliveries,
        fanoutCursor,
      });
      return { store, epoch, workspaceId, a, b, c, event, chunkTo };
    }

    test('is listed until it is complete, with where it stands', async () => {
      const { store, epoch, workspaceId, b, c, event, chunkTo } = await arrange();
      const { eventId, eventType } = event;
      const unfinished = { workspaceId, eventId, eventType, matchedVersion: 3 };
      expect(await store.listUnfinishedFanouts(10)).toEqual([
        { ...unfinished, fanoutCursor: event.fanoutCursor },
      ]);
      const lanes = await store.continueFanout(epoch, chunkTo([b], b.id), true, T0 + 1);
      expect(lanes).toEqual([{ subscriptionId: b.id, workspaceId, standing: 'new', health: null }]);
      expect(await store.listUnfinishedFanouts(10)).toEqual([{ ...unfinished, fanoutCursor: b.id }]);
      await store.continueFanout(epoch, chunkTo([c], null), true, T0 + 1);
      expect(await store.listUnfinishedFanouts(10)).toEqual([]);
      expect(await store.findEvent(workspaceId, eventId)).toMatchObject({
        deliveryCount: 3,
        states: { pending: 3 },
      });
    });

    test('counts what it really made once it is complete: a subscription may have gone meanwhile', async () => {
      const { store, epoch, workspaceId, a, b, c, event, chunkTo } = await arrange();
      await store.deleteSubscription(workspaceId, c.id, T0);
      await store.continueFanout(epoch, chunkTo([b], b.id), true, T0);
      expect(await store.findEvent(workspaceId, event.eventId)).toMatchObject({ deliveryCount: 3 });
      await store.continueFanout(epoch, chunkTo([], null), true, T0);
      expect(await store.findEvent(workspaceId, event.eventId)).toMatchObject({
        deliveryCount: 2,
        states: { pending: 2 },
      });
      const again = await store.commitEvents(epoch, [anEvent(workspaceId, [a], { ...event })], true, T0);
      expect(again.events).toMatchObject([{ outcome: 'duplicate', event: { deliveryCount: 2 } }]);
    });

    test('counts all its deliveries from the start', async () => {
      const { store, epoch, event } = await arrange();
      const again = await store.commitEvents(epoch, [event], true, T0);
      expect(again.events).toMatchObject([{ outcome: 'duplicate', event: { deliveryCount: 3 } }]);
    });

    test('goes on as one: a chunk that fails moves nothing', async () => {
      const { store, epoch, b, workspaceId, event, chunkTo } = await arrange();
      const stranger = await makeSubscription(store, await makeWorkspace(store));
      await expect(
        store.continueFanout(epoch, chunkTo([b, stranger], null), true, T0),
      ).rejects.toBeInstanceOf(Error);
      expect(await store.listUnfinishedFanouts(10)).toMatchObject([{ fanoutCursor: event.fanoutCursor }]);
      expect(await store.findEvent(workspaceId, event.eventId)).toMatchObject({ states: { pending: 1 } });
    });

    test('makes no delivery once it is complete', async () => {
      const { store, epoch, b, chunkTo } = await arrange();
      await store.continueFanout(epoch, chunkTo([], null), true, T0);
      await expect(store.continueFanout(epoch, chunkTo([b], null), true, T0)).rejects.toBeInstanceOf(Error);
      expect((await store.loadLane(b.id, 10, 10)).first).toEqual([]);
    });

    test('is listed oldest first, at most the limit', async () => {
      const { store, epoch, workspaceId, a, event } = await arrange();
      const second = { ...anEvent(workspaceId), fanoutCursor: a.id };
      await store.commitEvents(epoch, [second], true, T0 - 1);
      expect(await store.listUnfinishedFanouts(1)).toMatchObject([{ eventId: event.eventId }]);
      expect(await store.listUnfinishedFanouts(10)).toHaveLength(2);
    });
  });
}
