import type { FastifyReply } from 'fastify';
import { LRUCache } from 'lru-cache';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Settings } from '../config/settings.ts';
import type { Access } from '../domain/access.ts';
import { Refusal } from '../domain/errors.ts';
import type { Clock } from '../lib/clock.ts';
import type { RequestCountStore } from '../store/contract/counts.ts';
import { Budget } from './budget.ts';

/** What a request counts as; each has a limit of its own. */
export type RateClass = keyof Settings['rateLimits'];

const WINDOW_MS = 15 * 60_000;
/**
 * A node takes this part of a limit at once. What the others hold and do not use is missing to whoever asks the last
 * one: with five nodes at most a tenth. Small limits are taken one by one.
 */
const SHARES = 40;
/** Budgets held at once, four rates for each token: one that is dropped loses what it had in hand, and no more. */
const BUDGETS_MAX = 40_000;
/** Wrong tokens from one address before it is told to wait: a misconfigured client retries, an attacker floods. */
const FAILURES_MAX = 300;
const FAILURES_WINDOW_S = 60;
/** One IPv6 customer has at least this many leading bits to himself, and all addresses below them. */
const IPV6_GROUPS_PER_CUSTOMER = 4;

/** Dashboards ask for many small things; each session is one person, and scripts have tokens. */
const SESSION_FACTOR = 10;

/** Whose requests are counted together, and how many times the limit they have. */
export interface Counted {
  key: string;
  factor: number;
}

/**
 * A token's own requests are counted together, apart from those of sessions begun with it, and of links made with it. The
 * administrator's links are counted by workspace: one customer's pages must not use up another's.
 */
export function countedOf({ token, via, workspaceId }: Access): Counted {
  const key = token?.id ?? 'admin';
  if (via === null) return { key, factor: 1 };
  const whose = via === 'portal' ? ` ${workspaceId}` : '';
  return { key: `${key} ${via}${whose}`, factor: SESSION_FACTOR };
}

/**
 * Counts requests per token and class, with what other nodes count, and failed authentications per address, of this
 * node alone: they are to keep look-ups off the store, since nobody guesses 256 bits at any speed; counted there, whoever
 * sends wrong tokens could write to it.
 */
export class RateLimits {
  readonly #limits: Settings['rateLimits'];
  readonly #store: RequestCountStore;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #budgets = new LRUCache<string, Budget>({ max: BUDGETS_MAX });
  /** Undefined when all limits are off: then whoever runs this has something in front of it, or is testing. */
  readonly #failures: RateLimiterMemory | undefined;

  constructor(limits: Settings['rateLimits'], store: RequestCountStore, clock: Pick<Clock, 'now'>) {
    this.#limits = limits;
    this.#store = store;
    this.#clock = clock;
    this.#failures = Object.values(limits).every((max) => max === 0)
      ? undefined
      : new RateLimiterMemory({ points: FAILURES_MAX, duration: FAILURES_WINDOW_S });
  }

  /** Whether this class is limited at all; publishing is not, by default, and should not wait for a promise. */
  applies(rate: RateClass): boolean {
    return this.#limits[rate] > 0;
  }

  /**
   * Counts a request, or what is worth so many, and says so in the answer's headers; rejects with a 429 when that is
   * too many: nothing of it is counted then.
   */
  async count(rate: RateClass, counted: Counted, reply: FastifyReply, requests = 1): Promise<void> {
    if (!this.applies(rate)) return;
    const max = this.#limits[rate] * counted.factor;
    const now = (): number => this.#clock.now();
    const { isOver, remaining, windowEndsAt } = await this.#budgetOf(rate, counted.key, max).count(
      requests,
      now,
    );
    reply.headers({
      'x-ratelimit-limit': String(max),
      'x-ratelimit-remaining': String(remaining),
      'x-ratelimit-reset': String(Math.ceil(windowEndsAt / 1000)),
    });
    if (!isOver) return;
    const what =
      requests === 1
        ? `This token has made its ${max} ${rate} requests of 15 minutes.`
        : `This counts as ${requests} more ${rate} requests, and the token has ${remaining} left of its ${max} of 15 minutes.`;
    throw tooMany(what, windowEndsAt - now());
  }

  #budgetOf(rate: RateClass, tokenId: string, max: number): Budget {
    const key = `${rate} ${tokenId}`;
    const known = this.#budgets.get(key);
    if (known !== undefined) return known;
    const share = Math.max(1, Math.floor(max / SHARES));
    const made = new Budget(share, (wanted) =>
      this.#store.takeRequests({ tokenId, rate, wanted, max, windowMs: WINDOW_MS, now: this.#clock.now() }),
    );
    this.#budgets.set(key, made);
    return made;
  }

  /** Counts a failed authentication; rejects with a 429 when the address has had too many. */
  async countFailure(address: string): Promise<void> {
    if (this.#failures === undefined) return;
    const standing = await consume(this.#failures, customerOf(address));
    if (standing.consumedPoints > FAILURES_MAX) {
      throw tooMany(
        'Too many requests with a missing or wrong token came from this address.',
        standing.msBeforeNext,
      );
    }
  }
}

/** The library rejects with the same standing it resolves with; only a fault of its own is an error. */
async function consume(limiter: RateLimiterMemory, key: string): Promise<RateLimiterRes> {
  try {
    return await limiter.consume(key);
  } catch (standing) {
    if (standing instanceof RateLimiterRes) return standing;
    throw standing;
  }
}

function tooMany(message: string, waitMs: number): Refusal {
  const retryAfterS = Math.max(1, Math.ceil(waitMs / 1000));
  return new Refusal('TOO_MANY_REQUESTS', `${message} Try again in ${retryAfterS} s.`, { retryAfterS });
}

/** The part of an address that one customer has: all of an IPv4 address, the first half of an IPv6 one. */
function customerOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(':').length;
  const whole = [...groups, ...Array<string>(Math.max(missing, 0)).fill('0'), ...(tail?.split(':') ?? [])];
  return whole.slice(0, IPV6_GROUPS_PER_CUSTOMER).join(':');
}
