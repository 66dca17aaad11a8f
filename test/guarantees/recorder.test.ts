import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Recorder } from '../../src/engine/record/recorder.ts';
import type { AttemptToRecord, RecordResult } from '../../src/store/contract/records.ts';
import { StoreUnavailable } from '../../src/store/store.ts';

const RECORDED: RecordResult = { result: 'recorded', deactivated: false };

/** A recorder over a commit of the test's own; its records are just delivery ids. */
function recorderOver(commit: (ids: readonly string[], epoch: number) => Promise<RecordResult[]>) {
  const told = new Map<string, RecordResult['result']>();
  const recorder = new Recorder<{ deliveryId: string; epoch: number }>({
    commit: (epoch, records) =>
      commit(
        records.map(({ deliveryId }) => deliveryId),
        epoch,
      ),
    toRecord: ({ deliveryId }) => ({ deliveryId }) as AttemptToRecord,
    onRecorded: ({ deliveryId }, _record, { result }) => told.set(deliveryId, result),
    onCommitted() {},
    onFailure() {},
    // A pause before trying again is not what is tested here.
    after(_delayMs, run) {
      const timer = setImmediate(run);
      return () => clearImmediate(timer);
    },
  });
  const add = (deliveryId: string, epoch = 1): void => recorder.add({ deliveryId, epoch });
  return { recorder, add, told };
}

test('while the store is unavailable nothing is lost, and nothing is reported twice', async () => {
  let refusals = 3;
  const committed: string[] = [];
  const { recorder, add, told } = recorderOver(async (ids) => {
    if (refusals-- > 0) throw new StoreUnavailable('full');
    committed.push(...ids);
    return ids.map(() => RECORDED);
  });
  for (let i = 0; i < 1_000; i++) add(`d${i}`);
  await expect.poll(() => recorder.waiting).toBe(0);
  expect(committed.toSorted()).toEqual([...told.keys()].toSorted());
  expect(new Set(committed).size).toBe(1_000);
  expect(recorder.isFailing).toBe(false);
});

test('one record that the store cannot take keeps no other from being recorded', async () => {
  const { recorder, add, told } = recorderOver(async (ids) => {
    await wait(0);
    if (ids.includes('d77')) throw new Error('not to be stored');
    return ids.map(() => RECORDED);
  });
  for (let i = 0; i < 300; i++) add(`d${i}`);
  await expect.poll(() => recorder.waiting).toBe(0);
  expect(told.get('d77')).toBe('superseded');
  expect([...told.values()].filter((result) => result === 'recorded')).toHaveLength(299);
  expect(recorder.isFailing).toBe(false);
});

test('what was picked under different epochs is never recorded in one commit, and each under its own', async () => {
  const committed: (readonly [number, string])[] = [];
  const { recorder, add } = recorderOver(async (ids, epoch) => {
    committed.push(...ids.map((id) => [epoch, id] as const));
    return ids.map(() => RECORDED);
  });
  const added = Array.from({ length: 300 }, (_, i) => [1 + Math.floor(i / 70), `d${i}`] as const);
  for (const [epoch, id] of added) add(id, epoch);
  await expect.poll(() => recorder.waiting).toBe(0);
  expect(committed).toEqual(added);
});
