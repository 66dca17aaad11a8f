import type { CountedAttempt, Counts } from '../domain/statistics.ts';
import { count, noCounts, startOfSpan } from '../domain/statistics.ts';
import { Routine } from '../lib/routine.ts';
import type { StatisticsEntry, StatisticsStore } from '../store/contract/statistics.ts';
import type { EngineLog } from './telemetry.ts';

/** Between two writes. A subscription costs two rows each time, however many attempts it had meanwhile. */
const INTERVAL_MS = 30_000;
/** Entries of one commit: some milliseconds of the store's time. */
const ENTRIES_PER_COMMIT = 250;
/** With so many entries the next write does not wait. */
const ENTRIES_HELD = 5_000;
/** While the store takes none, what more than this is counted is forgotten: statistics must not cost the deliveries' memory. */
const ENTRIES_MAX = 20_000;

export interface StatisticsKeeperDeps {
  store: Pick<StatisticsStore, 'addStatistics'>;
  after: (delayMs: number, run: () => void) => () => void;
  log: EngineLog;
}

/**
 * Counts what this node's attempts come to, in memory, and adds it to the store's sums now and then: counting in the
 * commit of each record would cost every one of them a statement. A crash loses the counts since the last write, never a
 * delivery; an answer lost at the commit may count twice.
 */
export class StatisticsKeeper {
  readonly #deps: StatisticsKeeperDeps;
  readonly #routine: Routine;
  #entries = new Map<string, StatisticsEntry>();
  #writing: Promise<void> = Promise.resolve();

  constructor(deps: StatisticsKeeperDeps) {
    this.#deps = deps;
    this.#routine = new Routine({
      run: () => this.flush(),
      waitMs: () => INTERVAL_MS,
      after: deps.after,
      onError: (error) =>
        deps.log.warn({ err: error }, 'statistics could not be written; they wait for the next time'),
    });
  }

  start(): void {
    this.#routine.want();
  }

  /** Ends it; what was counted is to be flushed by whoever knows that nothing more comes. */
  async stop(): Promise<void> {
    await this.#routine.stop();
  }

  /** `at`: when it ended, in milliseconds since the Unix epoch. */
  count(subscriptionId: string, attempt: CountedAttempt, at: number): void {
    count(this.#countsOf(subscriptionId, startOfSpan('short', at)), attempt);
    if (this.#entries.size === ENTRIES_HELD) this.#routine.want();
  }

  /** Resolves when all that was counted before is stored. Rejects as the store does; nothing is forgotten then. */
  flush(): Promise<void> {
    // One after the other, so that whoever waits for this one has those before it as well.
    const written = this.#writing.then(() => this.#write());
    this.#writing = written.catch(() => undefined);
    return written;
  }

  async #write(): Promise<void> {
    const taken = [...this.#entries];
    this.#entries = new Map();
    for (let done = 0; done < taken.length; done += ENTRIES_PER_COMMIT) {
      const chunk = taken.slice(done, done + ENTRIES_PER_COMMIT);
      try {
        await this.#deps.store.addStatistics(chunk.map(([, entry]) => entry));
      } catch (error) {
        for (const [, { subscriptionId, startAt, counts }] of taken.slice(done)) {
          const sums = this.#countsOf(subscriptionId, startAt);
          counts.forEach((each, i) => (sums[i] = (sums[i] ?? 0) + each));
        }
        throw error;
      }
    }
  }

  #countsOf(subscriptionId: string, startAt: number): Counts {
    const key = `${subscriptionId} ${startAt}`;
    const known = this.#entries.get(key);
    if (known !== undefined) return known.counts;
    const counts = noCounts();
    if (this.#entries.size < ENTRIES_MAX) this.#entries.set(key, { subscriptionId, startAt, counts });
    return counts;
  }
}
