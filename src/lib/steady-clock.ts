import type { Clock } from './clock.ts';

/** A smaller difference between wall and monotonic time is drift that is being mended, not a step. */
const STEP_MS_MIN = 500;

/**
 * A clock whose `now` never goes back: when the wall clock is set back it goes on at its own pace, ahead of the wall
 * clock by that step, until the wall clock is set forward again. Whatever is due in a minute is then due in a minute;
 * by the wall clock itself it would wait for as long as the clock was set back. Steps forward are followed: what is
 * due then is due.
 */
export function steadyClock(clock: Clock): Clock {
  let wall = clock.now();
  let monotonic = clock.monotonic();
  let aheadMs = 0;
  return {
    now() {
      const nowWall = clock.now();
      const nowMonotonic = clock.monotonic();
      const stepMs = nowWall - wall - (nowMonotonic - monotonic);
      if (stepMs <= -STEP_MS_MIN) aheadMs -= stepMs;
      else if (stepMs >= STEP_MS_MIN) aheadMs = Math.max(0, aheadMs - stepMs);
      wall = nowWall;
      monotonic = nowMonotonic;
      return Math.round(nowWall + aheadMs);
    },
    monotonic: () => clock.monotonic(),
    after: (delayMs, run) => clock.after(delayMs, run),
  };
}
