import type { Clock } from './clock.ts';

export interface RoutineDeps {
  /** Rejecting ends nothing: it runs again. */
  run: () => Promise<void>;
  /** From the end of one run to the next; asked each time, so that it may vary. */
  waitMs: () => number;
  after: Clock['after'];
  onError: (error: unknown) => void;
}

/** Something that is done again and again, never twice at once: by itself after a while, and whenever it is wanted. */
export class Routine {
  readonly #deps: RoutineDeps;
  #running: Promise<void> | undefined;
  #isWanted = false;
  #isStopped = false;
  #cancelTimer: (() => void) | undefined;

  constructor(deps: RoutineDeps) {
    this.#deps = deps;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Runs now, or once more when it is running; from then on by itself. */
  want(): void {
    this.#isWanted = true;
    if (this.#running || this.#isStopped) return;
    this.#cancelTimer?.();
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
      this.wantIn(this.#deps.waitMs());
    });
  }

  /** Runs after so long, instead of whenever it would by itself. */
  wantIn(delayMs: number): void {
    this.#cancelTimer?.();
    if (this.#running || this.#isStopped) return;
    this.#cancelTimer = this.#deps.after(delayMs, () => this.want());
  }

  /** Resolves when it runs no more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#isWanted && !this.#isStopped) {
      this.#isWanted = false;
      try {
        await this.#deps.run();
      } catch (error) {
        if (!this.#isStopped) this.#deps.onError(error);
      }
    }
  }
}
