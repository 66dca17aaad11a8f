import { signAsymmetric } from '../../domain/key-pair.ts';
import { signBody, signStandard } from '../../domain/signature.ts';
import type { AttemptOrder } from './attempt-order.ts';

/**
 * The headers of a request but `Host`, `Connection` and `Content-Length`, names and values in turn. Signed anew
 * for each attempt: receivers refuse old timestamps. No `Accept-Encoding`: an answer that is not compressed
 * cannot grow.
 */
export function buildHeaders(order: AttemptOrder, userAgent: string, timestampS: number): string[] {
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
    standardSignatures(order, timestampS),
  ];
  const { bodySecret } = order.signing;
  if (bodySecret !== null) headers.push('X-Webhook-Signature', signBody(bodySecret, order.body));
  headers.push(...order.headers);
  return headers;
}

/** All in one header, parted by blanks, as Standard Webhooks says. */
function standardSignatures({ signing, eventId, body }: AttemptOrder, timestampS: number): string {
  const signatures = signing.secrets.map((secret) => signStandard(secret, eventId, timestampS, body));
  for (const key of signing.privateKeys) signatures.push(signAsymmetric(key, eventId, timestampS, body));
  return signatures.join(' ');
}
