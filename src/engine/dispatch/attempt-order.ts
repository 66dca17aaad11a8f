import type { AttemptOutcome } from '../../domain/attempt.ts';
import type { JsonPath } from '../../domain/json-path.ts';
import type { Signing } from '../../domain/signing.ts';

/** What the schedule hands to dispatch: one attempt to make. Holds secrets in clear: never logged. */
export interface AttemptOrder {
  attemptId: string;
  /** 1, 2, 3, … */
  number: number;
  eventId: string;
  eventType: string;
  url: string;
  timeoutMs: number;
  /** Whether the receiver is known to answer: those that are not are connected to one after the other. */
  isProven: boolean;
  /**
   * By the clock's `monotonic()`: a later start is refused, since another node may have the lane by its end. A process
   * that was frozen finds out here. `Infinity` where there is no other node.
   */
  startBy: number;
  signing: Signing;
  /** Of the subscription's own, besides ours: names and values in turn. */
  headers: readonly string[];
  /** What is taken out of the response body before anybody keeps it; absent: nothing. */
  redactionPaths?: readonly JsonPath[];
  /** The whole body, byte for byte. */
  body: Uint8Array;
}

/** What came of an order. */
export type AttemptResult = AttemptMade | AttemptNotMade;

/** A request was made, or could not be made because of the receiver. Times in ms since the Unix epoch. */
export interface AttemptMade {
  kind: 'made';
  attemptId: string;
  outcome: AttemptOutcome;
  statusCode: number | null;
  startedAt: number;
  /** From the start, before DNS, to the response head or the failure. */
  durationMs: number;
  /** From the start to the end of everything, the body included: `durationMs` or more. */
  elapsedMs: number;
  error: string | null;
  responseBody: Uint8Array | null;
  responseTruncated: boolean;
  /** As they are stored, or null when there was no response. */
  responseHeaders: string | null;
  /** Where its time went, as it is stored. */
  timing: string;
  /** What it was connected to, or tried last; null when it did not come to that. */
  remoteAddress: string | null;
  /** The `webhook-timestamp` it was signed with, in seconds; null when no request was written. */
  sentAtS: number | null;
  /** `Retry-After` of a 429 or 503, as milliseconds from the end; null when absent or unreadable. */
  retryAfterMs: number | null;
}

/** A fault of ours (no sockets, no network, our resolver down): no byte was sent, no attempt is consumed. */
export interface AttemptNotMade {
  kind: 'not_made';
  attemptId: string;
  error: string;
}

/**
 * Makes attempts. Orders are started in the order given, but for those of receivers that are not known to answer:
 * they wait while a connection must be made for each. The caller keeps within its own limits, and hears of each order
 * exactly once. Closing ends every attempt that is still under way, without a result.
 */
export interface Dispatcher {
  dispatch(orders: readonly AttemptOrder[]): void;
  /** Called with one or more results at a time. Set once, before the first order. */
  onResults(listener: (results: readonly AttemptResult[]) => void): void;
  close(): Promise<void>;
}
