import type { KeyObject } from 'node:crypto';
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { LRUCache } from 'lru-cache';

/** What the random bytes of a new key are: RFC 8032's private key. */
export const KEY_SEED_BYTES = 32;
const PUBLIC_PREFIX = 'whpk_';
const PRIVATE_PREFIX = 'whsk_';
/** RFC 8410: what surrounds a seed, and stands before a public key, in DER. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_HEAD_BYTES = 12;

/** Reading a key costs more than signing with it. */
const KEYS_HELD_MAX = 1_000;
const privateKeys = new LRUCache<string, KeyObject>({ max: KEYS_HELD_MAX });

/** An ed25519 key pair as Standard Webhooks writes it: base64 of the public key, and of seed and public key. */
export interface KeyPair {
  publicKey: string;
  privateKey: string;
}

export function keyPairOf(seed: Uint8Array): KeyPair {
  const der = createPublicKey(keyOf(seed)).export({ format: 'der', type: 'spki' });
  const point = der.subarray(SPKI_HEAD_BYTES);
  return {
    publicKey: PUBLIC_PREFIX + point.toString('base64'),
    privateKey: PRIVATE_PREFIX + Buffer.concat([seed, point]).toString('base64'),
  };
}

/**
 * One asymmetric signature of a `webhook-signature` header, by Standard Webhooks 1.0: `v1a,` and the base64 ed25519
 * signature of `id.timestamp.body`. `timestampS` is in whole seconds since the Unix epoch.
 */
export function signAsymmetric(privateKey: string, id: string, timestampS: number, body: Uint8Array): string {
  let key = privateKeys.get(privateKey);
  if (key === undefined) {
    const bytes = Buffer.from(privateKey.slice(PRIVATE_PREFIX.length), 'base64');
    key = keyOf(bytes.subarray(0, KEY_SEED_BYTES));
    privateKeys.set(privateKey, key);
  }
  const signed = Buffer.concat([Buffer.from(`${id}.${timestampS}.`), body]);
  return `v1a,${sign(null, signed, key).toString('base64')}`;
}

function keyOf(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' });
}
