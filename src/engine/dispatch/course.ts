import type { AttemptTiming } from '../../domain/attempt-timing.ts';
import { systemClock } from '../../lib/clock.ts';

/**
 * How an attempt goes on: one phase after the other, by the monotonic clock, and the address it has come to. A phase
 * that is begun again (TCP, at the next address) goes on counting.
 */
export class Course implements AttemptTiming {
  dnsMs: number | null = null;
  connectMs: number | null = null;
  tlsMs: number | null = null;
  waitMs: number | null = null;
  /** What is connected to, or tried. */
  remoteAddress: string | null = null;
  #phase: keyof AttemptTiming | null = null;
  #since = 0;

  /** The phase under way; null between two. */
  get phase(): keyof AttemptTiming | null {
    return this.#phase;
  }

  /** Ends the phase under way and begins another. */
  begin(phase: keyof AttemptTiming): void {
    this.end();
    this.#phase = phase;
    this.#since = systemClock.monotonic();
  }

  /** Ends the phase under way, if there is one. */
  end(): void {
    if (this.#phase === null) return;
    this[this.#phase] = (this[this.#phase] ?? 0) + systemClock.monotonic() - this.#since;
    this.#phase = null;
  }
}
