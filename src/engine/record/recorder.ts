/**
 * Stage 5 of 5, **record**: writes what came of attempts, many at a time.
 *
 * Reads: ended attempts. Writes: the attempt and its delivery's next state, in one group commit. Next: schedule,
 * with the deliveries that are to be retried. A crash before the commit: the attempt left no trace, and is made
 * again under the same number; the receiver may see a duplicate with the same `eventId` and body.
 */
import { Fifo } from '../../lib/fifo.ts';
import type { AttemptToRecord, RecordResult } from '../../store/contract/records.ts';
import { StoreUnavailable } from '../../store/store.ts';

/** One commit holds at most so many: their response bodies are up to 16 KiB each. */
const RECORDS_PER_COMMIT = 256;
const COMMITS_UNDER_WAY = 1;
/** While the store takes nothing, it is asked again this often; no attempt is lost meanwhile. */
const RETRY_MS = 500;

export interface RecorderDeps<Ended> {
  commit: (epoch: number, records: readonly AttemptToRecord[]) => Promise<RecordResult[]>;
  toRecord: (ended: Ended) => AttemptToRecord;
  onRecorded: (ended: Ended, record: AttemptToRecord, result: RecordResult) => void;
  /** A commit is on disk; all of its records were told. */
  onCommitted: (count: number) => void;
  onFailure: (error: unknown) => void;
  after: (delayMs: number, run: () => void) => () => void;
}

/** What is recorded was picked under an epoch, by which the store judges it. */
interface OfEpoch {
  epoch: number;
}

interface EndedRecord<Ended> {
  ended: Ended;
  record: AttemptToRecord;
}

export class Recorder<Ended extends OfEpoch> {
  readonly #deps: RecorderDeps<Ended>;
  readonly #waiting = new Fifo<EndedRecord<Ended>>();
  #unrecorded = 0;
  #underWay = 0;
  #flushIsDue = false;
  #isFailing = false;
  #idle: (() => void)[] = [];

  constructor(deps: RecorderDeps<Ended>) {
    this.#deps = deps;
  }

  /** Ended attempts that are not on disk yet. */
  get waiting(): number {
    return this.#unrecorded;
  }

  /** Whether the store took the last records; while not, no attempt should start whose end could be lost. */
  get isFailing(): boolean {
    return this.#isFailing;
  }

  add(ended: Ended): void {
    this.#waiting.push({ ended, record: this.#deps.toRecord(ended) });
    this.#unrecorded += 1;
    this.#flushSoon();
  }

  /** Resolves when everything added is on disk, or false when it is not within `timeoutMs`. */
  async drain(timeoutMs: number): Promise<boolean> {
    if (this.#unrecorded === 0) return true;
    return new Promise((resolve) => {
      const cancel = this.#deps.after(timeoutMs, () => resolve(false));
      this.#idle.push(() => {
        cancel();
        resolve(true);
      });
    });
  }

  #flushSoon(): void {
    if (this.#flushIsDue || this.#isFailing || this.#underWay >= COMMITS_UNDER_WAY) return;
    this.#flushIsDue = true;
    setImmediate(() => {
      this.#flushIsDue = false;
      void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    const batch: EndedRecord<Ended>[] = [];
    while (batch.length < RECORDS_PER_COMMIT) {
      const next = this.#waiting.peek();
      if (!next || next.ended.epoch !== (batch[0] ?? next).ended.epoch) break;
      this.#waiting.shift();
      batch.push(next);
    }
    if (batch.length === 0) return;
    this.#underWay += 1;
    if (this.#waiting.size > 0) this.#flushSoon();
    await this.#commit(batch);
    this.#underWay -= 1;
    this.#unrecorded -= batch.length;
    if (this.#waiting.size > 0) this.#flushSoon();
    else if (this.#unrecorded === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Does not give up: an ended attempt is either recorded or this process has died. */
  async #commit(batch: readonly EndedRecord<Ended>[]): Promise<void> {
    const results = await this.#results(batch);
    this.#isFailing = false;
    batch.forEach(({ ended, record }, i) => {
      const result = results[i];
      if (result) this.#deps.onRecorded(ended, record, result);
    });
    this.#deps.onCommitted(batch.length);
  }

  /**
   * Something in the batch, not the store, is wrong. The others must not wait for it for ever; the one at fault is
   * forgotten here, stays pending in the store, and is attempted again when its lane is loaded anew.
   */
  async #resultsInHalves(batch: readonly EndedRecord<Ended>[]): Promise<readonly RecordResult[]> {
    if (batch.length === 1) return [{ result: 'superseded', deactivated: false }];
    const middle = batch.length >> 1;
    const first = await this.#results(batch.slice(0, middle));
    return [...first, ...(await this.#results(batch.slice(middle)))];
  }

  async #results(batch: readonly EndedRecord<Ended>[]): Promise<readonly RecordResult[]> {
    const epoch = batch[0]?.ended.epoch ?? 0;
    for (;;) {
      try {
        return await this.#deps.commit(
          epoch,
          batch.map(({ record }) => record),
        );
      } catch (error) {
        this.#deps.onFailure(error);
        if (!(error instanceof StoreUnavailable)) return this.#resultsInHalves(batch);
        this.#isFailing = true;
        await new Promise<void>((resolve) => this.#deps.after(RETRY_MS, resolve));
      }
    }
  }
}
