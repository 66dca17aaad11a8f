import { ERASURE_VALUE, sealContext } from '../domain/sealed-parts.ts';
import type { Erasure } from '../domain/erasure.ts';
import type { Keyring } from '../lib/keyring.ts';

/** Seals the value that an erasure looks for, and opens it. Opening throws the keyring's `CannotOpen`. */
export class ErasureSeals {
  readonly #keyring: Keyring;

  constructor(keyring: Keyring) {
    this.#keyring = keyring;
  }

  /** `value`: its JSON text, which keeps big numbers and whatever else a string may have in it. */
  seal(value: string, id: string): Uint8Array {
    return this.#keyring.seal(value, sealContext(id, ERASURE_VALUE));
  }

  /** Throws when the erasure has ended. */
  open({ id, sealedValue }: Pick<Erasure, 'id' | 'sealedValue'>): string {
    if (sealedValue === null) throw new Error(`The erasure ${id} has no value any more.`);
    return this.#keyring.open(sealedValue, sealContext(id, ERASURE_VALUE));
  }
}
