import type { FastifyReply } from 'fastify';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Settings } from '../config/settings.ts';
import { Refusal } from '../domain/errors.ts';
import type { Clock } from '../lib/clock.ts';

/** What a request counts as; each has a limit of its own. */
export type RateClass = keyof Settings['rateLimits'];

const WINDOW_S = 15 * 60;
/** Wrong tokens from one address before it is told to wait: a misconfigured client retries, an attacker floods. */
const FAILURES_MAX = 300;
const FAILURES_WINDOW_S = 60;
/** One IPv6 customer has at least this many leading bits to himself, and all addresses below them. */
const IPV6_GROUPS_PER_CUSTOMER = 4;

/** Counts requests per token and class, and failed authentications per address. In memory: of this node. */
export class RateLimits {
  readonly #limiters: Partial<Record<RateClass, RateLimiterMemory>> = {};
  /** Undefined when all limits are off: then whoever runs this has something in front of it, or is testing. */
  readonly #failures: RateLimiterMemory | undefined;
  readonly #clock: Clock;

  constructor(limits: Settings['rateLimits'], clock: Clock) {
    this.#clock = clock;
    for (const [rate, points] of Object.entries(limits) as [RateClass, number][]) {
      if (points > 0) this.#limiters[rate] = new RateLimiterMemory({ points, duration: WINDOW_S });
    }
    this.#failures =
      Object.keys(this.#limiters).length === 0
        ? undefined
        : new RateLimiterMemory({ points: FAILURES_MAX, duration: FAILURES_WINDOW_S });
  }

  /** Whether this class is limited at all; publishing is not, by default, and should not wait for a promise. */
  applies(rate: RateClass): boolean {
    return this.#limiters[rate] !== undefined;
  }

  /** Counts a request and says so in the answer's headers; rejects with a 429 when it is one too many. */
  async count(rate: RateClass, tokenId: string, reply: FastifyReply): Promise<void> {
    const limiter = this.#limiters[rate];
    if (limiter === undefined) return;
    const standing = await consume(limiter, tokenId);
    reply.headers({
      'x-ratelimit-limit': String(limiter.points),
      'x-ratelimit-remaining': String(standing.remainingPoints),
      'x-ratelimit-reset': String(Math.ceil((this.#clock.now() + standing.msBeforeNext) / 1000)),
    });
    if (standing.consumedPoints > limiter.points) {
      throw tooMany(`This token has made its ${limiter.points} ${rate} requests of 15 minutes.`, standing);
    }
  }

  /** Counts a failed authentication; rejects with a 429 when the address has had too many. */
  async countFailure(address: string): Promise<void> {
    if (this.#failures === undefined) return;
    const standing = await consume(this.#failures, customerOf(address));
    if (standing.consumedPoints > FAILURES_MAX) {
      throw tooMany('Too many requests with a missing or wrong token came from this address.', standing);
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

function tooMany(message: string, standing: RateLimiterRes): Refusal {
  const retryAfterS = Math.max(1, Math.ceil(standing.msBeforeNext / 1000));
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
