import { adviceFor } from '../domain/attempt-advice.ts';
import { listSentHeaders, readRequest } from '../domain/attempt-request.ts';
import { type AttemptTiming, isConnectionReused, readTiming } from '../domain/attempt-timing.ts';
import type { AttemptOutcome, AttemptRecord } from '../domain/attempt.ts';
import { type HeaderField, readResponseHeaders } from '../domain/response-headers.ts';
import { isoOf } from './subscription-view.ts';

/** An attempt as the API shows it. */
export interface AttemptView {
  _id: string;
  number: number;
  startedAt: string;
  durationMs: number;
  outcome: AttemptOutcome;
  statusCode: number | null;
  error: string | null;
  /** What to do about it, in a sentence; null of a success. */
  advice: string | null;
  /** Null where an older program recorded it, as are `timing` and `remoteAddress`. */
  request: RequestView | null;
  /** Null without a response, or erased. */
  responseHeaders: HeaderField[] | null;
  /** Fields of the response that are not kept. */
  responseHeadersLeftOut: number;
  /** The response body's first bytes as text: bytes that are not UTF-8 show as U+FFFD. */
  responseBody: string | null;
  responseTruncated: boolean;
  timing: (AttemptTiming & { connectionReused: boolean }) | null;
  remoteAddress: string | null;
}

/** A request as it was sent; its body is the event's. */
export interface RequestView {
  /** Whether any of it was written; otherwise there are no headers. */
  sent: boolean;
  method: 'POST';
  url: string;
  headers: HeaderField[];
}

/** What an attempt was made for. */
export interface AttemptOf {
  eventId: string;
  eventType: string;
  /** As configured now: it is not kept with each attempt. */
  userAgent: string;
}

export function viewAttempt(attempt: AttemptRecord, of: AttemptOf): AttemptView {
  const request = attempt.request === null ? null : viewRequest(attempt, attempt.request, of);
  const headers = attempt.responseHeaders === null ? null : readResponseHeaders(attempt.responseHeaders);
  return {
    _id: attempt.id,
    number: attempt.number,
    startedAt: isoOf(attempt.startedAt),
    durationMs: attempt.durationMs,
    outcome: attempt.outcome,
    statusCode: attempt.statusCode,
    error: attempt.error,
    advice: adviceFor({ ...attempt, isSent: request?.sent }),
    request,
    responseHeaders: headers?.fields ?? null,
    responseHeadersLeftOut: headers?.leftOut ?? 0,
    responseBody: attempt.responseBody === null ? null : Buffer.from(attempt.responseBody).toString('utf8'),
    responseTruncated: attempt.responseTruncated,
    timing: attempt.timing === null ? null : viewTiming(attempt.timing),
    remoteAddress: attempt.remoteAddress,
  };
}

function viewRequest({ id, number }: AttemptRecord, text: string, of: AttemptOf): RequestView {
  const request = readRequest(text);
  return {
    sent: request.sentAtS !== null,
    method: 'POST',
    url: request.url,
    headers: listSentHeaders(request, { attemptId: id, number, ...of }),
  };
}

function viewTiming(text: string): AttemptTiming & { connectionReused: boolean } {
  const timing = readTiming(text);
  return { ...timing, connectionReused: isConnectionReused(timing) };
}
