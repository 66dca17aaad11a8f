import { createHmac, timingSafeEqual } from 'node:crypto';

// Whether it comes from us: the raw body as it arrived, the X-Webhook-Signature header, the secret you chose.
export function isGenuine(rawBody, signature, secret) {
  const expected = Buffer.from('sha256=' + createHmac('sha256', secret).update(rawBody).digest('hex'));
  const given = Buffer.from(signature ?? '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
