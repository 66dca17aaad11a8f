import { describe, expect, test } from 'vitest';
import { LAST_CHANCE_AFTER_MS } from '../../src/domain/delivery.ts';
import type { Store } from '../../src/store/store.ts';
import type { OpenStore } from './fixtures.ts';
import {
  DEATHS_MAX,
  T0,
  aRecord,
  deliveryIdOf,
  makeSubscription,
  makeWorkspace,
  publish,
  retryAt,
} from './fixtures.ts';
import { storePerTest } from './opened.ts';

export function describeNodes(open: OpenStore): void {
  describe('nodes', () => {
    const opened = storePerTest(open);

    async function arrange() {
      const { store, epoch } = opened;
      const workspaceId = await makeWorkspace(store);
      const subscription = await makeSubscription(store, workspaceId);
      const event = await publish(store, epoch, [subscription]);
      return { store, epoch, workspaceId, subscription, event };
    }

    /** A node takes every lane, announces the attempt, and dies: the next one registers. */
    async function dieOf(store: Store, epoch: number, deliveryId: string): Promise<number> {
      await store.takeLanes(epoch, T0, 10);
      await store.announceAttempt(epoch, deliveryId);
      return (await opened.registerSuccessor()).epoch;
    }

    test('epochs grow, also after the last one was retired', async () => {
      const { store, epoch } = opened;
      const second = await opened.registerSuccessor();
      await store.retireNode(second.epoch, T0);
      const third = await opened.registerSuccessor();
      expect(second.epoch).toBeGreaterThan(epoch);
      expect(third.epoch).toBeGreaterThan(second.epoch);
    });

    test('a node renews its lease until it is retired, by its own end or by others', async () => {
      const { store, epoch } = opened;
      expect([await store.renewNode(epoch), await store.renewNode(epoch)]).toEqual([true, true]);
      const second = await opened.registerSuccessor();
      expect([await store.renewNode(epoch), await store.renewNode(second.epoch)]).toEqual([false, true]);
      await store.retireNode(second.epoch, T0);
      expect(await store.renewNode(second.epoch)).toBe(false);
    });

    test('each lane of the dead is freed once, and none of the living', async () => {
      const { store, workspaceId } = await arrange();
      for (let i = 0; i < 2; i++)
        await publish(store, opened.epoch, [await makeSubscription(store, workspaceId)]);
      expect(await store.retireDeadNodes(T0, DEATHS_MAX)).toBe(0);
      const { epoch, lanesFreed } = await opened.registerSuccessor();
      expect(lanesFreed).toBe(3);
      expect((await store.takeLanes(epoch, T0, 10)).lanes).toHaveLength(3);
      expect(await store.retireDeadNodes(T0, DEATHS_MAX)).toBe(0);
      expect((await store.takeLanes(epoch, T0, 10)).lanes).toEqual([]);
    });

    test('the lanes of a node that died are free and suspect', async () => {
      const { store, subscription, workspaceId } = await arrange();
      const next = await opened.registerSuccessor();
      expect(next.lanesFreed).toBe(1);
      const { lanes } = await store.takeLanes(next.epoch, T0, 10);
      expect(lanes).toEqual([{ subscriptionId: subscription.id, workspaceId, suspect: true, health: null }]);
    });

    test('the lanes of a node that retired are free and not suspect', async () => {
      const { store, epoch } = await arrange();
      await store.retireNode(epoch, T0);
      const next = await opened.registerSuccessor();
      expect(next.lanesFreed).toBe(0);
      expect((await store.takeLanes(next.epoch, T0, 10)).lanes).toMatchObject([{ suspect: false }]);
    });

    test('a retired node is handed no lanes, and leaves those of its last events free', async () => {
      const { store, epoch, subscription } = await arrange();
      const other = await makeSubscription(store, subscription.workspaceId);
      await store.retireNode(epoch, T0);
      expect((await store.takeLanes(epoch, T0, 10)).lanes).toEqual([]);
      await publish(store, epoch, [subscription, other]);
      const next = await opened.registerSuccessor();
      expect(next.lanesFreed).toBe(0);
      expect((await store.takeLanes(next.epoch, T0, 10)).lanes).toHaveLength(2);
    });

    test('a delivery whose attempts were announced by as many dying nodes has failed', async () => {
      const { store, epoch, workspaceId, subscription, event } = await arrange();
      let current = (await opened.registerSuccessor()).epoch;
      for (let deaths = 1; deaths < DEATHS_MAX; deaths++) {
        current = await dieOf(store, current, deliveryIdOf(event));
        expect((await store.findDelivery(workspaceId, deliveryIdOf(event)))?.state).toBe('pending');
      }
      current = await dieOf(store, current, deliveryIdOf(event));
      expect(await store.findDelivery(workspaceId, deliveryIdOf(event))).toMatchObject({
        state: 'failed',
        failureReason: 'crashed_nodes',
        attempts: 0,
        dueAt: null,
        finishedAt: T0,
      });
      expect(current).toBeGreaterThan(epoch);
      expect((await store.loadLane(subscription.id, 10, 10)).first).toEqual([]);
    });

    test('only the announced delivery has a death to its name', async () => {
      const { store, subscription, event } = await arrange();
      await publish(store, opened.epoch, [subscription]);
      let current = (await opened.registerSuccessor()).epoch;
      for (let deaths = 0; deaths < DEATHS_MAX; deaths++) {
        current = await dieOf(store, current, deliveryIdOf(event));
      }
      expect((await store.loadLane(subscription.id, 10, 10)).first).toHaveLength(1);
    });

    test('the last chances come after a while and one after the other; the deaths are told', async () => {
      const { store, workspaceId, subscription, event } = await arrange();
      const other = await makeSubscription(store, workspaceId);
      const otherEvent = await publish(store, opened.epoch, [other]);
      const loaded = async ({ id }: { id: string }) => (await store.loadLane(id, 10, 10)).first[0];
      let current = (await opened.registerSuccessor()).epoch;
      expect(await loaded(subscription)).toMatchObject({ dueAt: T0, deaths: 0 });
      for (let deaths = 1; deaths < DEATHS_MAX; deaths++) {
        expect((await loaded(subscription))?.dueAt).toBe(T0);
        await store.announceAttempt(current, deliveryIdOf(otherEvent));
        current = await dieOf(store, current, deliveryIdOf(event));
      }
      const both = [await loaded(subscription), await loaded(other)];
      expect(both).toMatchObject([{ deaths: DEATHS_MAX - 1 }, { deaths: DEATHS_MAX - 1 }]);
      const dueAts = both.map((delivery) => delivery?.dueAt ?? 0).toSorted((a, b) => a - b);
      expect(dueAts).toEqual([T0 + LAST_CHANCE_AFTER_MS, T0 + LAST_CHANCE_AFTER_MS + subscription.timeoutMs]);
    });

    test('an orderly end is no death, whatever was announced', async () => {
      const { store, workspaceId, event } = await arrange();
      for (let ends = 0; ends <= DEATHS_MAX; ends++) {
        const { epoch } = await opened.registerSuccessor();
        await store.announceAttempt(epoch, deliveryIdOf(event));
        await store.retireNode(epoch, T0);
      }
      await opened.registerSuccessor();
      expect((await store.findDelivery(workspaceId, deliveryIdOf(event)))?.state).toBe('pending');
    });

    test('a recorded attempt clears the deaths: it did not kill its node', async () => {
      const { store, workspaceId, event } = await arrange();
      let current = (await opened.registerSuccessor()).epoch;
      for (let number = 1; number <= DEATHS_MAX; number++) {
        for (let deaths = 1; deaths < DEATHS_MAX; deaths++) {
          current = await dieOf(store, current, deliveryIdOf(event));
        }
        await store.announceAttempt(current, deliveryIdOf(event));
        await store.recordAttempts(current, [aRecord(event, { number, ...retryAt(T0) })], T0);
      }
      current = (await opened.registerSuccessor()).epoch;
      expect(await store.findDelivery(workspaceId, deliveryIdOf(event))).toMatchObject({
        state: 'pending',
        attempts: DEATHS_MAX,
      });
    });

    test('a lane stays suspect through a change of hands until an attempt is recorded', async () => {
      const { store, subscription, event } = await arrange();
      const { epoch } = await opened.registerSuccessor();
      const { lanes } = await store.takeLanes(epoch, T0, 10);
      const release = lanes.map(({ subscriptionId }) => ({
        subscriptionId,
        health: {
          condition: 'new',
          limit: 1,
          failuresInRow: 0,
          probeIntervalMs: 1000,
          heldUntil: 0,
          pausedUntil: 0,
        } as const,
      }));
      await store.releaseLanes(epoch, release);
      expect((await store.takeLanes(epoch, T0, 10)).lanes).toMatchObject([{ suspect: true }]);
      await store.recordAttempts(epoch, [aRecord(event, retryAt(T0))], T0);
      await store.releaseLanes(epoch, release);
      expect((await store.takeLanes(epoch, T0, 10)).lanes).toMatchObject([
        { subscriptionId: subscription.id, suspect: false },
      ]);
    });
  });
}
