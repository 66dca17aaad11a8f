import type { KeyObject } from 'node:crypto';
import { createHmac, createSecretKey } from 'node:crypto';
import { LRUCache } from 'lru-cache';

/** A secret with this prefix is, by Standard Webhooks, the base64 of its key. */
const SECRET_PREFIX = 'whsec_';

/** Keys of subscriptions in use: decoding one, or handing Node its bytes anew, costs more than signing with it. */
const KEYS_HELD_MAX = 5_000;
const standardKeys = new LRUCache<string, KeyObject>({ max: KEYS_HELD_MAX });

/**
 * The value of `X-Webhook-Signature`: the documented VelaFlows signature. The key is the secret as given, its
 * prefix included, in UTF-8. A receiver checks it with
 * `createHmac('sha256', secret).update(rawBody).digest('hex')`.
 */
export function signBody(secret: string, body: Uint8Array): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

/**
 * One signature of a `webhook-signature` header, by Standard Webhooks 1.0
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md): `v1,` and the
 * base64 HMAC-SHA256 of `id.timestamp.body`. `timestampS` is in whole seconds since the Unix epoch.
 */
export function signStandard(secret: string, id: string, timestampS: number, body: Uint8Array): string {
  let key = standardKeys.get(secret);
  if (key === undefined) {
    key = createSecretKey(Buffer.from(standardKey(secret)));
    standardKeys.set(secret, key);
  }
  const hmac = createHmac('sha256', key);
  return `v1,${hmac.update(`${id}.${timestampS}.`).update(body).digest('base64')}`;
}

/**
 * The key that Standard Webhooks signs with: what follows `whsec_`, decoded, if that is canonical base64
 * (standard alphabet, padding optional); any other secret whole, as its UTF-8 bytes. Decoding anything less
 * strictly would give different keys in different libraries.
 */
export function standardKey(secret: string): Uint8Array | string {
  if (!secret.startsWith(SECRET_PREFIX)) return secret;
  const text = secret.slice(SECRET_PREFIX.length);
  const key = Buffer.from(text, 'base64');
  const canonical = key.toString('base64');
  // An empty key would let anybody sign, so that `whsec_` alone is just a short secret.
  if (key.length === 0 || (text !== canonical && text !== canonical.replace(/=+$/, ''))) return secret;
  return key;
}
