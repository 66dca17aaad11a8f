import type { Keyring } from '../lib/keyring.ts';
import { CannotOpen } from '../lib/keyring.ts';

/**
 * A value that whoever has it carries around and can neither read, alter nor make: sealed with the keyring, for one
 * purpose. What is sealed for another purpose, or by another installation, does not open.
 */
export class SealedValue<T> {
  readonly #keyring: Pick<Keyring, 'seal' | 'open'>;
  readonly #purpose: string;
  readonly #charsMax: number;

  /** `charsMax`: longer than any that there is; more is junk, and not worth a look. */
  constructor(keyring: Pick<Keyring, 'seal' | 'open'>, purpose: string, charsMax: number) {
    this.#keyring = keyring;
    this.#purpose = `velahook ${purpose}`;
    this.#charsMax = charsMax;
  }

  /** In letters, digits, `-` and `_`, as it may stand in a header, a cookie and a URL. */
  seal(value: T): string {
    return Buffer.from(this.#keyring.seal(JSON.stringify(value), this.#purpose)).toString('base64url');
  }

  /** Undefined for whatever was not sealed here for this. */
  open(text: string): T | undefined {
    if (text.length > this.#charsMax) return undefined;
    const sealed = Buffer.from(text, 'base64url');
    // The decoder passes over what is no base64url, and two texts would be the same value.
    if (sealed.toString('base64url') !== text) return undefined;
    try {
      return JSON.parse(this.#keyring.open(sealed, this.#purpose)) as T;
    } catch (error) {
      if (error instanceof CannotOpen) return undefined;
      throw error;
    }
  }
}
