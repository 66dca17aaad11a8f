import { describe, expect, test } from 'vitest';
import { HELD_DUE_AT } from '../../src/domain/delivery.ts';
import type { Subscription } from '../../src/domain/subscription.ts';
import type { NewEvent } from '../../src/store/contract/events.ts';
import type { OpenStore, RecordGiven } from './fixtures.ts';
import {
  DEATHS_MAX,
  HEALTH,
  T0,
  aNotice,
  aRecord,
  anEvent,
  deliveryIdOf,
  failed,
  makeSubscription,
  makeWorkspace,
  publish,
  retryAt,
} from './fixtures.ts';
import type { Opened } from './opened.ts';
import { sharedStore, storePerTest } from './opened.ts';

export function describeOrder(open: OpenStore): void {
  describe('ordered deliveries', () => {
    const arrange = arranging(sharedStore(open));

    test('of one key are due one after the other, as they were committed', async () => {
      const { store, workspaceId, send, end, due } = await arrange();
      const [one, two, three] = [await send('k'), await send('k'), await send('k')];
      expect(await due()).toEqual([deliveryIdOf(one)]);
      expect(await store.findDelivery(workspaceId, deliveryIdOf(two))).toMatchObject({
        state: 'pending',
        dueAt: null,
      });
      expect(await end(one, {}, T0 + 5)).toMatchObject({
        result: 'recorded',
        next: { id: deliveryIdOf(two), orderKey: 'k', attempts: 0, dueAt: T0 + 5, firstAttemptAt: null },
      });
      expect(await due()).toEqual([deliveryIdOf(two)]);
      expect((await end(two, failed())).next?.id).toBe(deliveryIdOf(three));
      expect(await end(three)).toEqual({ result: 'recorded', deactivated: false });
      expect(await due()).toEqual([]);
    });

    test('that fail hold the later ones of their key back until they are at an end', async () => {
      const { send, end, due } = await arrange();
      const [one, two] = [await send('k'), await send('k')];
      expect((await end(one, retryAt(T0 + 1_000))).next).toBeUndefined();
      expect(await due()).toEqual([deliveryIdOf(one)]);
      expect((await end(one, { number: 2 })).next?.id).toBe(deliveryIdOf(two));
    });

    test('of other keys, or of none, are not held up', async () => {
      const { send, end, due } = await arrange();
      const first = [await send('a'), await send('b'), await send(null)];
      const later = [await send('b'), await send(null), await send('a')];
      expect(await due()).toEqual(first.map((event) => deliveryIdOf(event)));
      await end(first[0], retryAt(T0 + 9));
      const nexts = [await end(first[2]), await end(first[1])].map(({ next }) => next?.id);
      expect(nexts).toEqual([later[1], later[0]].map((event) => deliveryIdOf(event ?? fail())));
    });

    test('of one call keep the order of its events, and it says which are due', async () => {
      const { store, epoch, subscription, end } = await arrange();
      const events = ['a', 'b', 'a', 'a', null, null].map((orderingKey) =>
        anEvent(subscription.workspaceId, [subscription], { orderingKey }),
      );
      const ids = events.map((event) => deliveryIdOf(event));
      const { lanes } = await store.commitEvents(epoch, events, true, T0);
      expect(lanes).toMatchObject([{ heads: [ids[0], ids[1], ids[4]] }]);
      expect((await end(events[0])).next?.id).toBe(ids[2]);
      expect((await end(events[2])).next?.id).toBe(ids[3]);
    });

    test('come at once when nothing of their key is pending any more', async () => {
      const { store, epoch, subscription, send, end } = await arrange();
      await end(await send('k'));
      const event = anEvent(subscription.workspaceId, [subscription], { orderingKey: 'k' });
      const { lanes } = await store.commitEvents(epoch, [event], true, T0);
      expect(lanes).toMatchObject([{ standing: 'held', heads: [deliveryIdOf(event)] }]);
    });

    test('of another subscription, or one that is not ordered, have nothing to do with it', async () => {
      const { store, epoch, workspaceId, subscription, due } = await arrange();
      const other = await makeSubscription(store, workspaceId, { ordered: true });
      const plain = await makeSubscription(store, workspaceId);
      const events = [];
      for (let i = 0; i < 3; i++)
        events.push(await publish(store, epoch, [subscription, other, plain], { orderingKey: 'k' }));
      expect(await due()).toHaveLength(1);
      expect((await store.loadLane(other.id, 10, 10)).first).toHaveLength(1);
      expect((await store.loadLane(plain.id, 10, 10)).first.map(({ orderKey }) => orderKey)).toEqual(
        Array(3).fill(undefined),
      );
    });

    test('that are recorded a second time make nothing due a second time', async () => {
      const { store, epoch, send, due } = await arrange();
      const [one, two] = [await send('k'), await send('k'), await send('k')];
      const record = aRecord(one);
      expect(await store.recordAttempts(epoch, [record, record], T0)).toMatchObject([
        { result: 'recorded' },
        { result: 'recorded' },
      ]);
      const [again] = await store.recordAttempts(epoch, [record], T0);
      expect(again).toEqual({ result: 'recorded', deactivated: false });
      expect(await due()).toEqual([deliveryIdOf(two)]);
    });

    test('begin anew when their subscription was switched off and on', async () => {
      const { store, epoch, workspaceId, subscription, send, end, due } = await arrange();
      const [old] = [await send('k'), await send('k')];
      await store.updateSubscription(workspaceId, subscription.id, { status: 'inactive' }, T0);
      await store.updateSubscription(workspaceId, subscription.id, { status: 'active' }, T0);
      const fresh = await publish(store, epoch, [{ ...subscription, generation: 2 }], { orderingKey: 'k' });
      expect(await due()).toEqual([deliveryIdOf(fresh)]);
      // Its attempt was in flight, and succeeded.
      expect((await end(old)).next).toBeUndefined();
      await store.cancelStale(10, [], T0);
      expect(await due()).toEqual([deliveryIdOf(fresh)]);
    });

    test('of an older generation, when cancelled, make nothing due and ready no lane', async () => {
      const { store, epoch, workspaceId, subscription } = await arrange();
      const at = T0 + 9_000;
      for (let i = 0; i < 2; i++) await publish(store, epoch, [subscription], { orderingKey: 'k', at });
      await store.releaseLanes(epoch, [{ subscriptionId: subscription.id, health: HEALTH }]);
      const isReady = async () =>
        (await store.takeLanes(epoch, T0 + 1, 1_000)).lanes.some(
          ({ subscriptionId }) => subscriptionId === subscription.id,
        );
      await store.updateSubscription(workspaceId, subscription.id, { status: 'inactive' }, T0);
      const cancelled: string[] = [];
      for (let round = 0; cancelled.length < 2 && round < 20; round++) {
        cancelled.push(...(await store.cancelStale(1, [], T0)).map(({ subscriptionId }) => subscriptionId));
        expect(await isReady()).toBe(false);
      }
      expect(cancelled).toContain(subscription.id);
    });

    test('are cancelled with all that they hold back when the receiver says 410', async () => {
      const { store, workspaceId, send, end } = await arrange();
      const [one, two] = [await send('k'), await send('k')];
      const ended = await end(one, { ...failed('gone'), statusCode: 410, deactivation: aNotice() });
      expect(ended).toEqual({ result: 'recorded', deactivated: true });
      expect(await store.findDelivery(workspaceId, deliveryIdOf(two))).toMatchObject({ state: 'cancelled' });
    });

    test('are so from the event on that is published after the switch, and those before stay as they were', async () => {
      const { store, epoch, workspaceId } = await arrange();
      const plain = await makeSubscription(store, workspaceId);
      const { id } = plain;
      const before = [await publish(store, epoch, [plain]), await publish(store, epoch, [plain])];
      const on = await store.updateSubscription(workspaceId, id, { ordered: true }, T0);
      const ordered = [
        await publish(store, epoch, [on ?? fail()]),
        await publish(store, epoch, [on ?? fail()]),
      ];
      const off = await store.updateSubscription(workspaceId, id, { ordered: false }, T0);
      const after = [
        await publish(store, epoch, [off ?? fail()]),
        await publish(store, epoch, [off ?? fail()]),
      ];
      const load = await store.loadLane(id, 10, 10);
      const due = [...before, ordered[0] ?? fail(), ...after].map((event) => deliveryIdOf(event));
      expect(load.first.map((delivery) => delivery.id)).toEqual(due);
      const [{ next } = fail()] = await store.recordAttempts(epoch, [aRecord(ordered[0] ?? fail())], T0);
      expect(next?.id).toBe(deliveryIdOf(ordered[1] ?? fail()));
    });

    test('that were matched before the switch off are due like any other', async () => {
      const { store, epoch, workspaceId, subscription, send } = await arrange();
      await send('k');
      await store.updateSubscription(workspaceId, subscription.id, { ordered: false }, T0);
      const late = anEvent(workspaceId, [subscription], { orderingKey: 'k' });
      const { lanes } = await store.commitEvents(epoch, [late], true, T0);
      expect(lanes).toMatchObject([{ heads: [deliveryIdOf(late)] }]);
    });

    test('whatever is committed and recorded at once, none is held back for ever', async () => {
      const { store, epoch, subscription, end } = await arrange();
      const keys = ['a', 'b', null];
      const made = new Map<string, NewEvent>();
      const ended: Promise<unknown>[] = [];
      const endIfDue = (ids: readonly (string | undefined)[]): void => {
        for (const id of ids) {
          const event = made.get(id ?? '');
          if (event) ended.push(end(event).then(({ next }) => endIfDue([next?.id])));
        }
      };
      for (let i = 0; i < 60; i++) {
        const orderingKey = keys[i % keys.length] ?? null;
        const event = anEvent(subscription.workspaceId, [subscription], { orderingKey });
        made.set(deliveryIdOf(event), event);
        const committed = store.commitEvents(epoch, [event], true, T0);
        ended.push(committed.then(({ lanes }) => endIfDue(lanes[0]?.heads ?? [])));
        if (i % 7 === 0) await committed;
      }
      for (const each of ended) await each;
      await expect.poll(async () => (await store.loadLane(subscription.id, 99, 99)).first).toEqual([]);
      const { items } = await store.listDeliveries(subscription.workspaceId, { limit: 100 });
      expect(new Set(items.map(({ state }) => state))).toEqual(new Set(['succeeded']));
    });
  });

  describe('lanes with ordered deliveries', () => {
    const opened = storePerTest(open);
    const arrange = arranging(opened);

    test('are ready when the first of a key is due, whatever is held back', async () => {
      const { store, epoch, subscription, send, end } = await arrange();
      const first = await send('k');
      await send('k');
      await end(first, retryAt(T0 + 500));
      await store.releaseLanes(epoch, [{ subscriptionId: subscription.id, health: HEALTH }]);
      expect(await store.takeLanes(epoch, T0 + 499, 10)).toEqual({ lanes: [], nextReadyAt: T0 + 500 });
    });

    test('that were given back are ready when a record makes the next due', async () => {
      const { store, epoch, subscription, send, end } = await arrange();
      const first = await send('k');
      const second = await send('k');
      await end(first, retryAt(T0 + 500));
      await store.releaseLanes(epoch, [{ subscriptionId: subscription.id, health: HEALTH }]);
      expect((await end(first, { number: 2 }, T0 + 7)).next?.id).toBe(deliveryIdOf(second));
      expect((await store.takeLanes(epoch, T0 + 7, 10)).lanes).toMatchObject([
        { subscriptionId: subscription.id },
      ]);
    });

    test('go on behind a delivery that fails because its nodes died of it', async () => {
      const { store, workspaceId, send, due } = await arrange();
      const [first, second] = [await send('k'), await send('k')];
      let { epoch } = opened;
      for (let death = 0; death < DEATHS_MAX; death++) {
        await store.takeLanes(epoch, T0, 10);
        await store.announceAttempt(epoch, deliveryIdOf(first));
        ({ epoch } = await opened.registerSuccessor());
      }
      expect(await store.findDelivery(workspaceId, deliveryIdOf(first))).toMatchObject({
        state: 'failed',
        failureReason: 'crashed_nodes',
      });
      expect(await due()).toEqual([deliveryIdOf(second)]);
      expect((await store.takeLanes(epoch, T0, 10)).lanes).toMatchObject([{ suspect: true }]);
    });

    test('do not count what is held back as due', async () => {
      const { store, send } = await arrange();
      for (let i = 0; i < 3; i++) await send('k');
      expect(await store.measureBacklog(HELD_DUE_AT - 1)).toEqual({ pending: 3, oldestDueAt: T0 });
    });
  });
}

function fail(): never {
  throw new Error('It is there.');
}

/** An ordered subscription, and what is done to it all the time. */
function arranging(opened: Opened) {
  return async () => {
    const { store, epoch } = opened;
    const workspaceId = await makeWorkspace(store);
    const subscription: Subscription = await makeSubscription(store, workspaceId, { ordered: true });
    return {
      store,
      epoch,
      workspaceId,
      subscription,
      send: (orderingKey: string | null) => publish(store, epoch, [subscription], { orderingKey }),
      end: async (event: NewEvent | undefined, given: RecordGiven = {}, at = T0) => {
        const [result] = await store.recordAttempts(epoch, [aRecord(event ?? fail(), given)], at);
        return result ?? fail();
      },
      due: async () => {
        const { first, retries } = await store.loadLane(subscription.id, 99, 99);
        return [...first, ...retries].map(({ id }) => id);
      },
    };
  };
}
