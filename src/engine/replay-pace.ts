import type { JobPace } from './job-runner.ts';

/** Deliveries of a job that are pending and were never attempted, at first: as many as a lane begins with. */
const WINDOW_FIRST = 8;
const WINDOW_MIN = 4;
/**
 * What is published to the same subscription meanwhile waits behind no more than these; and as many in one commit are a
 * few milliseconds, which is what everybody else's next one may have to wait.
 */
const WINDOW_MAX = 100;
/** While a lane keeps up: 2,000 a second, in commits of a few milliseconds. */
const STEP_MS_MIN = 50;
/** While it does not, or only retries are left. */
const STEP_MS_MAX = 1_000;

export interface ReplayPace extends JobPace {
  /** Made and not attempted at once, at most. */
  window: number;
}

export const FIRST_PACE: ReplayPace = { window: WINDOW_FIRST, waitMs: STEP_MS_MIN };

/**
 * The pace after a step that found `waiting` of those before it not attempted and `made` some more. Pure.
 *
 * A lane that has attempted all of them gets twice as many; one that has not got through half of them, half: so what a
 * job puts before others is about what the lane gets through from one step to the next.
 */
export function nextPace(pace: ReplayPace, step: { waiting: number; made: number }): ReplayPace {
  const { waiting, made } = step;
  const isBehind = waiting > pace.window / 2;
  const isAhead = waiting === 0 && made >= pace.window;
  const window = isAhead
    ? Math.min(pace.window * 2, WINDOW_MAX)
    : isBehind
      ? Math.max(Math.floor(pace.window / 2), WINDOW_MIN)
      : pace.window;
  const waitMs = isBehind || made === 0 ? Math.min(pace.waitMs * 2, STEP_MS_MAX) : STEP_MS_MIN;
  return { window, waitMs };
}
