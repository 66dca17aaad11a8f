import { describe, expect, test } from 'vitest';
import type { Subscription } from '../../src/domain/subscription.ts';
import type { LaneStanding, NewEvent } from '../../src/store/contract/events.ts';
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

export function describeLanes(open: OpenStore): void {
  describe('lanes at intake', () => {
    const opened = storePerTest(open);

    async function commitTo(
      to: readonly Subscription[],
      takeLanes = true,
      epoch = opened.epoch,
    ): Promise<LaneStanding[]> {
      const event = anEvent(to[0]?.workspaceId ?? '', to);
      return (await opened.store.commitEvents(epoch, [event], takeLanes, T0)).lanes;
    }

    async function aLane(): Promise<Subscription> {
      return makeSubscription(opened.store, await makeWorkspace(opened.store));
    }

    test('a missing lane is new, and held from then on', async () => {
      const subscription = await aLane();
      const { id: subscriptionId, workspaceId } = subscription;
      const standing = { subscriptionId, workspaceId, health: null };
      expect(await commitTo([subscription])).toEqual([{ ...standing, standing: 'new' }]);
      expect(await commitTo([subscription])).toEqual([{ ...standing, standing: 'held' }]);
      expect((await opened.store.takeLanes(opened.epoch, T0, 10)).lanes).toEqual([]);
    });

    test('one standing per subscription, however many deliveries', async () => {
      const { store, epoch } = opened;
      const a = await aLane();
      const b = await makeSubscription(store, a.workspaceId);
      const events = [
        anEvent(a.workspaceId, [a, b]),
        anEvent(a.workspaceId, [b]),
        anEvent(a.workspaceId, [a, a]),
      ];
      const { lanes } = await store.commitEvents(epoch, events, true, T0);
      expect(lanes.map(({ subscriptionId }) => subscriptionId)).toEqual([a.id, b.id]);
    });

    test('a missing lane that is not to be taken is left free and ready', async () => {
      const { store, epoch } = opened;
      const subscription = await aLane();
      expect(await commitTo([subscription], false)).toMatchObject([{ standing: 'free' }]);
      expect(await commitTo([subscription], false)).toMatchObject([{ standing: 'free' }]);
      expect((await store.takeLanes(epoch, T0, 10)).lanes).toHaveLength(1);
    });

    test('a free lane is taken, with its health and its work of before', async () => {
      const { store, epoch } = opened;
      const subscription = await aLane();
      const event = await publish(store, epoch, [subscription]);
      await store.recordAttempts(epoch, [aRecord(event, retryAt(T0 + 60_000))], T0);
      const health = { ...HEALTH, limit: 3, pausedUntil: T0 + 9 };
      await store.releaseLanes(epoch, [{ subscriptionId: subscription.id, health }]);
      expect(await commitTo([subscription])).toMatchObject([{ standing: 'taken', health }]);
      const { first, retries } = await store.loadLane(subscription.id, 10, 10);
      expect([first.length, retries.length]).toEqual([1, 1]);
    });

    test('a free lane that is not to be taken becomes ready for the new delivery, but not before its pause is over', async () => {
      const { store, epoch } = opened;
      const [plain, paused] = [await aLane(), await aLane()];
      for (const subscription of [plain, paused]) {
        const event = await publish(store, epoch, [subscription]);
        await store.recordAttempts(epoch, [aRecord(event, retryAt(T0 + 60_000))], T0);
      }
      await store.releaseLanes(epoch, [
        { subscriptionId: plain.id, health: HEALTH },
        { subscriptionId: paused.id, health: { ...HEALTH, pausedUntil: T0 + 500 } },
      ]);
      await commitTo([plain], false);
      await commitTo([paused], false);
      const taken = await store.takeLanes(epoch, T0, 10);
      expect(taken).toMatchObject({ lanes: [{ subscriptionId: plain.id }], nextReadyAt: T0 + 500 });
    });

    test('a suspect lane is left free, for takeLanes to tell', async () => {
      const { store } = opened;
      const subscription = await aLane();
      await commitTo([subscription]);
      const { epoch } = await opened.registerSuccessor();
      expect(await commitTo([subscription], true, epoch)).toMatchObject([{ standing: 'free' }]);
      expect((await store.takeLanes(epoch, T0, 10)).lanes).toMatchObject([{ suspect: true }]);
    });

    test('a lane that another node holds is foreign', async () => {
      const subscription = await aLane();
      const next = await opened.registerSuccessor();
      await commitTo([subscription], true, next.epoch);
      expect(await commitTo([subscription], true, opened.epoch)).toMatchObject([{ standing: 'foreign' }]);
    });
  });

  describe('lanes to take', () => {
    const opened = storePerTest(open);

    /** As many ready lanes in a workspace of their own. */
    async function readyLanes(count: number, workspaceId?: string): Promise<string> {
      const { store, epoch } = opened;
      const id = workspaceId ?? (await makeWorkspace(store));
      const made = await Promise.all(Array.from({ length: count }, () => makeSubscription(store, id)));
      await publish(store, epoch, made, { takeLanes: false });
      return id;
    }

    function countByWorkspace(lanes: readonly { workspaceId: string }[]): Map<string, number> {
      const counts = new Map<string, number>();
      for (const { workspaceId } of lanes) counts.set(workspaceId, (counts.get(workspaceId) ?? 0) + 1);
      return counts;
    }

    test('are those that are ready, and each is taken once', async () => {
      const { store, epoch } = opened;
      await readyLanes(3);
      expect(await store.takeLanes(epoch, T0 - 1, 10)).toEqual({ lanes: [], nextReadyAt: T0 });
      const taken = await store.takeLanes(epoch, T0, 10);
      expect(taken.lanes).toHaveLength(3);
      expect(taken.nextReadyAt).toBeNull();
      expect(await store.takeLanes(epoch, T0, 10)).toEqual({ lanes: [], nextReadyAt: null });
    });

    test('are shared out evenly: a workspace with many cannot have them all', async () => {
      const { store, epoch } = opened;
      const many = await readyLanes(50);
      const few = await readyLanes(2);
      const some = await readyLanes(10);
      const taken = await store.takeLanes(epoch, T0, 20);
      const counts = countByWorkspace(taken.lanes);
      expect(taken.lanes).toHaveLength(20);
      expect(counts.get(few)).toBe(2);
      expect(counts.get(some)).toBeGreaterThanOrEqual(8);
      expect(counts.get(many)).toBeGreaterThanOrEqual(8);
      expect(taken.nextReadyAt).toBe(T0);
    });

    test('go to every workspace in turn, also when there are more workspaces than lanes asked for', async () => {
      const { store, epoch } = opened;
      const workspaces = await Promise.all(Array.from({ length: 6 }, () => readyLanes(5)));
      const served = new Set<string>();
      for (let call = 0; call < 3; call++) {
        const { lanes } = await store.takeLanes(epoch, T0, 2);
        expect(lanes).toHaveLength(2);
        for (const { workspaceId } of lanes) served.add(workspaceId);
      }
      expect(served).toEqual(new Set(workspaces));
    });

    test('a limit is reached exactly while there are enough', async () => {
      const { store, epoch } = opened;
      for (const count of [1, 7, 13]) await readyLanes(count);
      const sizes: number[] = [];
      for (let call = 0; call < 5; call++) sizes.push((await store.takeLanes(epoch, T0, 5)).lanes.length);
      expect(sizes).toEqual([5, 5, 5, 5, 1]);
    });
  });

  describe('a lane', () => {
    const opened = storePerTest(open);

    async function arrange() {
      const { store, epoch } = opened;
      const workspaceId = await makeWorkspace(store);
      const subscription = await makeSubscription(store, workspaceId);
      return { store, epoch, workspaceId, subscription };
    }

    test('is loaded in order of due time, first attempts and retries apart', async () => {
      const { store, epoch, workspaceId, subscription } = await arrange();
      const events: NewEvent[] = [];
      for (const at of [T0 + 2, T0, T0 + 1]) events.push(await publish(store, epoch, [subscription], { at }));
      const retried = await publish(store, epoch, [subscription], { eventType: 'crm.lead.updated' });
      await store.recordAttempts(epoch, [aRecord(retried, { startedAt: T0 + 3, ...retryAt(T0 + 99) })], T0);
      const load = await store.loadLane(subscription.id, 10, 10);
      expect(load.first.map(({ dueAt }) => dueAt)).toEqual([T0, T0 + 1, T0 + 2]);
      expect(load.first.map(({ id }) => id)).toEqual(
        [1, 2, 0].map((i) => deliveryIdOf(events[i] ?? retried)),
      );
      expect(load.retries).toEqual([
        {
          id: deliveryIdOf(retried),
          subscriptionId: subscription.id,
          workspaceId,
          eventId: retried.eventId,
          eventType: 'crm.lead.updated',
          generation: 1,
          attempts: 1,
          dueAt: T0 + 99,
          firstAttemptAt: T0 + 3,
          deaths: 0,
        },
      ]);
    });

    test('those due at the same time come in the order of commit', async () => {
      const { store, epoch, subscription } = await arrange();
      const ids: string[] = [];
      for (let i = 0; i < 20; i++) ids.push(deliveryIdOf(await publish(store, epoch, [subscription])));
      const { first } = await store.loadLane(subscription.id, 100, 0);
      expect(first.map(({ id }) => id)).toEqual(ids);
    });

    test('says whether there is more than was asked for', async () => {
      const { store, epoch, subscription } = await arrange();
      const events = [];
      for (let i = 0; i < 4; i++) events.push(await publish(store, epoch, [subscription]));
      const records = events.slice(2).map((event) => aRecord(event, retryAt(T0 + 5)));
      await store.recordAttempts(epoch, records, T0);
      const { id } = subscription;
      expect(await store.loadLane(id, 1, 2)).toMatchObject({ firstComplete: false, retriesComplete: true });
      expect(await store.loadLane(id, 2, 1)).toMatchObject({ firstComplete: true, retriesComplete: false });
      expect(await store.loadLane(id, 0, 0)).toEqual({
        first: [],
        firstComplete: false,
        retries: [],
        retriesComplete: false,
      });
      expect(await store.loadLane('f'.repeat(24), 5, 5)).toMatchObject({ first: [], firstComplete: true });
    });

    test('that is given back is ready when its next delivery is due', async () => {
      const { store, epoch, subscription, workspaceId } = await arrange();
      const subscriptionId = subscription.id;
      const sooner = await publish(store, epoch, [subscription]);
      const later = await publish(store, epoch, [subscription]);
      const records = [aRecord(later, retryAt(T0 + 300)), aRecord(sooner, retryAt(T0 + 100))];
      await store.recordAttempts(epoch, records, T0);
      const health = { ...HEALTH, limit: 4 };
      await store.releaseLanes(epoch, [{ subscriptionId, health }]);
      expect(await store.takeLanes(epoch, T0 + 99, 10)).toEqual({ lanes: [], nextReadyAt: T0 + 100 });
      const { lanes } = await store.takeLanes(epoch, T0 + 100, 10);
      expect(lanes).toEqual([{ subscriptionId, workspaceId, suspect: false, health }]);
    });

    test('that is given back paused is not ready before the pause is over', async () => {
      const { store, epoch, subscription } = await arrange();
      await publish(store, epoch, [subscription]);
      const health = { ...HEALTH, pausedUntil: T0 + 700 };
      await store.releaseLanes(epoch, [{ subscriptionId: subscription.id, health }]);
      expect(await store.takeLanes(epoch, T0 + 699, 10)).toEqual({ lanes: [], nextReadyAt: T0 + 700 });
    });

    test('that is given back without unfinished deliveries is gone', async () => {
      const { store, epoch, subscription } = await arrange();
      const event = await publish(store, epoch, [subscription]);
      await store.recordAttempts(epoch, [aRecord(event)], T0);
      await store.releaseLanes(epoch, [{ subscriptionId: subscription.id, health: HEALTH }]);
      expect(await store.takeLanes(epoch, T0, 10)).toEqual({ lanes: [], nextReadyAt: null });
      const again = await store.commitEvents(
        epoch,
        [anEvent(subscription.workspaceId, [subscription])],
        true,
        T0,
      );
      expect(again.lanes).toMatchObject([{ standing: 'new' }]);
    });

    test('whose deliveries were all of an older generation is gone when given back', async () => {
      const { store, epoch, subscription, workspaceId } = await arrange();
      await publish(store, epoch, [subscription]);
      await store.updateSubscription(workspaceId, subscription.id, { status: 'inactive' }, T0);
      await store.releaseLanes(epoch, [{ subscriptionId: subscription.id, health: HEALTH }]);
      expect(await store.takeLanes(epoch, T0, 10)).toEqual({ lanes: [], nextReadyAt: null });
    });

    test('is given back only by the node that holds it', async () => {
      const { store, epoch, subscription } = await arrange();
      const next = await opened.registerSuccessor();
      await publish(store, next.epoch, [subscription]);
      await store.releaseLanes(epoch, [{ subscriptionId: subscription.id, health: HEALTH }]);
      expect((await store.takeLanes(next.epoch, T0, 10)).lanes).toEqual([]);
    });
  });

  describe('stale deliveries', () => {
    const opened = storePerTest(open);

    async function arrange(count: number) {
      const { store, epoch } = opened;
      const workspaceId = await makeWorkspace(store);
      const subscription = await makeSubscription(store, workspaceId);
      const events = [];
      for (let i = 0; i < count; i++)
        events.push(await publish(store, epoch, [subscription], { eventType: `crm.lead.${i}` }));
      const kept = await makeSubscription(store, workspaceId);
      await publish(store, epoch, [kept]);
      await store.deleteSubscription(workspaceId, subscription.id, T0);
      const ids = events.map((event) => deliveryIdOf(event));
      const told = events.map((event, i) => ({
        id: ids[i],
        workspaceId,
        subscriptionId: subscription.id,
        eventId: event.eventId,
        eventType: event.eventType,
      }));
      return { store, epoch, workspaceId, kept, events, ids, told };
    }

    test('are cancelled in chunks, and no others are', async () => {
      const { store, workspaceId, kept, ids, told } = await arrange(5);
      const [three, two] = [await store.cancelStale(3, [], T0 + 1), await store.cancelStale(3, [], T0 + 2)];
      expect([three, two].map(({ length }) => length)).toEqual([3, 2]);
      expect([...three, ...two]).toEqual(expect.arrayContaining(told));
      expect(await store.cancelStale(3, [], T0 + 3)).toHaveLength(0);
      for (const id of ids) {
        expect(await store.findDelivery(workspaceId, id)).toMatchObject({ state: 'cancelled', dueAt: null });
      }
      expect((await store.loadLane(kept.id, 10, 10)).first).toHaveLength(1);
    });

    test('in flight are left for their record, and cancelled later if none comes', async () => {
      const { store, epoch, workspaceId, ids, events } = await arrange(4);
      expect(await store.cancelStale(10, ids.slice(0, 3), T0)).toHaveLength(1);
      const [first] = events;
      if (first === undefined) throw new Error('There are four.');
      expect(await store.recordAttempts(epoch, [aRecord(first)], T0)).toMatchObject([{ result: 'recorded' }]);
      expect(await store.cancelStale(10, ids.slice(1, 2), T0)).toHaveLength(1);
      expect(await store.cancelStale(10, [], T0)).toHaveLength(1);
      expect((await store.findDelivery(workspaceId, ids[0] ?? ''))?.state).toBe('succeeded');
    });

    test('are found again each time their subscription stops', async () => {
      const { store, epoch } = opened;
      const workspaceId = await makeWorkspace(store);
      const subscription = await makeSubscription(store, workspaceId);
      for (let generation = 1; generation <= 3; generation++) {
        await publish(store, epoch, [{ ...subscription, generation }]);
        await store.updateSubscription(workspaceId, subscription.id, { status: 'inactive' }, T0);
        await store.updateSubscription(workspaceId, subscription.id, { status: 'active' }, T0);
        expect(await store.cancelStale(10, [], T0)).toHaveLength(1);
      }
    });
  });
}
