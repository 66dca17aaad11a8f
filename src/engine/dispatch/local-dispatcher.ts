import type { SecureContext } from 'node:tls';
import { Attempt, type AttemptContext } from './attempt.ts';
import type { AttemptOrder, AttemptResult, Dispatcher } from './attempt-order.ts';
import { createTrust } from './connect.ts';
import { ConnectionPool } from './connection-pool.ts';
import { Guard, type GuardOptions } from './guard.ts';
import { PacedStarts } from './paced-starts.ts';

/** How attempts are made; plain data, so that it can be sent to a worker. */
export interface DispatchOptions extends GuardOptions {
  /** The `User-Agent` of every request. */
  userAgent: string;
  /** PEM of authorities trusted beside the built-in ones. */
  extraCa: string | null;
  /** The fault suite's: `after-post-before-record` ends the process when the first response head has come. */
  failpoint: string | null;
}

/**
 * Stage 4, dispatch. Reads orders, which the schedule hands over; writes nothing but HTTPS requests; its results
 * go to the record. A crash here loses the results not yet reported: those deliveries are attempted again under
 * the same attempt number, which is the "at least" of at-least-once.
 *
 * Makes attempts in this thread: in the dispatch worker, or wherever a test wants it.
 */
export class LocalDispatcher implements Dispatcher, AttemptContext {
  readonly guard: Guard;
  readonly pool = new ConnectionPool();
  readonly trust: SecureContext;
  readonly userAgent: string;
  readonly failpoint: string | null;
  readonly #underWay = new Set<Attempt>();
  readonly #pacedStarts = new PacedStarts();
  #results: AttemptResult[] = [];
  #listener: (results: readonly AttemptResult[]) => void = () => undefined;
  #isClosed = false;

  constructor(options: DispatchOptions) {
    this.guard = new Guard(options);
    this.trust = createTrust(options.extraCa);
    this.userAgent = options.userAgent;
    this.failpoint = options.failpoint;
  }

  dispatch(orders: readonly AttemptOrder[]): void {
    if (this.#isClosed) return;
    for (const order of orders) {
      const attempt = new Attempt(order, this);
      this.#underWay.add(attempt);
      if (order.isProven || attempt.hasConnection) attempt.start();
      else this.#pacedStarts.add(attempt);
    }
  }

  onResults(listener: (results: readonly AttemptResult[]) => void): void {
    this.#listener = listener;
  }

  /** Attempts report here; all that end in one turn of the event loop are told together. */
  report(attempt: Attempt, result: AttemptResult): void {
    this.#underWay.delete(attempt);
    if (this.#results.push(result) === 1) setImmediate(() => this.#tell());
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#pacedStarts.close();
    for (const attempt of this.#underWay) attempt.cancel();
    this.#underWay.clear();
    this.pool.close();
    this.guard.close();
    return Promise.resolve();
  }

  #tell(): void {
    const results = this.#results;
    this.#results = [];
    if (this.#isClosed) return;
    this.#pacedStarts.startConnected();
    this.#listener(results);
  }
}
