/**
 * Stage 1 of 5, **intake**: takes events in and commits them, many at a time.
 *
 * Reads: what the API hands over, checked. Writes: the event, its deliveries and its lanes, in one group commit;
 * only then the publisher hears of it. Next: schedule, with what was committed.
 * A crash before the commit: the publisher got no answer and nothing is stored. After it and before the answer:
 * the event is stored and will be delivered; the publisher tries again and gets `duplicate: true`.
 */
import { Refusal } from '../../domain/errors.ts';
import { Fifo } from '../../lib/fifo.ts';
import type { CommitResult, EventCommit, NewEvent } from '../../store/contract/events.ts';
import { StoreUnavailable } from '../../store/store.ts';

/** One commit holds at most so much: it must not take longer than a few milliseconds. */
const EVENTS_PER_COMMIT = 500;
const DELIVERIES_PER_COMMIT = 1_000;
const BYTES_PER_COMMIT = 4 * 1024 * 1024;
/** Commits under way at once: while one is being written, the next is already on its way to the store. */
const COMMITS_UNDER_WAY = 1;
/** More than this waiting is refused: it would wait longer than a publisher should, or fill the memory. */
const BYTES_WAITING_MAX = 32 * 1024 * 1024;
const EVENTS_WAITING_MAX = 10_000;
const WAIT_MS_MAX = 1_000;
const RETRY_AFTER_S = 1;

/** An event ready to be committed, and who waits for it. */
export interface Submission {
  event: NewEvent;
  resolve: (commit: EventCommit) => void;
  reject: (error: unknown) => void;
}

interface Waiting extends Submission {
  since: number;
}

export interface IntakeDeps<Result> {
  commit: (events: readonly NewEvent[]) => Promise<Result>;
  /** Called with what was committed before any publisher hears of it. */
  onCommitted: (events: readonly NewEvent[], result: Result) => void;
  /** Milliseconds that only grow. */
  monotonic: () => number;
}

export class Intake<Result extends Pick<CommitResult, 'events'>> {
  readonly #deps: IntakeDeps<Result>;
  readonly #waiting = new Fifo<Waiting>();
  #bytesWaiting = 0;
  #underWay = 0;
  #flushIsDue = false;
  #idle: (() => void)[] = [];
  #isClosed = false;

  constructor(deps: IntakeDeps<Result>) {
    this.#deps = deps;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Resolves with the store's word on the event once the commit is on disk. Rejects with a 503 `Refusal` when too
   * much waits or the store cannot take it: nothing of it is stored then.
   */
  submit(event: NewEvent): Promise<EventCommit> {
    const refusal = this.#refusal(event);
    if (refusal) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ event, resolve, reject, since: this.#deps.monotonic() });
      this.#bytesWaiting += event.body.length;
      this.#flushSoon();
    });
  }

  /** Takes no more, and resolves when all that was taken is answered. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#waiting.size > 0 || this.#underWay > 0)
      await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #refusal(event: NewEvent): Refusal | undefined {
    if (this.#isClosed) return unavailable('Velahook is shutting down; publish the event again.');
    const oldest = this.#waiting.peek();
    const isTooMuch =
      this.#bytesWaiting + event.body.length > BYTES_WAITING_MAX ||
      this.#waiting.size >= EVENTS_WAITING_MAX ||
      (oldest !== undefined && this.#deps.monotonic() - oldest.since > WAIT_MS_MAX);
    return isTooMuch
      ? unavailable('Too many events are waiting to be stored; publish this one again in a moment.')
      : undefined;
  }

  /** Whatever arrives in this turn of the event loop shares a commit. */
  #flushSoon(): void {
    if (this.#flushIsDue || this.#underWay >= COMMITS_UNDER_WAY) return;
    this.#flushIsDue = true;
    setImmediate(() => {
      this.#flushIsDue = false;
      void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    const batch = this.#nextBatch();
    if (batch.length === 0) return;
    this.#underWay += 1;
    if (this.#waiting.size > 0) this.#flushSoon();
    const events = batch.map((waiting) => waiting.event);
    try {
      const result = await this.#deps.commit(events);
      this.#deps.onCommitted(events, result);
      batch.forEach((waiting, i) => waiting.resolve(result.events[i] ?? { outcome: 'stale' }));
    } catch (error) {
      for (const waiting of batch) waiting.reject(asRefusal(error));
    } finally {
      this.#underWay -= 1;
      if (this.#waiting.size > 0) this.#flushSoon();
      else if (this.#underWay === 0) for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  #nextBatch(): Waiting[] {
    const batch: Waiting[] = [];
    let deliveries = 0;
    let bytes = 0;
    for (let next = this.#waiting.peek(); next; next = this.#waiting.peek()) {
      deliveries += next.event.deliveries.length;
      bytes += next.event.body.length;
      const isFull =
        batch.length >= EVENTS_PER_COMMIT || deliveries > DELIVERIES_PER_COMMIT || bytes > BYTES_PER_COMMIT;
      if (isFull && batch.length > 0) break;
      this.#waiting.shift();
      this.#bytesWaiting -= next.event.body.length;
      batch.push(next);
    }
    return batch;
  }
}

function unavailable(message: string, cause?: unknown): Refusal {
  return new Refusal('UNAVAILABLE', message, { retryAfterS: RETRY_AFTER_S, cause });
}

function asRefusal(error: unknown): unknown {
  return error instanceof StoreUnavailable
    ? unavailable(
        'The event could not be stored now. Publish it again, under the same eventId or Idempotency-Key if it has one.',
        error,
      )
    : error;
}
