import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { TokenFacts } from '../domain/token.ts';
import { TOKEN_FORM } from '../domain/token.ts';
import type { Clock } from '../lib/clock.ts';
import type { AccountStore, TokenUse } from '../store/contract/accounts.ts';

/** Tokens in use at once that need no look-up. */
const TOKENS_REMEMBERED_MAX = 10_000;
/** A revoked token works at most this much longer, on any node. */
const REMEMBERED_MS = 1_000;

/** Uses written down in one call: a few milliseconds. */
const USES_PER_CALL = 500;

/** The SHA-256 of a token: what is stored and looked up. */
export function hashToken(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}

type TokenStore = Pick<AccountStore, 'findTokenByHash' | 'findToken' | 'touchTokens'>;

type Ask = () => Promise<TokenFacts | undefined>;

/**
 * Who a request comes from. Tokens are found by their hash, never compared as text, so that how long an answer
 * takes tells nothing about how much of a guess was right. A good token is remembered for a moment: a publisher
 * should not pay for a look-up with every event.
 */
export class Tokens {
  readonly #store: TokenStore;
  readonly #clock: Clock;
  /** By the bytes of their hashes, and by id. */
  readonly #remembered: LRUCache<string, TokenFacts>;
  /** Look-ups under way: however many requests a busy token has waiting, it is looked up once. */
  readonly #lookups = new Map<string, Promise<TokenFacts | undefined>>();

  /** When tokens were used that is not written down yet: to the second, since that is how long one is remembered. */
  readonly #used = new Map<string, number>();

  constructor(store: TokenStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    this.#remembered = new LRUCache({
      max: TOKENS_REMEMBERED_MAX,
      ttl: REMEMBERED_MS,
      ttlResolution: 0,
      perf: { now: () => clock.monotonic() },
    });
  }

  /**
   * The token of this text, if there is one and it is neither expired nor revoked; at once when it is remembered.
   * Text that cannot be a token costs no hash. Rejects as the store does.
   */
  authenticate(text: string): TokenFacts | undefined | Promise<TokenFacts | undefined> {
    if (!TOKEN_FORM.test(text)) return undefined;
    const digest = hashToken(text);
    const key = digest.toString('latin1');
    const token = this.#remembered.get(key);
    return token === undefined
      ? this.#lookUp(key, () => this.#store.findTokenByHash(digest))
      : this.#ifValid(token);
  }

  /** The token of this id, for what was made with it, under the same conditions: that ends as it does. */
  async find(id: string): Promise<TokenFacts | undefined> {
    const token = this.#remembered.get(id);
    return token === undefined ? this.#lookUp(id, () => this.#store.findToken(id)) : this.#ifValid(token);
  }

  /** To be called when a token was revoked here: it is looked up again. */
  forget(tokenId: string): void {
    for (const [key, token] of this.#remembered.entries()) {
      if (token.id === tokenId) this.#remembered.delete(key);
    }
  }

  /** To be called when a workspace was deleted here, and its tokens revoked with it. */
  forgetWorkspace(workspaceId: string): void {
    for (const [key, token] of this.#remembered.entries()) {
      if (token.workspaceId === workspaceId) this.#remembered.delete(key);
    }
  }

  /** Writes down when tokens were used last. Rejects as the store does; what was not written is tried the next time. */
  async writeUses(): Promise<void> {
    const uses = [...this.#used].map(([id, usedAt]): TokenUse => ({ id, usedAt }));
    while (uses.length > 0) {
      const some = uses.splice(0, USES_PER_CALL);
      await this.#store.touchTokens(some);
      for (const { id, usedAt } of some) if (this.#used.get(id) === usedAt) this.#used.delete(id);
    }
  }

  async #lookUp(key: string, ask: Ask): Promise<TokenFacts | undefined> {
    const underWay = this.#lookups.get(key) ?? this.#startLookup(key, ask);
    const token = await underWay;
    const valid = token && this.#ifValid(token);
    if (valid !== undefined) this.#used.set(valid.id, this.#clock.now());
    return valid;
  }

  async #startLookup(key: string, ask: Ask): Promise<TokenFacts | undefined> {
    const lookup = ask();
    this.#lookups.set(key, lookup);
    try {
      const token = await lookup;
      // Unknown ones are not remembered: whoever makes them up would push out the good ones.
      if (token !== undefined) this.#remembered.set(key, token);
      return token;
    } finally {
      this.#lookups.delete(key);
    }
  }

  #ifValid(token: TokenFacts): TokenFacts | undefined {
    const isExpired = token.expiresAt !== null && token.expiresAt <= this.#clock.now();
    return isExpired || token.revokedAt !== null ? undefined : token;
  }
}
