import { HEADER_MASK } from '../domain/extra-headers.ts';
import { KEY_SEED_BYTES, keyPairOf } from '../domain/key-pair.ts';
import { sealContext } from '../domain/sealed-parts.ts';
import type { OpenedSubscription } from '../domain/signing.ts';
import type { SealedHeaders, SealedKeyPair, Subscription } from '../domain/subscription.ts';
import type { Keyring } from '../lib/keyring.ts';
import type { Random } from '../lib/random.ts';
import type { SealedSigningSecret } from '../store/contract/subscriptions.ts';

/** A generated signing secret's key: as long as the SHA-256 it is for. */
const GENERATED_SECRET_BYTES = 32;
const SECRET_HINT_CHARS = 4;

/** Seals what must not be read in the store, and opens it. Opening throws the keyring's `CannotOpen`. */
export class SubscriptionSeals {
  readonly #keyring: Keyring;
  readonly #random: Random;

  constructor(keyring: Keyring, random: Random) {
    this.#keyring = keyring;
    this.#random = random;
  }

  newSecret(): string {
    return `whsec_${Buffer.from(this.#random.bytes(GENERATED_SECRET_BYTES)).toString('base64')}`;
  }

  sealSecret(secret: string, id: string): SealedSigningSecret {
    return { sealed: this.#keyring.seal(secret, sealContext(id, 'secret')), hint: hintOf(secret) };
  }

  openSecret({ id, sealedSecret }: Subscription): string {
    return this.#keyring.open(sealedSecret, sealContext(id, 'secret'));
  }

  newKeyPair(id: string): SealedKeyPair {
    const { publicKey, privateKey } = keyPairOf(this.#random.bytes(KEY_SEED_BYTES));
    return { publicKey, sealedPrivateKey: this.#keyring.seal(privateKey, sealContext(id, 'privateKey')) };
  }

  /**
   * Values that are masked are those of `before`. Null for no headers at all, so that there is nothing to open for the
   * many subscriptions without any.
   */
  sealHeaders(
    headers: Readonly<Record<string, string>>,
    id: string,
    before: Subscription | null,
  ): SealedHeaders | null {
    const names = Object.keys(headers);
    if (names.length === 0) return null;
    const isMasked = Object.values(headers).includes(HEADER_MASK);
    const known = new Map(isMasked && before ? this.#openHeaders(before) : []);
    const values = Object.entries(headers).map(([name, value]) =>
      value === HEADER_MASK ? (known.get(name.toLowerCase()) ?? value) : value,
    );
    const sealedValues = this.#keyring.seal(JSON.stringify(values), sealContext(id, 'headers'));
    return { names, sealedValues };
  }

  /** Everything, for the engine. */
  open(subscription: Subscription): OpenedSubscription {
    const { id, keyPair, previous, headers } = subscription;
    const open = (sealed: Uint8Array, part: 'secret' | 'privateKey'): string =>
      this.#keyring.open(sealed, sealContext(id, part));
    return {
      secret: open(subscription.sealedSecret, 'secret'),
      privateKey: keyPair && open(keyPair.sealedPrivateKey, 'privateKey'),
      previous: previous && {
        secret: open(previous.sealedSecret, 'secret'),
        privateKey: previous.keyPair && open(previous.keyPair.sealedPrivateKey, 'privateKey'),
      },
      headers: headers
        ? this.#openValues(id, headers).flatMap((value, i) => [headers.names[i] ?? '', value])
        : [],
    };
  }

  openPreviousSecret({ id, previous }: Subscription): string | null {
    return previous && this.#keyring.open(previous.sealedSecret, sealContext(id, 'previousSecret'));
  }

  /** By name in lower case. */
  #openHeaders({ id, headers }: Subscription): [string, string][] {
    if (headers === null) return [];
    return this.#openValues(id, headers).map((value, i) => [headers.names[i]?.toLowerCase() ?? '', value]);
  }

  #openValues(id: string, { sealedValues }: SealedHeaders): string[] {
    return JSON.parse(this.#keyring.open(sealedValues, sealContext(id, 'headers'))) as string[];
  }
}

/** The last four characters, of a short secret fewer: never more than a quarter of it. */
function hintOf(secret: string): string {
  const shown = Math.min(SECRET_HINT_CHARS, Math.floor(secret.length / SECRET_HINT_CHARS));
  return secret.slice(secret.length - shown);
}
