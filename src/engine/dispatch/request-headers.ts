import { signBody, signStandard } from '../../domain/signature.ts';
import type { AttemptOrder } from './attempt-order.ts';

/**
 * The headers of a request but `Host`, `Connection` and `Content-Length`, names and values in turn. Signed anew
 * for each attempt: receivers refuse old timestamps. No `Accept-Encoding`: an answer that is not compressed
 * cannot grow.
 */
export function buildHeaders(order: AttemptOrder, userAgent: string, now: number): string[] {
  const timestampS = Math.floor(now / 1000);
  const headers = [
    'Content-Type',
    'application/json',
    'User-Agent',
    userAgent,
    'X-Webhook-Event',
    order.eventType,
    'X-Webhook-Delivery-Id',
    order.attemptId,
    'X-Webhook-Attempt',
    String(order.number),
    'webhook-id',
    order.eventId,
    'webhook-timestamp',
    String(timestampS),
    'webhook-signature',
    signStandard(order.secret, order.eventId, timestampS, order.body),
  ];
  if (order.secretConfigured) headers.push('X-Webhook-Signature', signBody(order.secret, order.body));
  return headers;
}
