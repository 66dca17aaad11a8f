const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** When failed attempts are made again. All times in milliseconds. */
export interface RetryPolicy {
  /** The wait before the second attempt, the third, …: one more attempt than there are waits. */
  delaysMs: readonly number[];
  /** No attempt is due later than this after the first one started. */
  windowMs: number;
  /** At most this fraction of a wait is added to it, never taken away. */
  jitterFraction: number;
}

/** The documented first five attempts (at once, 1, 2, 4, 8 s), then seven more within a day. */
export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  delaysMs: [
    1 * SECOND_MS,
    2 * SECOND_MS,
    4 * SECOND_MS,
    8 * SECOND_MS,
    1 * MINUTE_MS,
    5 * MINUTE_MS,
    15 * MINUTE_MS,
    1 * HOUR_MS,
    3 * HOUR_MS,
    6 * HOUR_MS,
    11 * HOUR_MS,
  ],
  windowMs: 24 * HOUR_MS,
  jitterFraction: 0.1,
};

/** `Retry-After` of a 429 or 503 holds the whole subscription back for at most this long. */
export const RETRY_AFTER_HOLD_MS_MAX = 15 * MINUTE_MS;

export interface NextAttemptQuestion {
  policy: RetryPolicy;
  /** Attempts made so far, at least 1. */
  attemptsMade: number;
  firstAttemptAt: number;
  /** When the last attempt ended: the wait runs from here. */
  endedAt: number;
  retryAfterMs: number | null;
  /** In [0, 1). */
  jitter: number;
}

/**
 * When the next attempt is due, or null when the schedule is exhausted. A due time past the window is moved
 * to its end; once the window is over there is no further attempt.
 */
export function nextAttemptAt(question: NextAttemptQuestion): number | null {
  const { policy, attemptsMade, firstAttemptAt, endedAt, retryAfterMs, jitter } = question;
  const delayMs = policy.delaysMs[attemptsMade - 1];
  const windowEndsAt = firstAttemptAt + policy.windowMs;
  if (delayMs === undefined || endedAt >= windowEndsAt) return null;
  const scheduledMs = delayMs + delayMs * policy.jitterFraction * jitter;
  const waitMs = Math.max(scheduledMs, retryAfterMs ?? 0);
  return Math.min(Math.round(endedAt + waitMs), windowEndsAt);
}
