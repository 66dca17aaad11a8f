import { describe, expect, test } from 'vitest';
import type { Counts } from '../../src/domain/statistics.ts';
import { count, noCounts, readStatistics, SPAN_KEPT_MS, SPANS_MS } from '../../src/domain/statistics.ts';
import type { OpenStore } from './fixtures.ts';
import { aRecord, makeSubscription, makeWorkspace, publish, retryAt, T0 } from './fixtures.ts';
import { sharedStore, storePerTest } from './opened.ts';

const { short, long } = SPANS_MS;
/** A whole hour. */
const HOUR = Math.floor(T0 / long) * long;

function attempts(number: number): Counts {
  const counts = noCounts();
  for (let i = 0; i < number; i++) count(counts, { outcome: 'success', durationMs: 7, state: 'succeeded' });
  return counts;
}

/** What is kept of a subscription's attempts. */
export function describeStatistics(open: OpenStore): void {
  describe('statistics', () => {
    const opened = sharedStore(open);

    async function arrange() {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const { id } = await makeSubscription(store, workspaceId);
      return {
        id,
        workspaceId,
        add: (at: number, number: number, subscriptionId = id) =>
          store.addStatistics([
            { of: 'subscription', id: subscriptionId, startAt: at, counts: attempts(number) },
          ]),
        succeeded: async (span: 'short' | 'long', since: number, inWorkspace = workspaceId) =>
          readStatistics(await store.sumStatistics(inWorkspace, id, span, since)).succeeded,
      };
    }

    test('are summed up over short spans and long ones', async () => {
      const { add, succeeded } = await arrange();
      await add(HOUR, 1);
      await add(HOUR, 10);
      await add(HOUR + short, 100);
      await add(HOUR + long, 1_000);
      expect(await succeeded('short', HOUR)).toBe(1_111);
      expect(await succeeded('short', HOUR + short)).toBe(1_100);
      expect(await succeeded('long', HOUR)).toBe(1_111);
      expect(await succeeded('long', HOUR + 1)).toBe(1_000);
      expect(await succeeded('long', HOUR + long + 1)).toBe(0);
    });

    test('of several entries at once are added up, each to its own subscription', async () => {
      const { store } = opened;
      const [one, two] = [await arrange(), await arrange()];
      const entry = ({ id }: { id: string }, startAt: number, number: number) => ({
        of: 'subscription' as const,
        id,
        startAt,
        counts: attempts(number),
      });
      await store.addStatistics([
        entry(two, HOUR, 1),
        entry(one, HOUR + short, 20),
        entry(one, HOUR, 2),
        entry(one, HOUR, 200),
      ]);
      await store.addStatistics([]);
      expect([await one.succeeded('short', HOUR), await one.succeeded('long', HOUR)]).toEqual([222, 222]);
      expect([await two.succeeded('short', HOUR), await two.succeeded('long', HOUR)]).toEqual([1, 1]);
    });

    test('and backlogs are told within the workspace only', async () => {
      const { store, epoch } = opened;
      const { id, workspaceId, add, succeeded } = await arrange();
      const other = await makeWorkspace(store);
      await add(HOUR, 5);
      const subscription = await store.findSubscription(workspaceId, id);
      if (subscription === undefined) throw new Error('It was just made.');
      await publish(store, epoch, [subscription]);
      expect(await succeeded('short', 0, other)).toBe(0);
      expect(await store.measureSubscription(other, id, 10)).toEqual({ pending: 0, oldestDueAt: null });
      expect(await store.measureSubscription(workspaceId, 'f'.repeat(24), 10)).toEqual({
        pending: 0,
        oldestDueAt: null,
      });
    });

    test('of a backlog are counted no further than asked for, with what is due first', async () => {
      const { store, epoch } = opened;
      const workspaceId = await makeWorkspace(store);
      const subscription = await makeSubscription(store, workspaceId);
      const measure = (max: number) => store.measureSubscription(workspaceId, subscription.id, max);
      expect(await measure(10)).toEqual({ pending: 0, oldestDueAt: null });
      const first = await publish(store, epoch, [subscription], { at: T0 + 1 });
      for (let i = 2; i < 6; i++) await publish(store, epoch, [subscription], { at: T0 + i });
      await store.recordAttempts(epoch, [aRecord(first, retryAt(T0 + 99))], T0 + 6);
      expect(await measure(10)).toEqual({ pending: 5, oldestDueAt: T0 + 2 });
      expect(await measure(3)).toMatchObject({ pending: 3 });
      await store.updateSubscription(workspaceId, subscription.id, { status: 'inactive' }, T0 + 7);
      expect(await measure(10)).toEqual({ pending: 0, oldestDueAt: null });
    });
  });

  describe('old statistics', () => {
    const opened = storePerTest(open);

    test('are removed when nobody asks for them any more', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const { id } = await makeSubscription(store, workspaceId);
      const add = (startAt: number) =>
        store.addStatistics([{ of: 'subscription', id, startAt, counts: attempts(1) }]);
      await add(HOUR);
      await add(HOUR + short);
      await add(HOUR + long);
      expect(await store.removeStatistics(HOUR + SPAN_KEPT_MS.short, 10)).toBe(0);
      expect(await store.removeStatistics(HOUR + SPAN_KEPT_MS.short + 1, 10)).toBe(1);
      expect(await store.removeStatistics(HOUR + SPAN_KEPT_MS.long + 1, 1)).toBe(1);
      expect(await store.removeStatistics(HOUR + SPAN_KEPT_MS.long + 1, 10)).toBe(2);
      const left = await store.sumStatistics(workspaceId, id, 'long', 0);
      expect(readStatistics(left).succeeded).toBe(1);
    });
  });
}
