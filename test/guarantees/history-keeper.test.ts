import { afterEach, expect, test } from 'vitest';
import { HistoryKeeper } from '../../src/engine/history-keeper.ts';
import { FakeClock } from '../support/fake-clock.ts';

const MINUTE = 60_000;
/** Long enough for the first step of a start. */
const START = MINUTE;

let keeper: HistoryKeeper | undefined;
afterEach(() => keeper?.stop());

/** A keeper of a store that answers as it is told; each call is written down with its time. */
function arrange(answers: (boolean | Error)[]) {
  const clock = new FakeClock();
  const calls: { at: number; days: number }[] = [];
  const audits: { before: number; limit: number }[] = [];
  const warnings: string[] = [];
  const log = { debug: () => undefined, info: () => undefined, error: () => undefined };
  keeper = new HistoryKeeper({
    store: {
      keepHistory(now, days) {
        calls.push({ at: now, days });
        const answer = answers.shift() ?? false;
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
      removeAudit(before, limit) {
        audits.push({ before, limit });
        return Promise.resolve(0);
      },
      removeStatistics: () => Promise.resolve(0),
    },
    retentionDays: 30,
    now: () => clock.now(),
    after: (delayMs, run) => clock.after(delayMs, run),
    log: { ...log, warn: (_fields, message) => warnings.push(message) },
  });
  /** Moves time on, and lets what it started end. */
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await new Promise(setImmediate);
  };
  return { keeper, clock, calls, audits, warnings, pass };
}

test('history is looked after some time after the start, and then every few minutes', async () => {
  const { keeper, calls, pass } = arrange([]);
  keeper.start();
  await pass(1_000);
  expect(calls).toEqual([]);
  await pass(START);
  expect(calls).toMatchObject([{ days: 30 }]);
  await pass(2 * MINUTE);
  expect(calls).toHaveLength(1);
  await pass(5 * MINUTE);
  expect(calls).toHaveLength(2);
});

test('while there is more, the next step comes after a short pause', async () => {
  const { keeper, calls, pass } = arrange([true, true, false]);
  keeper.start();
  await pass(START);
  await pass(100);
  await pass(100);
  expect(calls).toHaveLength(3);
  await pass(MINUTE);
  expect(calls).toHaveLength(3);
});

test('what fails is tried again some minutes later', async () => {
  const { keeper, calls, warnings, pass } = arrange([new Error('The store is busy.'), true]);
  keeper.start();
  await pass(START);
  expect(warnings).toHaveLength(1);
  await pass(MINUTE);
  expect(calls).toHaveLength(1);
  await pass(5 * MINUTE);
  expect(calls).toHaveLength(2);
});

test('after the stop nothing is begun', async () => {
  const { keeper, calls, pass } = arrange([true, true]);
  keeper.start();
  await pass(START);
  await keeper.stop();
  await pass(10 * MINUTE);
  expect(calls).toHaveLength(1);
});

test('the audit log is kept for 400 days, and looked after when history has nothing more to go', async () => {
  const { keeper, clock, audits, pass } = arrange([true, false]);
  keeper.start();
  await pass(START);
  expect(audits).toEqual([]);
  await pass(100);
  expect(audits).toEqual([{ before: clock.now() - 400 * 24 * 60 * MINUTE, limit: expect.any(Number) }]);
});
