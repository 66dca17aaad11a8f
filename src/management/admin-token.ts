import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../lib/clock.ts';
import type { Random } from '../lib/random.ts';
import type { AccountStore } from '../store/contract/accounts.ts';
import { makeToken } from './new-token.ts';
import { hashToken } from './tokens.ts';

/** A token that was replaced works at most this much longer, on any node. */
const REMEMBERED_MS = 1_000;

/** 96 bits: no two admin tokens of an installation have the same. */
const MARK_CHARS = 16;

type AdminTokenStore = Pick<AccountStore, 'findAdminToken' | 'ensureAdminToken'>;

/**
 * Sees to it that there is an admin token. Answers the whole of it when it was made up just now, to be printed this once;
 * undefined when the settings name one, or the store has one.
 */
export async function ensureAdminToken(
  store: AdminTokenStore,
  configured: string | null,
  clock: Pick<Clock, 'now'>,
  random: Random,
): Promise<string | undefined> {
  if (configured !== null || (await store.findAdminToken()) !== undefined) return undefined;
  const text = makeToken('sk_admin_', random);
  // Otherwise another node, starting at this moment, has made its own, and tells of it.
  return (await store.ensureAdminToken(hashToken(text), clock.now())) ? text : undefined;
}

/** Tells the administrator from everybody else: by the token the settings name, or else by the hash in the store. */
export class AdminToken {
  readonly #store: AdminTokenStore;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #configured: Buffer | null;
  #known: { hash: Uint8Array | undefined; readAt: number } | undefined;

  constructor(store: AdminTokenStore, configured: string | null, clock: Pick<Clock, 'monotonic'>) {
    this.#store = store;
    this.#clock = clock;
    this.#configured = configured === null ? null : hashToken(configured);
  }

  /** Compares hashes: how long it takes tells nothing about how much of a guess was right. Rejects as the store does. */
  async isIt(text: string): Promise<boolean> {
    const hash = this.#configured ?? (await this.#stored());
    return hash !== undefined && timingSafeEqual(hash, hashToken(text));
  }

  /**
   * What tells this admin token from the next, for what was made with it: that ends when it is replaced. Tells nothing of
   * the token, nor of its hash.
   */
  async mark(): Promise<string | undefined> {
    const hash = this.#configured ?? (await this.#stored());
    if (hash === undefined) return undefined;
    return createHash('sha256')
      .update('velahook admin token')
      .update(hash)
      .digest('base64url')
      .slice(0, MARK_CHARS);
  }

  async #stored(): Promise<Uint8Array | undefined> {
    const readAt = this.#clock.monotonic();
    if (this.#known === undefined || readAt - this.#known.readAt >= REMEMBERED_MS)
      this.#known = { hash: await this.#store.findAdminToken(), readAt };
    return this.#known.hash;
  }
}
