import process from 'node:process';

/**
 * Time as a dependency, so that a test can own it: nothing else in `src/` reads the system clock or sets a
 * timer that the flow depends on.
 */
export interface Clock {
  /** Wall time in milliseconds since the Unix epoch; may jump. */
  now(): number;
  /** Milliseconds that only ever grow, the same in all threads of the process; no relation to wall time. */
  monotonic(): number;
  /** Calls `run` once after `delayMs`; the answer cancels it. Never keeps the process alive. */
  after(delayMs: number, run: () => void): () => void;
}

/** Node refuses longer timers (it fires them at once), so long waits are cut; callers look again when woken. */
const TIMER_MS_MAX = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic() {
    // Not `performance.now()`: that runs from the start of each thread.
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1_000 + nanoseconds / 1_000_000;
  },
  after(delayMs, run) {
    const timer = setTimeout(run, Math.min(Math.max(delayMs, 0), TIMER_MS_MAX));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
