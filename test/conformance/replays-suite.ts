import { describe, expect, test } from 'vitest';
import { newDeliveryId } from '../../src/domain/ids.ts';
import type { Subscription } from '../../src/domain/subscription.ts';
import { systemRandom } from '../../src/lib/random.ts';
import type { NewEvent } from '../../src/store/contract/events.ts';
import type { NewReplay } from '../../src/store/contract/replays.ts';
import type { OpenStore } from './fixtures.ts';
import {
  aRecord,
  deliveryIdOf,
  failed,
  HEALTH,
  makeSubscription,
  makeWorkspace,
  publish,
  retryAt,
  T0,
} from './fixtures.ts';
import { sharedStore } from './opened.ts';

export function aReplay(
  event: NewEvent,
  { id }: Pick<Subscription, 'id'>,
  replayOf: string | null = null,
): NewReplay {
  return {
    id: newDeliveryId(T0, systemRandom),
    workspaceId: event.workspaceId,
    eventId: event.eventId,
    subscriptionId: id,
    replayOf,
  };
}

export function describeReplays(open: OpenStore): void {
  describe('replays', () => {
    const opened = sharedStore(open);

    async function arrange() {
      const { store, epoch } = opened;
      const workspaceId = await makeWorkspace(store);
      const subscription = await makeSubscription(store, workspaceId);
      const event = await publish(store, epoch, [subscription]);
      const first = deliveryIdOf(event);
      const find = (id: string) => store.findDelivery(workspaceId, id);
      const replay = (replays: NewReplay[], now = T0 + 100) =>
        store.replayDeliveries(epoch, replays, true, now);
      const end = () => store.recordAttempts(epoch, [aRecord(event, failed())], T0 + 1);
      return { store, epoch, workspaceId, subscription, event, first, find, replay, end };
    }

    test('make a new pending delivery of the same event, which names the old one', async () => {
      const { store, workspaceId, subscription, event, first, find, replay, end } = await arrange();
      await end();
      const again = aReplay(event, subscription, first);
      const commit = await replay([again]);
      const { eventId, eventType } = event;
      expect(commit).toEqual({
        results: ['made'],
        lanes: [expect.objectContaining({ subscriptionId: subscription.id, workspaceId })],
        made: [
          {
            id: again.id,
            subscriptionId: subscription.id,
            workspaceId,
            eventId,
            eventType,
            generation: 1,
            attempts: 0,
            dueAt: T0 + 100,
            firstAttemptAt: null,
          },
        ],
        cancelled: [],
      });
      expect(await find(again.id)).toMatchObject({
        state: 'pending',
        attempts: 0,
        eventId,
        replayOf: first,
        replayId: null,
        createdAt: T0 + 100,
      });
      expect(await find(first)).toMatchObject({ state: 'failed', replayOf: null });
      const load = await store.loadLane(subscription.id, 10, 10);
      expect(load.first.map(({ id }) => id)).toEqual([again.id]);
      expect(await store.findEvent(workspaceId, eventId)).toMatchObject({
        states: { failed: 1, pending: 1 },
      });
      expect((await store.listDeliveries(workspaceId, { eventId, limit: 10 })).items).toMatchObject([
        { id: again.id, replayOf: first },
        { id: first, replayOf: null },
      ]);
    });

    test('of one that waits for a retry cancel it: the event is under way once', async () => {
      const { store, epoch, subscription, event, first, find, replay } = await arrange();
      await store.recordAttempts(epoch, [aRecord(event, retryAt(T0 + 50_000))], T0 + 1);
      const [one, two] = [aReplay(event, subscription, first), aReplay(event, subscription, first)];
      const { workspaceId, eventId, eventType } = event;
      const about = { workspaceId, subscriptionId: subscription.id, eventId, eventType };
      expect((await replay([one])).cancelled).toEqual([{ id: first, ...about }]);
      expect(await find(first)).toMatchObject({ state: 'cancelled', attempts: 1, finishedAt: T0 + 100 });
      // Of the same delivery again: what is pending is the replay made before.
      expect((await replay([two])).cancelled).toEqual([{ id: one.id, ...about }]);
      expect(await find(one.id)).toMatchObject({ state: 'cancelled', replayOf: first });
      expect(await find(two.id)).toMatchObject({ state: 'pending', replayOf: first });
      const load = await store.loadLane(subscription.id, 10, 10);
      expect([...load.first, ...load.retries].map(({ id }) => id)).toEqual([two.id]);
    });

    test('that name no delivery replay the latest one, if there is any', async () => {
      const { store, workspaceId, subscription, event, first, find, replay, end } = await arrange();
      const other = await makeSubscription(store, workspaceId);
      await end();
      const [one, two, three] = [
        aReplay(event, subscription),
        aReplay(event, subscription),
        aReplay(event, other),
      ];
      await replay([one, three]);
      expect(await find(one.id)).toMatchObject({ replayOf: first });
      expect(await find(three.id)).toMatchObject({ replayOf: null, subscriptionId: other.id });
      await replay([two]);
      expect(await find(two.id)).toMatchObject({ replayOf: one.id });
    });

    test('a success of an attempt in flight wins over the replay that cancelled its delivery', async () => {
      const { store, epoch, subscription, event, first, find, replay } = await arrange();
      await replay([aReplay(event, subscription, first)]);
      const results = await store.recordAttempts(epoch, [aRecord(event)], T0 + 200);
      expect(results).toEqual([{ result: 'recorded', deactivated: false }]);
      expect(await find(first)).toMatchObject({ state: 'succeeded', attempts: 1 });
    });

    test('are made only of what is stored, and for active subscriptions', async () => {
      const { store, workspaceId, subscription, event, replay, end } = await arrange();
      await end();
      const inactive = await makeSubscription(store, workspaceId, { status: 'inactive' });
      const deleted = await makeSubscription(store, workspaceId);
      await store.deleteSubscription(workspaceId, deleted.id, T0);
      const stranger = await makeSubscription(store, await makeWorkspace(store));
      const elsewhere = { ...aReplay(event, stranger), workspaceId: stranger.workspaceId };
      const { results, made } = await replay([
        aReplay({ ...event, eventId: 'unknown' }, subscription),
        aReplay(event, inactive),
        aReplay(event, deleted),
        aReplay(event, stranger),
        elsewhere,
        aReplay(event, subscription),
      ]);
      expect(results).toEqual(['gone', 'inactive', 'inactive', 'inactive', 'gone', 'made']);
      expect(made).toHaveLength(1);
    });

    test('made by a node that takes no lanes leave one that is free and ready', async () => {
      const { store, epoch, subscription, event, end } = await arrange();
      await end();
      await store.releaseLanes(epoch, [{ subscriptionId: subscription.id, health: HEALTH }]);
      const { lanes } = await store.replayDeliveries(epoch, [aReplay(event, subscription)], false, T0 + 100);
      expect(lanes).toMatchObject([{ subscriptionId: subscription.id, standing: 'free' }]);
      const taken = await store.takeLanes(epoch, T0 + 100, 1_000);
      expect(taken.lanes.map(({ subscriptionId }) => subscriptionId)).toContain(subscription.id);
    });
  });

  describe('cancelling a delivery', () => {
    const opened = sharedStore(open);

    async function arrange() {
      const { store, epoch } = opened;
      const workspaceId = await makeWorkspace(store);
      const subscription = await makeSubscription(store, workspaceId);
      const event = await publish(store, epoch, [subscription]);
      const id = deliveryIdOf(event);
      const cancel = (of = workspaceId) => store.cancelDelivery(of, id, T0 + 5);
      const find = () => store.findDelivery(workspaceId, id);
      const record = (given = {}) => store.recordAttempts(epoch, [aRecord(event, given)], T0 + 9);
      return { store, subscription, event, id, cancel, find, record };
    }

    test('ends it, once', async () => {
      const { store, subscription, event, id, cancel, find } = await arrange();
      const { workspaceId, eventId, eventType } = event;
      const delivery = { id, workspaceId, subscriptionId: subscription.id, eventId, eventType };
      expect(await cancel()).toEqual({ result: 'cancelled', delivery });
      expect(await find()).toMatchObject({ state: 'cancelled', finishedAt: T0 + 5, dueAt: null });
      expect((await store.loadLane(subscription.id, 10, 10)).first).toEqual([]);
      expect(await cancel()).toEqual({ result: 'finished' });
    });

    test('leaves what has ended as it is', async () => {
      const { cancel, find, record } = await arrange();
      await record();
      expect(await cancel()).toMatchObject({ result: 'finished' });
      expect(await find()).toMatchObject({ state: 'succeeded' });
    });

    test('loses to the success of an attempt in flight, and wins over its failure', async () => {
      const one = await arrange();
      await one.cancel();
      expect(await one.record()).toEqual([{ result: 'recorded', deactivated: false }]);
      expect(await one.find()).toMatchObject({ state: 'succeeded', attempts: 1 });
      const two = await arrange();
      await two.cancel();
      expect(await two.record(retryAt(T0 + 99))).toEqual([{ result: 'cancelled', deactivated: false }]);
      expect(await two.find()).toMatchObject({ state: 'cancelled', attempts: 1, lastOutcome: 'http_status' });
    });

    test('of another workspace or an unknown one does nothing', async () => {
      const { store, cancel, find } = await arrange();
      expect(await cancel(await makeWorkspace(store))).toBeUndefined();
      expect(await find()).toMatchObject({ state: 'pending' });
      expect(await store.cancelDelivery('nobody', 'dlv_1', T0)).toBeUndefined();
    });
  });
}
