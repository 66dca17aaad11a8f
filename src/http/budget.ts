import type { RequestsTaken } from '../store/contract/counts.ts';

/** Takes so many requests of the store. */
export type Take = (wanted: number) => Promise<RequestsTaken>;

/** What a client is told of its limit. */
export interface Standing {
  /** It is more than what is left: nothing of it was counted. */
  isOver: boolean;
  remaining: number;
  windowEndsAt: number;
}

/**
 * A token's requests of one kind on this node. They are taken of the store some at a time: with a part of the limit
 * in hand, most requests are counted in memory, and what all nodes let through together is never more than the limit.
 */
export class Budget {
  readonly #take: Take;
  /** How many are taken at once; more when more wait. */
  readonly #share: number;
  /** Taken and not used yet. */
  #inHand = 0;
  /** Left in the store when it was asked last. */
  #left = 0;
  #isExhausted = false;
  #windowEndsAt = 0;
  /** Requests that wait for the store's word. */
  #waiting = 0;
  #taking: Promise<void> | undefined;

  constructor(share: number, take: Take) {
    this.#share = share;
    this.#take = take;
  }

  /** Counts so many requests, all of them or none. Rejects as the store does. */
  async count(requests: number, now: () => number): Promise<Standing> {
    if (this.#windowEndsAt <= now()) this.#inHand = 0;
    while (this.#inHand < requests && !(this.#isExhausted && this.#windowEndsAt > now())) {
      this.#waiting += requests;
      // Whoever waits shares one question, and what comes of it.
      this.#taking ??= this.#takeMore().finally(() => (this.#taking = undefined));
      await this.#taking.finally(() => (this.#waiting -= requests));
    }
    const isOver = this.#inHand < requests;
    if (!isOver) this.#inHand -= requests;
    return { isOver, remaining: this.#left + this.#inHand, windowEndsAt: this.#windowEndsAt };
  }

  async #takeMore(): Promise<void> {
    // Whoever comes in this turn of the event loop is asked for as well.
    await Promise.resolve();
    const wanted = Math.max(this.#share, this.#waiting - this.#inHand);
    const { granted, left, windowEndsAt } = await this.#take(wanted);
    // What is in hand of the window before is worth nothing in this one.
    this.#inHand = windowEndsAt === this.#windowEndsAt ? this.#inHand + granted : granted;
    this.#left = left;
    this.#isExhausted = granted < wanted;
    this.#windowEndsAt = windowEndsAt;
  }
}
