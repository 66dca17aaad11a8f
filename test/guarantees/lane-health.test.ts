import { expect, test } from 'vitest';
import type { LaneHealth, LaneLesson } from '../../src/domain/lane.ts';
import { afterOutcome, NEW_LANE_HEALTH, trustedHealth } from '../../src/domain/lane.ts';

const NOW = 1_000_000;
const MINUTE_MS = 60_000;

function lesson(outcome: LaneLesson['outcome'], more: Partial<LaneLesson> = {}): LaneLesson {
  return { outcome, durationMs: 5, retryAfterMs: null, ...more };
}

function after(lessons: readonly LaneLesson[], health: LaneHealth = NEW_LANE_HEALTH): LaneHealth {
  return lessons.reduce((each, one) => afterOutcome(each, one, NOW), health);
}

test('what Retry-After asked for is not lifted by a success that was under way, also of an unhealthy lane', () => {
  const told = Array(20).fill(lesson('http_status', { retryAfterMs: 10 * MINUTE_MS })) as LaneLesson[];
  const health = after([...told, lesson('success')]);
  expect(health).toMatchObject({ condition: 'proven', pausedUntil: NOW + 10 * MINUTE_MS });
});

test('the pause between two probes ends with a success', () => {
  const health = after([lesson('timeout'), lesson('success')]);
  expect(health.pausedUntil).toBeLessThanOrEqual(NOW);
});

test('of attempts that time out together only the first counts as a probe', () => {
  const health = after(Array(8).fill(lesson('timeout')) as LaneLesson[]);
  expect(health).toMatchObject({ condition: 'unhealthy', limit: 1, probeIntervalMs: 2_000 });
  expect(health.pausedUntil).toBe(NOW + 1_000);
});

test('a pause that was kept while time was set back is cut to what could be asked for now', () => {
  const kept = { ...NEW_LANE_HEALTH, heldUntil: NOW + 60 * MINUTE_MS, pausedUntil: NOW + 60 * MINUTE_MS };
  expect(trustedHealth(kept, NOW)).toMatchObject({ pausedUntil: NOW + 15 * MINUTE_MS });
});
