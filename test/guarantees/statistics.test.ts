import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CountedAttempt, Counts } from '../../src/domain/statistics.ts';
import { count, noCounts, readStatistics } from '../../src/domain/statistics.ts';
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

describe('the keeper of statistics', () => {
  function keeper(add: (entries: readonly StatisticsEntry[]) => Promise<void>): StatisticsKeeper {
    const log = {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: () => undefined,
    };
    return new StatisticsKeeper({ store: { addStatistics: add }, after: () => () => undefined, log });
  }

  test('writes what was counted once, also when it is asked twice at a time', async () => {
    const written: StatisticsEntry[] = [];
    const kept = keeper(async (entries) => {
      await new Promise((resolve) => setImmediate(resolve));
      written.push(...entries);
    });
    for (let i = 0; i < 10; i++) kept.count(`s${i % 2}`, answered(i), NOW);
    await Promise.all([kept.flush(), kept.flush()]);
    await kept.flush();
    expect(written.map(({ counts }) => readStatistics(counts).succeeded)).toEqual([5, 5]);
  });

  test('forgets nothing that the store did not take, and counts on meanwhile', async () => {
    const written = new Map<string, number>();
    let isDown = true;
    const kept = keeper((entries) => {
      if (isDown) return Promise.reject(new Error('down'));
      for (const { subscriptionId: id, counts } of entries)
        written.set(id, (written.get(id) ?? 0) + readStatistics(counts).succeeded);
      return Promise.resolve();
    });
    for (let i = 0; i < 600; i++) kept.count(`s${i}`, answered(1), NOW);
    const failing = kept.flush();
    kept.count('s1', answered(1), NOW);
    await expect(failing).rejects.toThrow('down');
    isDown = false;
    await kept.flush();
    expect([written.size, written.get('s0'), written.get('s1')]).toEqual([600, 1, 2]);
  });

  test('holds no more than its bound while the store is away', async () => {
    let entries = 0;
    let isDown = true;
    const kept = keeper((chunk) => {
      if (isDown) return Promise.reject(new Error('down'));
      entries += chunk.length;
      return Promise.resolve();
    });
    for (let i = 0; i < 30_000; i++) kept.count(`s${i}`, answered(1), NOW);
    await kept.flush().catch(() => undefined);
    for (let i = 0; i < 30_000; i++) kept.count(`t${i}`, answered(1), NOW);
    isDown = false;
    await kept.flush();
    expect(entries).toBe(20_000);
  });
});
