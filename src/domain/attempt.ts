/** Why an attempt ended as it did. Everything but `success` leads to a retry or to the end of the delivery. */
export type AttemptOutcome =
  'success' | 'http_status' | 'timeout' | 'dns' | 'connect' | 'tls' | 'protocol' | 'blocked_address';

export const ATTEMPT_OUTCOMES: readonly AttemptOutcome[] = [
  'success',
  'http_status',
  'timeout',
  'dns',
  'connect',
  'tls',
  'protocol',
  'blocked_address',
];

/** The most of a response body that is read and kept, for the log only. */
export const RESPONSE_BODY_BYTES_MAX = 16 * 1024;

/** One HTTP request made for a delivery, as it is stored. Times in milliseconds since the Unix epoch. */
export interface AttemptRecord {
  /** `att_` + 24 hex digits; sent as `X-Webhook-Delivery-Id`. */
  id: string;
  /** 1, 2, 3, …: sent as `X-Webhook-Attempt`. */
  number: number;
  startedAt: number;
  /** From the start (before DNS) to the response head, or to the failure. */
  durationMs: number;
  outcome: AttemptOutcome;
  /** The response's status, where there was a response. */
  statusCode: number | null;
  /** One sentence for a person, or null after a success. Never holds an internal address of a blocked target. */
  error: string | null;
  /** The first bytes of the response body, as received; at most {@link RESPONSE_BODY_BYTES_MAX}. */
  responseBody: Uint8Array | null;
  /** Whether the response body went on after what is kept. */
  responseTruncated: boolean;
  /**
   * As `responseHeadersText` makes it: nobody but who looks at this one attempt reads it. Null without a response, or
   * erased. All from here on is null as well where an older program recorded it.
   */
  responseHeaders: string | null;
  /** The URL and what else was sent: as `requestText` makes it. */
  request: string | null;
  /** Where its time went: as `timingText` makes it. */
  timing: string | null;
  /**
   * What was connected to, or tried last; null where that did not come about. An address that the guard refused is never
   * connected to, and so never here.
   */
  remoteAddress: string | null;
}
