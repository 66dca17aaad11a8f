import { requestText } from '../domain/attempt-request.ts';
import { afterAttempt } from '../domain/delivery.ts';
import type { PendingDelivery } from '../domain/delivery.ts';
import type { RetryPolicy } from '../domain/retry-policy.ts';
import type { AttemptToRecord, Deactivation } from '../store/contract/records.ts';
import type { AttemptMade, AttemptOrder } from './dispatch/attempt-order.ts';
import type { PickedDelivery } from './schedule/scheduler.ts';

/** An attempt that was handed over and is under way. */
export interface Flight {
  /** Of the node when the delivery was picked: what comes of it counts as far as that epoch still lives. */
  epoch: number;
  pick: PickedDelivery;
  order: AttemptOrder;
}

/** An attempt that has ended and is to be recorded. */
export interface EndedFlight extends Flight {
  made: AttemptMade;
  /** By the engine's clock, in milliseconds since the Unix epoch: the next wait runs from here. */
  endedAt: number;
}

/**
 * What is to be written of an ended attempt: it, and its delivery's next state. `jitter` is in [0, 1). Pure.
 */
export function recordOf(
  { pick, order, made, endedAt }: EndedFlight,
  policy: RetryPolicy,
  jitter: number,
  deactivation: Deactivation | null,
): AttemptToRecord {
  // The engine's own clock, not that of the dispatch worker: a test may own it, and waits must run from it.
  const startedAt = endedAt - made.elapsedMs;
  const { delivery } = pick;
  return {
    deliveryId: delivery.id,
    subscriptionId: delivery.subscriptionId,
    ...(delivery.orderKey !== undefined && { orderKey: delivery.orderKey }),
    attempt: {
      id: order.attemptId,
      number: order.number,
      startedAt,
      durationMs: made.durationMs,
      outcome: made.outcome,
      statusCode: made.statusCode,
      error: made.error,
      responseBody: made.responseBody,
      responseTruncated: made.responseTruncated,
      responseHeaders: made.responseHeaders,
      request: requestText(order.url, made.sentAtS, order.signing, order.headers),
      timing: made.timing,
      remoteAddress: made.remoteAddress,
    },
    next: afterAttempt(delivery, order.number, { ...made, startedAt, endedAt }, policy, jitter),
    deactivation,
  };
}

/** The delivery as it goes back to its lane, or undefined when it is finished. */
export function retryOf(
  delivery: PendingDelivery,
  { attempt, next }: AttemptToRecord,
): PendingDelivery | undefined {
  if (next.state !== 'pending') return undefined;
  return {
    ...delivery,
    attempts: attempt.number,
    dueAt: next.dueAt,
    firstAttemptAt: delivery.firstAttemptAt ?? attempt.startedAt,
    deaths: 0,
  };
}
