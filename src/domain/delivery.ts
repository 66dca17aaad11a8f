import type { AttemptOutcome } from './attempt.ts';
import type { RetryPolicy } from './retry-policy.ts';
import { nextAttemptAt } from './retry-policy.ts';

/** The states that are stored. `delivering` is `pending` with an attempt in flight: shown, never stored. */
export type DeliveryState = 'pending' | 'succeeded' | 'failed' | 'cancelled' | 'skipped';

export const DELIVERY_STATES: readonly DeliveryState[] = [
  'pending',
  'succeeded',
  'failed',
  'cancelled',
  'skipped',
];

/** The states that are shown. */
export type ShownDeliveryState = DeliveryState | 'delivering';

export const SHOWN_DELIVERY_STATES: readonly ShownDeliveryState[] = [...DELIVERY_STATES, 'delivering'];

/** An unfinished delivery as the engine holds it. Times in milliseconds since the Unix epoch. */
export interface PendingDelivery {
  id: string;
  subscriptionId: string;
  workspaceId: string;
  eventId: string;
  eventType: string;
  /** Of the subscription, when the delivery was made: an older one than the subscription's is cancelled. */
  generation: number;
  /** Attempts recorded so far; the next one carries this number + 1. */
  attempts: number;
  dueAt: number;
  /** When the first recorded attempt started, or null. */
  firstAttemptAt: number | null;
  /** Nodes that died while an announced attempt of it was under way; it is announced again then. Absent: none. */
  deaths?: number;
  /**
   * Of a delivery made while its subscription was ordered: the event's ordering key, '' if it has none. One of each
   * key is attempted at a time, and its end makes the next one due. Absent: no order.
   */
  orderKey?: string;
}

/**
 * When deliveries are due that are held back by an earlier one of their key: the last moment there is, so that
 * nobody who looks for what is due finds them.
 */
export const HELD_DUE_AT = 8_640_000_000_000_000;

/**
 * A delivery that fails when one more node dies of it gets its last chance only once the node has lived for so long,
 * and apart from others: one that is killed again and again for another reason does not get that far, and an attempt
 * that was merely under way at every death is not blamed for the next.
 */
export const LAST_CHANCE_AFTER_MS = 5_000;

/** What an attempt's end does to its delivery. */
export type NextState =
  { state: 'pending'; dueAt: number } | { state: 'succeeded' } | { state: 'failed'; reason: FailureReason };

/** Why a delivery failed: `exhausted` its schedule, the receiver said 410, or its node kept dying of it. */
export type FailureReason = 'exhausted' | 'gone' | 'crashed_nodes';

/** The same, and why one was cancelled where its subscription is not the reason: its event's payload was `erased`. */
export type EndReason = FailureReason | 'erased';

export interface AttemptEnd {
  outcome: AttemptOutcome;
  statusCode: number | null;
  startedAt: number;
  endedAt: number;
  /** From a 429's or 503's `Retry-After`, in milliseconds after the end of the attempt. */
  retryAfterMs: number | null;
}

/**
 * Decides a delivery's next state when its attempt `number` has ended. Pure: `jitter` is a number in [0, 1).
 */
export function afterAttempt(
  delivery: Pick<PendingDelivery, 'firstAttemptAt'>,
  number: number,
  end: AttemptEnd,
  policy: RetryPolicy,
  jitter: number,
): NextState {
  if (end.outcome === 'success') return { state: 'succeeded' };
  if (end.statusCode === 410) return { state: 'failed', reason: 'gone' };
  const dueAt = nextAttemptAt({
    policy,
    attemptsMade: number,
    firstAttemptAt: delivery.firstAttemptAt ?? end.startedAt,
    endedAt: end.endedAt,
    retryAfterMs: end.retryAfterMs,
    jitter,
  });
  return dueAt === null ? { state: 'failed', reason: 'exhausted' } : { state: 'pending', dueAt };
}
