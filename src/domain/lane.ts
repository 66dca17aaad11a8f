import type { AttemptOutcome } from './attempt.ts';
import { RETRY_AFTER_HOLD_MS_MAX } from './retry-policy.ts';

/**
 * How far a lane's receiver is trusted, which decides how many slots such lanes may hold together:
 * `proven` answered with success, `new` has not done so yet, `unhealthy` timed out or failed many times in a row
 * and gets one attempt at a time.
 */
export type LaneCondition = 'proven' | 'new' | 'unhealthy';

/**
 * What a lane knows of its receiver, kept with the lane when it changes hands. Times in milliseconds since the
 * Unix epoch.
 */
export interface LaneHealth {
  condition: LaneCondition;
  /** Attempts that may be in flight at once. */
  limit: number;
  /** Failed attempts since the last success. */
  failuresInRow: number;
  /** While unhealthy: the wait between two probes. */
  probeIntervalMs: number;
  /** What the receiver asked for by `Retry-After`; nothing but time lifts it. */
  heldUntil: number;
  /** No attempt before this: `heldUntil`, or the next probe. */
  pausedUntil: number;
}

/** A lane begins with a few at once: enough to start quickly, too few to hurt a receiver that cannot take it. */
const LIMIT_INITIAL = 8;
/** As many as an origin's connections could ever carry for one lane. */
const LANE_LIMIT_MAX = 50;
/**
 * A failure that comes quickly (a 500, a refused connection) costs no slot worth mentioning: its deliveries keep
 * their schedule. So many in a row say that the receiver is down; then one attempt at a time spares it.
 */
const FAILURES_IN_ROW_UNHEALTHY = 20;
/** A failure that took longer is as good as a timeout: it held its slot for nothing. */
const QUICK_MS_MAX = 1_000;
const PROBE_INTERVAL_MS_MIN = 1_000;
const PROBE_INTERVAL_MS_MAX = 60_000;

export const NEW_LANE_HEALTH: LaneHealth = {
  condition: 'new',
  limit: LIMIT_INITIAL,
  failuresInRow: 0,
  probeIntervalMs: PROBE_INTERVAL_MS_MIN,
  heldUntil: 0,
  pausedUntil: 0,
};

/** How an attempt ended, as far as a lane cares. Times in milliseconds. */
export interface LaneLesson {
  outcome: AttemptOutcome;
  durationMs: number;
  /** From a 429 or 503. */
  retryAfterMs: number | null;
}

/**
 * A lane's health after an attempt ended at `now`. Pure.
 *
 * A success adds one to the limit, so that a window of successes doubles it (slow start, also after an outage,
 * which left the limit at 1). A slow failure held a slot for nothing: from then on the lane is probed, one attempt
 * at a time with pauses that double. Quick failures halve the limit.
 */
export function afterOutcome(health: LaneHealth, lesson: LaneLesson, now: number): LaneHealth {
  if (lesson.outcome === 'success') {
    return {
      condition: 'proven',
      limit: Math.min(health.limit + 1, LANE_LIMIT_MAX),
      failuresInRow: 0,
      probeIntervalMs: PROBE_INTERVAL_MS_MIN,
      // It ends the probing; that others were told to wait holds.
      heldUntil: health.heldUntil,
      pausedUntil: health.heldUntil,
    };
  }
  const failuresInRow = health.failuresInRow + 1;
  const heldUntil = holdUntil(health, lesson, now);
  const pausedUntil = Math.max(health.pausedUntil, heldUntil);
  const isSlow = lesson.outcome === 'timeout' || lesson.durationMs > QUICK_MS_MAX;
  if (!isSlow) {
    const isDown = failuresInRow >= FAILURES_IN_ROW_UNHEALTHY;
    const condition = isDown ? 'unhealthy' : health.condition;
    const limit = isDown ? 1 : Math.max(1, Math.floor(health.limit / 2));
    return { ...health, condition, limit, failuresInRow, heldUntil, pausedUntil };
  }
  // Attempts that were under way when the first one timed out end one by one, and say nothing new: only one made
  // after the pause is a probe, and doubles the wait.
  const isUnderWay = health.condition === 'unhealthy' && now < health.pausedUntil;
  if (isUnderWay) return { ...health, failuresInRow, heldUntil, pausedUntil };
  const { probeIntervalMs } = health;
  return {
    condition: 'unhealthy',
    limit: 1,
    failuresInRow,
    probeIntervalMs: Math.min(probeIntervalMs * 2, PROBE_INTERVAL_MS_MAX),
    heldUntil,
    pausedUntil: Math.max(pausedUntil, now + probeIntervalMs),
  };
}

function holdUntil(health: LaneHealth, { retryAfterMs }: LaneLesson, now: number): number {
  if (retryAfterMs === null) return health.heldUntil;
  return Math.max(health.heldUntil, now + Math.min(retryAfterMs, RETRY_AFTER_HOLD_MS_MAX));
}

/** Health that was kept while time may have been set back: no pause is longer than one that is made now. */
export function trustedHealth(health: LaneHealth, now: number): LaneHealth {
  const heldUntil = Math.min(health.heldUntil, now + RETRY_AFTER_HOLD_MS_MAX);
  return { ...health, heldUntil, pausedUntil: Math.min(health.pausedUntil, now + RETRY_AFTER_HOLD_MS_MAX) };
}
