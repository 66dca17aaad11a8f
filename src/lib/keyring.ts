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
/** What tells the key of a sealed text, and is the same in all that one key has sealed. */
export const HEAD_BYTES = 1 + KEY_ID_BYTES;

/** A sealed text could not be opened: its key is missing, it was altered, or it belongs to another context. */
export class CannotOpen extends Error {}

/**
 * Seals short texts with AES-256-GCM for storage beside, not with, the key. The context (such as the id of the
 * row) is authenticated too: a sealed text copied to another row does not open there.
 */
export class Keyring {
  readonly #read: () => readonly Uint8Array[];
  /** By key id: every key there has been, since what one of them sealed may still be in somebody's memory. */
  readonly #keys = new Map<string, Uint8Array>();
  readonly #random: Random;

  /**
   * The first key seals; all of them open. A function is asked again for every sealing and for every text whose key
   * is unknown, so that keys can be exchanged under a running process. Throws `RangeError` for no key or a bad one.
   */
  constructor(keys: readonly Uint8Array[] | (() => readonly Uint8Array[]), random: Random) {
    this.#read = typeof keys === 'function' ? keys : () => keys;
    this.#random = random;
    this.#current();
  }

  /** Seals under the first key. Throws as the function that reads the keys does. */
  seal(text: string, context: string): Uint8Array {
    const { id, key } = this.#current();
    const head = Buffer.concat([Buffer.of(FORMAT), id]);
    const nonce = this.#random.bytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(authenticated(head, context));
    const sealed = [head, nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
    return new Uint8Array(Buffer.concat(sealed));
  }

  /** Whether the first key has sealed it. */
  isCurrent(sealed: Uint8Array): boolean {
    return keyIdOf(sealed) === this.#current().id.toString('hex');
  }

  /** Whether one of the keys has sealed it, as far as can be told without opening it. */
  hasKeyOf(sealed: Uint8Array): boolean {
    return this.#keyOf(sealed) !== undefined;
  }

  /** Throws {@link CannotOpen}. */
  open(sealed: Uint8Array, context: string): string {
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    const nonceEnd = HEAD_BYTES + NONCE_BYTES;
    const tagStart = bytes.length - TAG_BYTES;
    if (tagStart < nonceEnd || bytes[0] !== FORMAT)
      throw new CannotOpen('Not a sealed text of a known format.');
    const head = bytes.subarray(0, HEAD_BYTES);
    const key = this.#keyOf(sealed);
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

  #keyOf(sealed: Uint8Array): Uint8Array | undefined {
    const id = keyIdOf(sealed);
    if (!this.#keys.has(id)) this.#current();
    return this.#keys.get(id);
  }

  /** Reads the keys; answers the one that seals. */
  #current(): { id: Buffer; key: Uint8Array } {
    const keys = this.#read();
    const [first] = keys;
    if (first === undefined) throw new RangeError('A keyring needs a key.');
    for (const key of keys) {
      if (key.length !== KEY_BYTES) throw new RangeError(`A key has ${KEY_BYTES} bytes.`);
      this.#keys.set(keyId(key).toString('hex'), key);
    }
    return { id: keyId(first), key: first };
  }
}

function keyIdOf(sealed: Uint8Array): string {
  return Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength).toString('hex', 1, HEAD_BYTES);
}

function authenticated(head: Uint8Array, context: string): Buffer {
  return Buffer.concat([head, Buffer.from(context, 'utf8')]);
}

/** Tells keys apart in what they sealed, without telling anything about them. */
function keyId(key: Uint8Array): Buffer {
  return createHash('sha256').update('velahook key id').update(key).digest().subarray(0, KEY_ID_BYTES);
}
