import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { JobRunner } from '../../src/engine/job-runner.ts';
import { FakeClock } from '../support/fake-clock.ts';

test('a job that fails again and again is tried and told of ever more seldom, and holds up no other', async () => {
  const clock = new FakeClock();
  const tries: number[] = [];
  const warnings: string[] = [];
  let steps = 0;
  let isBroken = true;
  const start = clock.monotonic();
  const log = { warn: (_: object, text: string) => warnings.push(text) };
  const runner = new JobRunner({
    noun: 'replay',
    listOpen: () =>
      Promise.resolve([
        { id: 'broken', steps: 0 },
        { id: 'well', steps },
      ]),
    step: async (job) => {
      if (job.id === 'well') return { steps: ++steps, pace: { waitMs: 1_000 } };
      tries.push(Math.round((clock.monotonic() - start) / 1_000));
      if (isBroken) throw new Error('its key is lost');
      return { steps: 0, pace: { waitMs: 5_000 } };
    },
    firstPace: { waitMs: 1_000 },
    clock,
    log: log as never,
  });
  const pass = async (seconds: number): Promise<void> => {
    for (let i = 0; i < seconds; i++) {
      await nextTurn();
      clock.advance(1_000);
    }
    await nextTurn();
  };
  runner.want();
  await pass(120);
  expect(tries.slice(0, 6)).toEqual([0, 1, 3, 7, 15, 31]);
  expect(tries.length).toBeLessThanOrEqual(9);
  expect(warnings).toHaveLength(tries.length);
  expect(steps).toBeGreaterThanOrEqual(119);

  isBroken = false;
  await pass(31);
  const healed = tries.at(-1) ?? 0;
  isBroken = true;
  await pass(8);
  // Counted anew from its next failure.
  expect(tries.filter((at) => at > healed).map((at) => at - healed)).toEqual([5, 6, 8]);
  await runner.stop();
});
