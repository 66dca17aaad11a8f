import { describe, expect, test } from 'vitest';
import type { Counts, Span } from '../../src/domain/statistics.ts';
import {
  count,
  countPublished,
  noCounts,
  publishedOf,
  readStatistics,
  SPAN_KEPT_MS,
  SPANS_MS,
} from '../../src/domain/statistics.ts';
import type { Subscription } from '../../src/domain/subscription.ts';
import type { StatisticsEntry } from '../../src/store/contract/statistics.ts';
import type { OpenStore } from './fixtures.ts';
import { aRecord, makeSubscription, makeWorkspace, publish, retryAt, T0 } from './fixtures.ts';
import { sharedStore, storePerTest } from './opened.ts';

const { short, long } = SPANS_MS;
/** A whole hour. */
const HOUR = Math.floor(T0 / long) * long;

function counted({ published = 0, succeeded = 0, failed = 0 }): Counts {
  const counts = noCounts();
  for (let i = 0; i < published; i++) countPublished(counts);
  for (let i = 0; i < succeeded; i++)
    count(counts, { outcome: 'success', durationMs: 7, state: 'succeeded' });
  for (let i = 0; i < failed; i++) count(counts, { outcome: 'timeout', durationMs: 7, state: 'failed' });
  return counts;
}

function entry(
  of: StatisticsEntry['of'],
  id: string,
  startAt: number,
  what: Parameters<typeof counted>[0],
): StatisticsEntry {
  return { of, id, startAt, counts: counted(what) };
}

/** What is kept of a workspace's events and attempts, and how its subscriptions fare. */
export function describeWorkspaceStatistics(open: OpenStore): void {
  describe("a workspace's statistics", () => {
    const opened = sharedStore(open);
    const publishedIn = async (workspaceId: string, span: Span, since = HOUR) =>
      (await opened.store.listStatistics(workspaceId, span, since)).map(({ startAt, counts }) => [
        startAt,
        publishedOf(counts),
      ]);

    test('are kept by short spans and by long ones, beside those of its subscriptions', async () => {
      const { store } = opened;
      const [workspaceId, other] = [await makeWorkspace(store), await makeWorkspace(store)];
      const { id } = await makeSubscription(store, workspaceId);
      await store.addStatistics([
        entry('workspace', workspaceId, HOUR + short, { published: 20 }),
        entry('workspace', workspaceId, HOUR, { published: 3, succeeded: 1, failed: 2 }),
        entry('subscription', id, HOUR, { succeeded: 7 }),
        entry('workspace', workspaceId, HOUR, { published: 100 }),
        entry('workspace', other, HOUR, { published: 1 }),
      ]);
      await store.addStatistics([entry('workspace', workspaceId, HOUR + long, { published: 4 })]);
      expect(await publishedIn(workspaceId, 'short')).toEqual([
        [HOUR, 103],
        [HOUR + short, 20],
        [HOUR + long, 4],
      ]);
      expect(await publishedIn(workspaceId, 'long')).toEqual([
        [HOUR, 123],
        [HOUR + long, 4],
      ]);
      expect(await publishedIn(workspaceId, 'long', HOUR + 1)).toEqual([[HOUR + long, 4]]);
      expect(await publishedIn(other, 'long')).toEqual([[HOUR, 1]]);
      const [first] = await store.listStatistics(workspaceId, 'short', HOUR);
      expect(readStatistics(first?.counts ?? [])).toMatchObject({ succeeded: 1, failed: 2 });
      expect(readStatistics(await store.sumStatistics(workspaceId, id, 'long', HOUR)).succeeded).toBe(7);
    });

    test('go with it, and what is counted afterwards as well', async () => {
      const { store } = opened;
      const [workspaceId, other] = [await makeWorkspace(store), await makeWorkspace(store)];
      for (const id of [workspaceId, other])
        await store.addStatistics([entry('workspace', id, HOUR, { published: 1 })]);
      await store.deleteWorkspace(workspaceId, T0);
      expect(await publishedIn(workspaceId, 'short')).toEqual([]);
      await store.addStatistics([
        entry('workspace', workspaceId, HOUR, { published: 1 }),
        entry('workspace', other, HOUR, { published: 1 }),
      ]);
      expect(await publishedIn(workspaceId, 'short')).toEqual([]);
      expect(await publishedIn(other, 'short')).toEqual([[HOUR, 2]]);
    });

    test('tell of its backlog, no further than asked for, with what is due first', async () => {
      const { store, epoch } = opened;
      const [workspaceId, other] = [await makeWorkspace(store), await makeWorkspace(store)];
      const measure = (max: number) => store.measureWorkspace(workspaceId, max);
      expect(await measure(10)).toEqual({ pending: 0, oldestDueAt: null });
      const [a, b] = [await makeSubscription(store, workspaceId), await makeSubscription(store, workspaceId)];
      await publish(store, epoch, [await makeSubscription(store, other)], { at: T0 - 5 });
      const first = await publish(store, epoch, [a], { at: T0 + 1 });
      for (let i = 2; i < 5; i++) await publish(store, epoch, [a, b], { at: T0 + i });
      expect(await measure(10)).toEqual({ pending: 7, oldestDueAt: T0 + 1 });
      await store.recordAttempts(epoch, [aRecord(first, retryAt(T0 + 99))], T0 + 6);
      expect(await measure(10)).toEqual({ pending: 7, oldestDueAt: T0 + 2 });
      expect(await measure(4)).toEqual({ pending: 4, oldestDueAt: T0 + 2 });
      await store.updateSubscription(workspaceId, a.id, { status: 'inactive' }, T0 + 7);
      expect(await measure(10)).toEqual({ pending: 3, oldestDueAt: T0 + 2 });
      await store.deleteSubscription(workspaceId, b.id, T0 + 8);
      expect(await measure(10)).toEqual({ pending: 0, oldestDueAt: null });
    });
  });

  describe('the health of subscriptions', () => {
    const opened = sharedStore(open);

    test('is told of all that are asked for, by hour, with what is pending of each', async () => {
      const { store, epoch } = opened;
      const [workspaceId, other] = [await makeWorkspace(store), await makeWorkspace(store)];
      const [good, busy, idle] = [
        await makeSubscription(store, workspaceId),
        await makeSubscription(store, workspaceId),
        await makeSubscription(store, workspaceId),
      ] as [Subscription, Subscription, Subscription];
      const foreign = await makeSubscription(store, other);
      await store.addStatistics([
        entry('subscription', good.id, HOUR - long, { succeeded: 50 }),
        entry('subscription', good.id, HOUR, { succeeded: 3, failed: 1 }),
        entry('subscription', good.id, HOUR + short, { succeeded: 1 }),
        entry('subscription', good.id, HOUR + long, { failed: 2 }),
        entry('subscription', busy.id, HOUR, { succeeded: 9 }),
        entry('subscription', foreign.id, HOUR, { succeeded: 9 }),
      ]);
      for (let i = 0; i < 5; i++) await publish(store, epoch, [busy], { at: T0 + i });
      await publish(store, epoch, [foreign], { at: T0 });
      const waiting = await publish(store, epoch, [good], { at: T0 });
      await store.recordAttempts(epoch, [aRecord(waiting, retryAt(T0 + 99))], T0 + 6);
      const ids = [good, busy, idle, foreign].map(({ id }) => id);
      const health = await store.listHealth(workspaceId, [...ids, 'f'.repeat(24)], HOUR, 3);
      const inOrder = health.map(({ spans, ...rest }) => ({
        ...rest,
        spans: spans.toSorted((a, b) => a.startAt - b.startAt),
      }));
      expect(
        inOrder.toSorted((a, b) => ids.indexOf(a.subscriptionId) - ids.indexOf(b.subscriptionId)),
      ).toEqual([
        {
          subscriptionId: good.id,
          pending: 1,
          spans: [
            { startAt: HOUR, succeeded: 4, failed: 1 },
            { startAt: HOUR + long, succeeded: 0, failed: 2 },
          ],
        },
        { subscriptionId: busy.id, pending: 3, spans: [{ startAt: HOUR, succeeded: 9, failed: 0 }] },
        { subscriptionId: idle.id, pending: 0, spans: [] },
      ]);
      expect(await store.listHealth(workspaceId, [], HOUR, 3)).toEqual([]);
    });
  });

  describe('old statistics of workspaces', () => {
    const opened = storePerTest(open);

    test('are removed when nobody asks for them any more, together with those of subscriptions', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const { id } = await makeSubscription(store, workspaceId);
      for (const startAt of [HOUR, HOUR + short])
        await store.addStatistics([
          entry('workspace', workspaceId, startAt, { published: 1 }),
          entry('subscription', id, startAt, { succeeded: 1 }),
        ]);
      expect(await store.removeStatistics(HOUR + SPAN_KEPT_MS.short, 10)).toBe(0);
      expect(await store.removeStatistics(HOUR + SPAN_KEPT_MS.short + 1, 10)).toBe(2);
      expect(await store.listStatistics(workspaceId, 'short', 0)).toHaveLength(1);
      expect(await store.removeStatistics(HOUR + SPAN_KEPT_MS.long + 1, 1)).toBe(1);
      expect(await store.removeStatistics(HOUR + SPAN_KEPT_MS.long + 1, 10)).toBe(3);
      expect(await store.listStatistics(workspaceId, 'long', 0)).toEqual([]);
    });
  });
}
