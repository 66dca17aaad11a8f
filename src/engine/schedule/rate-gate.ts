/**
 * What part of the limit the bucket is filled at, and what part of a second's it holds. A bucket of `b` tokens filled at
 * `r` per second lets `b + r` through in the worst second; what starts apart may arrive together, when a connection is
 * slow to be made. So much is left that a receiver counts no more than the limit though each attempt was up to 50 ms
 * late, and no more than a tenth above it at 110 ms: also of a limit of 1, of which there are no parts.
 */
const FLOW_PART = 0.9;
const BURST_PART = 0.05;
const SECOND_MS = 1_000;

/**
 * A subscription's `rateLimit`: a bucket of tokens, one for each attempt. In no second do more attempts start than the
 * limit says; evenly spread, a twentieth of a second's worth at once at most, so that connections that take their time
 * do not make two bursts of them into one at the receiver. Pure but for its state; times by the engine's clock, in
 * milliseconds.
 *
 * A token is taken when an attempt starts; from its pick to its start it is only reserved: what waits for the store in
 * between starts later, and the next ones later still.
 */
export class RateGate {
  readonly perSecond: number;
  readonly #intervalMs: number;
  readonly #size: number;
  /** When all tokens are there, if none is taken till then. */
  #fullAt: number;
  #reserved = 0;

  /** Empty at `emptyAt`: the first attempt comes an interval later. `-Infinity`: it is full. */
  constructor(perSecond: number, emptyAt: number) {
    this.perSecond = perSecond;
    this.#intervalMs = SECOND_MS / (perSecond * FLOW_PART);
    this.#size = Math.max(1, Math.floor(perSecond * BURST_PART));
    this.#fullAt = emptyAt + this.#size * this.#intervalMs;
  }

  get fullAt(): number {
    return this.#fullAt;
  }

  /** When a token is to be had; `Infinity` while one must be taken or given back first. */
  readyAt(): number {
    const left = this.#size - this.#reserved;
    return left <= 0 ? Infinity : this.#fullAt - (left - 1) * this.#intervalMs;
  }

  /** The caller knows that there is a token. */
  reserve(): void {
    this.#reserved += 1;
  }

  /** The attempt that a token was reserved for does not start. */
  cancel(): void {
    this.#reserved -= 1;
  }

  /** The attempt starts now. */
  start(now: number): void {
    this.#reserved -= 1;
    this.#fullAt = Math.max(this.#fullAt, now) + this.#intervalMs;
  }
}
