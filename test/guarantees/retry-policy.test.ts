import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AttemptEnd } from '../../src/domain/delivery.ts';
import { afterAttempt } from '../../src/domain/delivery.ts';
import type { NextAttemptQuestion } from '../../src/domain/retry-policy.ts';
import { DEFAULT_RETRY_POLICY, nextAttemptAt } from '../../src/domain/retry-policy.ts';

const T0 = Date.parse('2026-03-24T14:30:00.000Z');
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function due(given: Partial<NextAttemptQuestion>): number | null {
  const policy = DEFAULT_RETRY_POLICY;
  const question = {
    policy,
    attemptsMade: 1,
    firstAttemptAt: T0,
    endedAt: T0,
    retryAfterMs: null,
    jitter: 0,
  };
  return nextAttemptAt({ ...question, ...given });
}

describe('the next attempt', () => {
  test.each([
    [2, SECOND],
    [3, 2 * SECOND],
    [4, 4 * SECOND],
    [5, 8 * SECOND],
    [6, MINUTE],
    [7, 5 * MINUTE],
    [8, 15 * MINUTE],
    [9, HOUR],
    [10, 3 * HOUR],
    [11, 6 * HOUR],
    [12, 11 * HOUR],
  ])('number %i comes after %i ms', (number, waitMs) => {
    expect(due({ attemptsMade: number - 1 })).toBe(T0 + waitMs);
  });

  test('is none after the twelfth', () => {
    expect(due({ attemptsMade: 12 })).toBeNull();
  });

  test('is counted from the end of the one before', () => {
    expect(due({ attemptsMade: 3, endedAt: T0 + 30 * SECOND })).toBe(T0 + 34 * SECOND);
  });

  test('is up to a tenth later by jitter, never earlier', () => {
    expect(due({ attemptsMade: 8, jitter: 0.999_999 })).toBe(T0 + 1.1 * HOUR);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 11 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attemptsMade, jitter) => {
          const plain = due({ attemptsMade }) ?? 0;
          const late = (due({ attemptsMade, jitter }) ?? 0) - plain;
          expect(late).toBeGreaterThanOrEqual(0);
          expect(late).toBeLessThanOrEqual((plain - T0) * 0.1);
        },
      ),
    );
  });

  test('waits for Retry-After where that is later than the schedule', () => {
    expect(due({ attemptsMade: 6, retryAfterMs: MINUTE })).toBe(T0 + 5 * MINUTE);
    expect(due({ attemptsMade: 6, retryAfterMs: HOUR })).toBe(T0 + HOUR);
  });

  test('that would come later than a day after the first is moved to that moment, and is the last', () => {
    const endedAt = T0 + 23 * HOUR;
    expect(due({ attemptsMade: 10, endedAt })).toBe(T0 + DAY);
    expect(due({ attemptsMade: 2, endedAt, retryAfterMs: DAY })).toBe(T0 + DAY);
    expect(due({ attemptsMade: 11, endedAt: T0 + DAY })).toBeNull();
    expect(due({ attemptsMade: 2, endedAt: T0 + DAY + SECOND })).toBeNull();
  });
});

describe('an attempt that ended', () => {
  const after = (end: Partial<AttemptEnd>, number = 1) =>
    afterAttempt(
      { firstAttemptAt: null },
      number,
      { outcome: 'http_status', statusCode: 500, startedAt: T0, endedAt: T0, retryAfterMs: null, ...end },
      DEFAULT_RETRY_POLICY,
      0,
    );

  test('with success ends its delivery', () => {
    expect(after({ outcome: 'success', statusCode: 204 })).toEqual({ state: 'succeeded' });
  });

  test('with a 410 fails it at once', () => {
    expect(after({ statusCode: 410 })).toEqual({ state: 'failed', reason: 'gone' });
  });

  test.each<Partial<AttemptEnd>>([
    ...[301, 400, 401, 403, 404, 408, 418, 429, 500, 502, 503, 504].map((statusCode) => ({ statusCode })),
    ...(['timeout', 'dns', 'connect', 'tls', 'protocol', 'blocked_address'] as const).map((outcome) => ({
      outcome,
      statusCode: null,
    })),
  ])('with %o is retried, and fails it when it was the last', (end) => {
    expect(after(end)).toEqual({ state: 'pending', dueAt: T0 + SECOND });
    expect(after(end, 12)).toEqual({ state: 'failed', reason: 'exhausted' });
  });
});
