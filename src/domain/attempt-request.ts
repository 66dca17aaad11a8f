import { HEADER_MASK } from './extra-headers.ts';
import type { HeaderField } from './response-headers.ts';
import type { Signing } from './signing.ts';

/**
 * What was sent with an attempt and cannot be said again from what else is stored of it. The URL is kept with each: a
 * subscription's may have been changed since, and which one an attempt went to could otherwise only be told by comparing
 * two clocks. Values of headers are not kept, nor any signature.
 */
export interface AttemptRequest {
  url: string;
  /** The `webhook-timestamp`, in seconds since the Unix epoch; null when nothing was sent. */
  sentAtS: number | null;
  /** Whether there was an `X-Webhook-Signature`. */
  hasBodySignature: boolean;
  /** How many signatures of each kind the `webhook-signature` had. */
  v1: number;
  v1a: number;
  /** Of the subscription's own headers. */
  headerNames: string[];
}

/** What the rest of a request is made of. */
export interface SentFor {
  attemptId: string;
  number: number;
  eventId: string;
  eventType: string;
  userAgent: string;
}

const NOT_SENT = '-';
/** Stands for a signature. */
const ELIDED = '…';

/**
 * The form in which it is stored: `1764000000 110 https://… Authorization`, where the digits say whether there was a
 * body signature and count the others. `headers`: names and values in turn. Undone by {@link readRequest}.
 */
export function requestText(
  url: string,
  sentAtS: number | null,
  { bodySecret, secrets, privateKeys }: Signing,
  headers: readonly string[],
): string {
  const signatures = `${bodySecret === null ? 0 : 1}${secrets.length}${privateKeys.length}`;
  let text = `${sentAtS ?? NOT_SENT} ${signatures} ${url}`;
  for (let i = 0; i < headers.length; i += 2) text += ` ${headers[i]}`;
  return text;
}

export function readRequest(text: string): AttemptRequest {
  // Neither a URL nor the name of a header has a blank.
  const [sentAt = NOT_SENT, signatures = '', url = '', ...headerNames] = text.split(' ');
  return {
    url,
    sentAtS: sentAt === NOT_SENT ? null : Number(sentAt),
    hasBodySignature: signatures[0] === '1',
    v1: Number(signatures[1] ?? 0),
    v1a: Number(signatures[2] ?? 0),
    headerNames,
  };
}

/**
 * The headers of a request as they were sent, in that order, but `Host`, `Connection` and `Content-Length`; signatures and
 * the values of the subscription's own are elided. None if nothing was sent.
 */
export function listSentHeaders(request: AttemptRequest, sentFor: SentFor): HeaderField[] {
  if (request.sentAtS === null) return [];
  const signatures = [...Array<string>(request.v1).fill(`v1,${ELIDED}`)];
  for (let i = 0; i < request.v1a; i++) signatures.push(`v1a,${ELIDED}`);
  const headers: HeaderField[] = [
    { name: 'Content-Type', value: 'application/json' },
    { name: 'User-Agent', value: sentFor.userAgent },
    { name: 'X-Webhook-Event', value: sentFor.eventType },
    { name: 'X-Webhook-Delivery-Id', value: sentFor.attemptId },
    { name: 'X-Webhook-Attempt', value: String(sentFor.number) },
    { name: 'webhook-id', value: sentFor.eventId },
    { name: 'webhook-timestamp', value: String(request.sentAtS) },
    { name: 'webhook-signature', value: signatures.join(' ') },
  ];
  if (request.hasBodySignature) headers.push({ name: 'X-Webhook-Signature', value: `sha256=${ELIDED}` });
  for (const name of request.headerNames) headers.push({ name, value: HEADER_MASK });
  return headers;
}
