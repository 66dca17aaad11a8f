import { Fifo } from '../../lib/fifo.ts';
import type { Attempt } from './attempt.ts';

/**
 * A new connection costs this thread about 2 ms, most of it for the handshake. At this rate they take less than half
 * of it, and a healthy attempt waits for one of them. (Unpaced, for a hundred: a timeout frees the slots of as many.)
 */
const INTERVAL_MS = 5;

/**
 * Attempts to receivers that are not known to answer and that a connection must be made for: they start one after
 * the other. How many can wait here is bounded by the slots they hold. Waiting is not part of an attempt: its time
 * begins when it starts.
 */
export class PacedStarts {
  readonly #waiting = new Fifo<Attempt>();
  #timer: NodeJS.Timeout | undefined;

  add(attempt: Attempt): void {
    this.#waiting.push(attempt);
    if (this.#timer === undefined) this.#connectNext();
  }

  /** To be called when connections have been given back: the first that can use one needs no turn any more. */
  startConnected(): void {
    while (this.#waiting.peek()?.hasConnection === true) this.#waiting.shift()?.start();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #connectNext(): void {
    this.#timer = undefined;
    this.startConnected();
    const attempt = this.#waiting.shift();
    if (attempt === undefined) return;
    attempt.start();
    // From now on, not from when it should have been: a thread that is late is busy enough.
    this.#timer = setTimeout(() => this.#connectNext(), INTERVAL_MS);
  }
}
