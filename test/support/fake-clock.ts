import TinyQueue from 'tinyqueue';
import type { Clock } from '../../src/lib/clock.ts';
import { systemClock } from '../../src/lib/clock.ts';

interface Timer {
  at: number;
  run: () => void;
  isCancelled: boolean;
}

/** Sums of fractions are off by less. */
const ROUNDING_MS = 1e-6;

/** A clock that stands still until the test moves it: a day passes in as long as its work takes. */
export class FakeClock implements Clock {
  #now: number;
  /** From the system's own: what is stamped by it is judged in threads that have no other. */
  #monotonic = systemClock.monotonic();
  readonly #timers = new TinyQueue<Timer>([], (a, b) => a.at - b.at);

  constructor(now = Date.parse('2026-03-24T14:30:00.000Z')) {
    this.#now = now;
  }

  /** Whole milliseconds, as the system's; what is due at a part of one is due by the next. */
  now(): number {
    return Math.ceil(this.#now - ROUNDING_MS);
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer: Timer = { at: this.#monotonic + Math.max(0, delayMs), run, isCancelled: false };
    this.#timers.push(timer);
    return () => {
      timer.isCancelled = true;
    };
  }

  /** Moves time on, calling what falls due on the way, each at its own time. */
  advance(ms: number): void {
    const until = this.#monotonic + ms;
    for (let timer = this.#timers.peek(); timer && timer.at <= until; timer = this.#timers.peek()) {
      this.#timers.pop();
      this.#pass(Math.max(0, timer.at - this.#monotonic));
      if (!timer.isCancelled) timer.run();
    }
    this.#pass(until - this.#monotonic);
  }

  /** Sets the wall clock forward or, negative, back; no time passes. */
  step(ms: number): void {
    this.#now += ms;
  }

  #pass(ms: number): void {
    this.#now += ms;
    this.#monotonic += ms;
  }
}
