import type { DeliveryState, EndReason } from '../domain/delivery.ts';
import type { AttemptToRecord, RecordResult } from './contract/records.ts';
import type { NewNotice } from './contract/subscriptions.ts';

/** A delivery as it is stored, and its subscription as it is now. */
export interface StoredDelivery {
  state: DeliveryState;
  /** Null while pending. */
  failureReason: EndReason | null;
  attempts: number;
  generation: number;
  currentGeneration: number;
  currentUrl: string;
}

/** What becomes of a delivery; null times and reasons are stored as such. */
export interface DeliveryEnd {
  state: DeliveryState;
  dueAt: number | null;
  finishedAt: number | null;
  failureReason: EndReason | null;
}

export interface RecordVerdict {
  result: 'recorded' | 'cancelled';
  end: DeliveryEnd;
  /** Whether the failure tells of the subscription as it is now: an older one was asked for under other terms. */
  isCurrent: boolean;
  /** To be left if the subscription is still active, which is then deactivated. */
  notice: NewNotice | null;
}

export const SUPERSEDED: RecordResult = { result: 'superseded', deactivated: false };

/**
 * Pure. What a record of an attempt does to its delivery; `not_next` when it is the same as was stored, or came too
 * late: see {@link answerAgain}. The next number of attempts is the fence: a record that comes twice, or after
 * another node's, finds it taken.
 */
export function judgeRecord(
  delivery: StoredDelivery,
  record: AttemptToRecord,
  isLive: boolean,
  now: number,
): RecordVerdict | 'not_next' | 'superseded' {
  const { state, attempts, generation, currentGeneration } = delivery;
  const isOpen = state === 'pending' || state === 'cancelled';
  if (!isOpen || record.attempt.number !== attempts + 1) return 'not_next';
  const isSuccess = record.attempt.outcome === 'success';
  if (!isLive && !(isSuccess && state === 'pending')) return 'superseded';
  const isCurrent = generation === currentGeneration;
  const isStopped = state === 'cancelled' || !isCurrent;
  const gone = record.deactivation;
  const isGone = gone !== null && !isStopped && gone.url === delivery.currentUrl;
  const notice = isGone ? gone.notice : null;
  return isStopped && !isSuccess
    ? { result: 'cancelled', end: finished('cancelled', delivery.failureReason, now), isCurrent, notice }
    : { result: 'recorded', end: endOf(record, now), isCurrent, notice };
}

/** The answer to a record that is not of the next attempt. */
export function answerAgain({ state }: StoredDelivery, isStored: boolean): RecordResult {
  if (!isStored) return SUPERSEDED;
  return { result: state === 'cancelled' ? 'cancelled' : 'recorded', deactivated: false };
}

function endOf({ next }: AttemptToRecord, now: number): DeliveryEnd {
  switch (next.state) {
    case 'pending':
      return { state: 'pending', dueAt: Math.round(next.dueAt), finishedAt: null, failureReason: null };
    case 'succeeded':
      return finished('succeeded', null, now);
    case 'failed':
      return finished('failed', next.reason, now);
  }
}

function finished(state: DeliveryState, failureReason: EndReason | null, now: number): DeliveryEnd {
  return { state, dueAt: null, finishedAt: now, failureReason };
}
