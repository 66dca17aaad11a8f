import { expect, test } from 'vitest';
import type { ReplayPace } from '../../src/engine/replay-pace.ts';
import { FIRST_PACE, nextPace } from '../../src/engine/replay-pace.ts';

/** Steps against a lane that attempts so many deliveries a second; answers the last pace and all that was made. */
function run(perSecond: number, seconds: number): { pace: ReplayPace; made: number; waitingMax: number } {
  let pace = FIRST_PACE;
  let [waiting, made, waitingMax, elapsedMs, budget] = [0, 0, 0, 0, 0];
  while (elapsedMs < seconds * 1_000) {
    const step = { waiting, made: Math.max(0, pace.window - waiting) };
    waiting += step.made;
    made += step.made;
    waitingMax = Math.max(waitingMax, waiting);
    pace = nextPace(pace, step);
    elapsedMs += pace.waitMs;
    budget += (perSecond * pace.waitMs) / 1_000;
    const attempted = Math.min(waiting, Math.floor(budget));
    waiting -= attempted;
    budget = Math.min(budget - attempted, 1);
  }
  return { pace, made, waitingMax };
}

test('a lane that keeps up gets as much as there may be in a commit', () => {
  const { pace, made } = run(100_000, 10);
  expect(pace).toEqual({ window: 100, waitMs: 50 });
  expect(made).toBeGreaterThan(15_000);
});

test('a slow lane has little of a replay before it, and still all that it can do', () => {
  const { made, pace } = run(20, 60);
  expect(pace.window).toBeLessThanOrEqual(16);
  expect(made).toBeGreaterThan(20 * 60 * 0.5);
});

test('a lane that stands still is only looked at once a second', () => {
  const { pace, made, waitingMax } = run(0, 60);
  expect(pace).toEqual({ window: 4, waitMs: 1_000 });
  expect([made, waitingMax]).toEqual([16, 16]);
});
