import { describe, expect, test } from 'vitest';
import { StoreUnavailable } from '../../src/store/store.ts';
import type { OpenStore } from './fixtures.ts';
import { T0, anEvent, makeSubscription, makeWorkspace, publish } from './fixtures.ts';
import { storePerTest } from './opened.ts';

export function describeLifecycle(open: OpenStore): void {
  describe('calls', () => {
    const opened = storePerTest(open);

    test('a probe resolves while the store takes writes, again and again', async () => {
      for (let i = 0; i < 3; i++) await expect(opened.store.probe(T0 + i)).resolves.toBeUndefined();
    });

    test('closing waits for what is under way, and later calls reject', async () => {
      const { store, epoch } = opened;
      const workspaceId = await makeWorkspace(store);
      const underWay = store.commitEvents(epoch, [anEvent(workspaceId)], true, T0);
      const closed = store.close();
      expect((await underWay).events).toEqual([{ outcome: 'stored' }]);
      await closed;
      await expect(store.countWorkspaces()).rejects.toBeInstanceOf(StoreUnavailable);
      await expect(store.findEvent(workspaceId, 'x')).rejects.toBeInstanceOf(StoreUnavailable);
      await expect(store.probe(T0)).rejects.toBeInstanceOf(StoreUnavailable);
      await store.close();
    });

    test('calls take effect in the order they were made, without waiting for one another', async () => {
      const { store, epoch } = opened;
      const workspaceId = await makeWorkspace(store);
      const subscription = await makeSubscription(store, workspaceId);
      const event = anEvent(workspaceId, [subscription]);
      const late = anEvent(workspaceId, [subscription]);
      const [first, isDeleted, second] = await Promise.all([
        store.commitEvents(epoch, [event], true, T0),
        store.deleteSubscription(workspaceId, subscription.id, T0),
        store.commitEvents(epoch, [late], true, T0),
      ]);
      // What comes after the deletion is cancelled at once, and has no lane.
      expect([first.lanes.length, isDeleted, second.lanes.length]).toEqual([1, true, 0]);
    });

    test('a load shows what was called before it, answered or not', async () => {
      const { store, epoch } = opened;
      const workspaceId = await makeWorkspace(store);
      const subscription = await makeSubscription(store, workspaceId);
      const event = anEvent(workspaceId, [subscription]);
      const load = () => store.loadLane(subscription.id, 10, 10);
      const [, committed] = await Promise.all([store.commitEvents(epoch, [event], true, T0), load()]);
      const deletion = store.deleteSubscription(workspaceId, subscription.id, T0);
      const [, deleted] = await Promise.all([deletion, load()]);
      expect([committed, deleted].map(({ first }) => first.length)).toEqual([1, 0]);
    });

    test('a call that fails spoils none of those made with it', async () => {
      const { store, epoch } = opened;
      const workspaceId = await makeWorkspace(store);
      const subscription = await makeSubscription(store, workspaceId);
      const stranger = { ...subscription, id: 'f'.repeat(24) };
      const bad = anEvent(workspaceId, [subscription, stranger]);
      const results = await Promise.allSettled([
        publish(store, epoch, [subscription]),
        store.commitEvents(epoch, [bad], true, T0),
        publish(store, epoch, [subscription]),
      ]);
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect((await store.loadLane(subscription.id, 10, 10)).first).toHaveLength(2);
      expect(await store.findEvent(workspaceId, bad.eventId)).toBeUndefined();
    });

    test('history shows everything that was answered before it was asked', async () => {
      const { store, epoch } = opened;
      const workspaceId = await makeWorkspace(store);
      for (let count = 1; count <= 20; count++) {
        await store.commitEvents(epoch, [anEvent(workspaceId)], true, T0 + count);
        expect((await store.listEvents(workspaceId, { limit: 100 })).items).toHaveLength(count);
      }
    });
  });
}
