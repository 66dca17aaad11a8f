import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import type { Random } from './random.ts';

/** AES-256. */
export const KEY_BYTES = 32;
/** GCM's own nonce length; random ones are safe for 2^32 messages under one key (NIST SP 800-38D, 8.3). */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID_BYTES = 4;
/** The layout of a sealed text: format, key id, nonce, ciphertext, tag. Another layout gets another number. */
const FORMAT = 1;
const HEAD_BYTES = 1 + KEY_ID_BYTES;

/** A sealed text could not be opened: its key is missing, it was altered, or it belongs to another context. */
export class CannotOpen extends Error {}

/**
 * Seals short texts with AES-256-GCM for storage beside, not with, the key. The context (such as the id of the
 * row) is authenticated too: a sealed text copied to another row does not open there.
 */
export class Keyring {
  readonly #sealing: { id: Buffer; key: Uint8Array };
  readonly #keys = new Map<string, Uint8Array>();
  readonly #random: Random;

  /** The first key seals; all of them open, so that keys can be exchanged without downtime. */
  constructor(keys: readonly Uint8Array[], random: Random) {
    const [first] = keys;
    if (first === undefined) throw new RangeError('A keyring needs a key.');
    for (const key of keys) {
      if (key.length !== KEY_BYTES) throw new RangeError(`A key has ${KEY_BYTES} bytes.`);
      this.#keys.set(keyId(key).toString('hex'), key);
    }
    this.#sealing = { id: keyId(first), key: first };
    this.#random = random;
  }

  seal(text: string, context: string): Uint8Array {
    const head = Buffer.concat([Buffer.of(FORMAT), this.#sealing.id]);
    const nonce = this.#random.bytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#sealing.key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(authenticated(head, context));
    const sealed = [head, nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
    return new Uint8Array(Buffer.concat(sealed));
  }

  /** Throws {@link CannotOpen}. */
  open(sealed: Uint8Array, context: string): string {
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    const nonceEnd = HEAD_BYTES + NONCE_BYTES;
    const tagStart = bytes.length - TAG_BYTES;
    if (tagStart < nonceEnd || bytes[0] !== FORMAT)
      throw new CannotOpen('Not a sealed text of a known format.');
    const head = bytes.subarray(0, HEAD_BYTES);
    const key = this.#keys.get(head.toString('hex', 1));
    if (key === undefined) throw new CannotOpen('Sealed with a key that is not in the keyring.');
    const nonce = bytes.subarray(HEAD_BYTES, nonceEnd);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(authenticated(head, context));
    decipher.setAuthTag(bytes.subarray(tagStart));
    try {
      const text = [decipher.update(bytes.subarray(nonceEnd, tagStart)), decipher.final()];
      return Buffer.concat(text).toString('utf8');
    } catch (cause) {
      throw new CannotOpen('The sealed text was altered, or belongs to another context.', { cause });
    }
  }
}

function authenticated(head: Uint8Array, context: string): Buffer {
  return Buffer.concat([head, Buffer.from(context, 'utf8')]);
}

/** Tells keys apart in what they sealed, without telling anything about them. */
function keyId(key: Uint8Array): Buffer {
  return createHash('sha256').update('velahook key id').update(key).digest().subarray(0, KEY_ID_BYTES);
}
