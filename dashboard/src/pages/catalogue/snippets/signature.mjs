import { createHmac, timingSafeEqual } from 'node:crypto';

// rawBody: the bytes as they arrived, before any parsing (Express: express.raw({ type: 'application/json' })).
export function isGenuine(rawBody, headers, secret) {
  const expected = Buffer.from('sha256=' + createHmac('sha256', secret).update(rawBody).digest('hex'));
  const given = Buffer.from(headers['x-webhook-signature'] ?? '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
