import { expect, test } from 'vitest';
import { judgeFailing, noticeAfterMs } from '../../src/domain/deactivation.ts';

const HOUR = 3_600_000;
const NOW = Date.parse('2026-03-24T14:30:00.000Z');
const RULE = { failingMs: 72 * HOUR, failedDeliveries: 20 };

function judge(failingMs: number, failedDeliveries: number, noticed = false, rule = RULE): string {
  return judgeFailing({ failingSince: NOW - failingMs, failedDeliveries, noticed }, rule, NOW);
}

test('both the time and the number of failed deliveries must be reached', () => {
  expect(judge(72 * HOUR, 20)).toBe('deactivate');
  expect(judge(72 * HOUR - 1, 20, true)).toBe('wait');
  expect(judge(72 * HOUR, 19, true)).toBe('wait');
  expect(judge(1_000 * HOUR, 19, true)).toBe('wait');
});

test('a notice comes after a day, once', () => {
  expect(judge(24 * HOUR - 1, 20)).toBe('wait');
  expect(judge(24 * HOUR, 0)).toBe('notice');
  expect(judge(24 * HOUR, 0, true)).toBe('wait');
});

test('a shorter rule is announced before it strikes', () => {
  const rule = { failingMs: 3 * HOUR, failedDeliveries: 1 };
  expect(noticeAfterMs(rule)).toBe(HOUR);
  expect(judge(HOUR, 1, false, rule)).toBe('notice');
  expect(judge(3 * HOUR, 1, true, rule)).toBe('deactivate');
});
