import type { Erasure } from '../domain/erasure.ts';
import type { ErasedEvent, ErasureStep, FoundEvent } from './contract/erasures.ts';

/** The job as a step leaves it that has dealt with the events `done`: all that it found, or those before one. Pure. */
export function afterErasing(
  before: Erasure,
  { found, examined, position }: ErasureStep,
  done: readonly FoundEvent[],
  erased: readonly ErasedEvent[],
  now: number,
): Erasure {
  const cancelled = erased.reduce((sum, event) => sum + event.cancelled.length, 0);
  const after: Erasure = {
    ...before,
    erased: before.erased + erased.length,
    cancelled: before.cancelled + cancelled,
    steps: before.steps + 1,
    updatedAt: now,
  };
  if (done.length < found.length) {
    const last = done.at(-1);
    return {
      ...after,
      examined: before.examined + (last?.examined ?? 0),
      position: last?.at ?? before.position,
    };
  }
  after.examined += examined;
  return position === null ? ended(after, 'done', now) : { ...after, position };
}

/** A job that is over has no value any more. Pure. */
export function ended(erasure: Erasure, state: 'done' | 'cancelled', now: number): Erasure {
  return { ...erasure, state, sealedValue: null, updatedAt: now, finishedAt: now };
}
