import TinyQueue from 'tinyqueue';
import type { Clock } from '../../src/lib/clock.ts';

interface Timer {
  at: number;
  run: () => void;
  isCancelled: boolean;
}

/** A clock that stands still until the test moves it: a day passes in as long as its work takes. */
export class FakeClock implements Clock {
  #now: number;
  readonly #startedAt: number;
  readonly #timers = new TinyQueue<Timer>([], (a, b) => a.at - b.at);

  constructor(now = Date.parse('2026-03-24T14:30:00.000Z')) {
    this.#now = now;
    this.#startedAt = now;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now - this.#startedAt;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer: Timer = { at: this.#now + Math.max(0, delayMs), run, isCancelled: false };
    this.#timers.push(timer);
    return () => {
      timer.isCancelled = true;
    };
  }

  /** Moves time on, calling what falls due on the way, each at its own time. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (let timer = this.#timers.peek(); timer && timer.at <= until; timer = this.#timers.peek()) {
      this.#timers.pop();
      this.#now = Math.max(this.#now, timer.at);
      if (!timer.isCancelled) timer.run();
    }
    this.#now = until;
  }
}
