import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CountedAttempt, Counts } from '../../src/domain/statistics.ts';
import {
  count,
  countPublished,
  noCounts,
  publishedOf,
  readStatistics,
  spansOf,
  sumOf,
} from '../../src/domain/statistics.ts';
import type { StatisticsKeeperDeps } from '../../src/engine/statistics-keeper.ts';
import { StatisticsKeeper } from '../../src/engine/statistics-keeper.ts';
import type { StatisticsEntry } from '../../src/store/contract/statistics.ts';

const NOW = 1_764_000_000_000;

function countsOf(...attempts: CountedAttempt[]): Counts {
  const counts = noCounts();
  for (const attempt of attempts) count(counts, attempt);
  return counts;
}

function answered(durationMs: number): CountedAttempt {
  return { outcome: 'success', durationMs, state: 'succeeded' };
}

describe('statistics', () => {
  test('say what became of deliveries, and attempts by outcome', () => {
    const read = readStatistics(
      countsOf(
        { outcome: 'timeout', durationMs: 10_000, state: 'pending' },
        { outcome: 'http_status', durationMs: 40, state: 'failed' },
        answered(30),
        answered(30),
        { outcome: 'connect', durationMs: 1, state: 'cancelled' },
        answered(30),
      ),
    );
    expect(read).toMatchObject({ succeeded: 3, failed: 1, successRate: 0.75 });
    expect(read.attempts).toMatchObject({ success: 3, http_status: 1, timeout: 1, connect: 1, tls: 0 });
  });

  test('of nothing have no rate and no latency', () => {
    const { successRate, latencyMs } = readStatistics(noCounts());
    expect([successRate, latencyMs.p50, latencyMs.p95]).toEqual([null, null, null]);
  });

  test('estimate quantiles within the bounds between which they lie', () => {
    const latency = fc.integer({ min: 0, max: 30_000 });
    fc.assert(
      fc.property(fc.array(latency, { minLength: 1, maxLength: 200 }), (latencies) => {
        const { latencyMs } = readStatistics(countsOf(...latencies.map(answered)));
        const sorted = latencies.toSorted((a, b) => a - b);
        for (const [part, estimate] of [
          [0.5, latencyMs.p50],
          [0.95, latencyMs.p95],
        ] as const) {
          const exact = sorted[Math.ceil(sorted.length * part) - 1] ?? 0;
          expect(Math.abs((estimate ?? NaN) - exact)).toBeLessThanOrEqual(
            5 + Math.max(estimate ?? 0, exact) / 2,
          );
        }
      }),
    );
  });
});

describe('the spans of a window', () => {
  const HOUR = 3_600_000;
  const at = Math.floor(NOW / HOUR) * HOUR + 7 * 60_000;

  test('are all there, from the one it begins in to the one it is now', () => {
    const short = spansOf('1h', at);
    expect([short.length, short[0], short.at(-1)]).toEqual([13, at - HOUR - 120_000, at - 120_000]);
    const day = spansOf('24h', at);
    expect([day.length, day[0], day.at(-1)]).toEqual([25, at - 24 * HOUR - 420_000, at - 420_000]);
    expect(spansOf('7d', at)).toHaveLength(7 * 24 + 1);
  });

  test('are added up, and latencies are none but those of attempts', () => {
    const counts = sumOf([countsOf(answered(30)), countsOf(answered(30))]);
    for (let i = 0; i < 100; i++) countPublished(counts);
    expect(publishedOf(counts)).toBe(100);
    const { p95 } = readStatistics(counts).latencyMs;
    expect([p95, readStatistics(counts).succeeded]).toEqual([
      readStatistics(countsOf(answered(30), answered(30))).latencyMs.p95,
      2,
    ]);
  });
});

describe('the keeper of statistics', () => {
  function keeper(
    add: (entries: readonly StatisticsEntry[]) => Promise<void>,
    after: StatisticsKeeperDeps['after'] = () => () => undefined,
  ): StatisticsKeeper {
    const log = {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: () => undefined,
    };
    return new StatisticsKeeper({ store: { addStatistics: add }, after, log });
  }

  /** Of one workspace. */
  const of = (subscriptionId: string) => ({ subscriptionId, workspaceId: 'w' });
  const succeededIn = ({ counts }: StatisticsEntry): number => readStatistics(counts).succeeded;

  test('writes what was counted once, also when it is asked twice at a time', async () => {
    const written: StatisticsEntry[] = [];
    const kept = keeper(async (entries) => {
      await new Promise((resolve) => setImmediate(resolve));
      written.push(...entries);
    });
    for (let i = 0; i < 10; i++) kept.count(of(`s${i % 2}`), answered(i), NOW);
    for (let i = 0; i < 3; i++) kept.countPublished('w', NOW);
    await Promise.all([kept.flush(), kept.flush()]);
    await kept.flush();
    const told = written.map((entry) => [entry.id, succeededIn(entry), publishedOf(entry.counts)]);
    expect(told.toSorted()).toEqual([
      ['s0', 5, 0],
      ['s1', 5, 0],
      ['w', 10, 3],
    ]);
  });

  test('keeps workspaces apart, and the five minutes in which something happened', async () => {
    const written: StatisticsEntry[] = [];
    const kept = keeper((entries) => Promise.resolve(void written.push(...entries)));
    kept.countPublished('w', NOW);
    kept.countPublished('v', NOW);
    kept.countPublished('w', NOW + 5 * 60_000);
    kept.countPublished('w', NOW + 5 * 60_000);
    await kept.flush();
    expect(written.map(({ of, id, counts }) => [of, id, publishedOf(counts)])).toEqual([
      ['workspace', 'w', 1],
      ['workspace', 'v', 1],
      ['workspace', 'w', 2],
    ]);
  });

  test('holds up nobody who reads: not while the store takes nothing, nor while it does not answer', async () => {
    let readerWaits: (() => void) | undefined;
    const answers: PromiseWithResolvers<void>[] = [];
    const add = () => {
      const answer = Promise.withResolvers<void>();
      answers.push(answer);
      return answer.promise;
    };
    const kept = keeper(add, (_delayMs, run) => {
      readerWaits = run;
      return () => (readerWaits = undefined);
    });
    kept.countPublished('w', NOW);
    const refused = kept.flushForReading();
    await expect.poll(() => answers.length).toBe(1);
    answers[0]?.reject(new Error('full'));
    await refused;
    expect(readerWaits).toBeUndefined();
    // Meanwhile it hangs, for however many: what they wait for is one write and the one behind it.
    const hanging = kept.flush();
    await expect.poll(() => answers.length).toBe(2);
    const reading = kept.flushForReading();
    expect(kept.flush()).toBe(kept.flush());
    readerWaits?.();
    await reading;
    answers[1]?.resolve();
    await hanging;
    await kept.flush();
    expect(answers).toHaveLength(2);
  });

  test('forgets nothing that the store did not take, and counts on meanwhile', async () => {
    const written = new Map<string, number>();
    let isDown = true;
    let published = 0;
    const kept = keeper((entries) => {
      if (isDown) return Promise.reject(new Error('down'));
      for (const entry of entries) {
        written.set(entry.id, (written.get(entry.id) ?? 0) + succeededIn(entry));
        published += publishedOf(entry.counts);
      }
      return Promise.resolve();
    });
    for (let i = 0; i < 600; i++) kept.count(of(`s${i}`), answered(1), NOW);
    for (let i = 0; i < 5; i++) kept.countPublished('w', NOW);
    const failing = kept.flush();
    kept.count(of('s1'), answered(1), NOW);
    kept.countPublished('w', NOW);
    await expect(failing).rejects.toThrow('down');
    isDown = false;
    await kept.flush();
    expect([written.size, written.get('s0'), written.get('s1')]).toEqual([601, 1, 2]);
    expect([written.get('w'), published]).toEqual([601, 6]);
  });

  test('holds no more than its bound while the store is away, and does not try it again and again', async () => {
    let entries = 0;
    let tries = 0;
    let isDown = true;
    const kept = keeper((chunk) => {
      tries += 1;
      if (isDown) return Promise.reject(new Error('down'));
      entries += chunk.length;
      return Promise.resolve();
    });
    for (let i = 0; i < 30_000; i++) kept.count(of(`s${i}`), answered(1), NOW);
    await kept.flush().catch(() => undefined);
    const triedBefore = tries;
    for (let i = 0; i < 30_000; i++) {
      kept.count(of(`t${i}`), answered(1), NOW);
      if (i % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(tries).toBe(triedBefore);
    isDown = false;
    await kept.flush();
    expect(entries).toBe(20_000);
  });
});
