import { expect, test } from 'vitest';
import { steadyClock } from '../../src/lib/steady-clock.ts';
import { FakeClock } from '../support/fake-clock.ts';

const HOUR_MS = 3_600_000;

test('time set back goes on from where it was, at its own pace', () => {
  const wall = new FakeClock();
  const clock = steadyClock(wall);
  const start = clock.now();
  wall.step(-HOUR_MS);
  expect(clock.now()).toBe(start);
  wall.advance(5_000);
  expect(clock.now()).toBe(start + 5_000);
});

test('time set forward again catches up with the wall clock, and is never ahead of it for longer', () => {
  const wall = new FakeClock();
  const clock = steadyClock(wall);
  wall.step(-HOUR_MS);
  clock.now();
  wall.step(HOUR_MS);
  expect(clock.now()).toBe(wall.now());
  wall.step(HOUR_MS);
  expect(clock.now()).toBe(wall.now());
});

test('drift that is mended in small steps is followed', () => {
  const wall = new FakeClock();
  const clock = steadyClock(wall);
  for (let i = 0; i < 20; i++) {
    wall.advance(1_000);
    wall.step(i % 2 === 0 ? -100 : 100);
    expect(clock.now()).toBe(wall.now());
  }
});
