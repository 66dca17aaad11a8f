import type { PendingDelivery } from '../domain/delivery.ts';
import type { CountedAttempt, Counts } from '../domain/statistics.ts';
import { addCounts, count, countPublished, noCounts, startOfSpan } from '../domain/statistics.ts';
import { Routine } from '../lib/routine.ts';
import type { StatisticsEntry, StatisticsStore } from '../store/contract/statistics.ts';
import type { EngineLog } from './telemetry.ts';

/** Between two writes. A subscription costs two rows each time, and so does its workspace, whatever happened meanwhile. */
const INTERVAL_MS = 30_000;
/** Entries of one commit: some milliseconds of the store's time. */
const ENTRIES_PER_COMMIT = 250;
/** With so many entries the next write does not wait. */
const ENTRIES_HELD = 5_000;
/** While the store takes none, what more than this is counted is forgotten: statistics must not cost the deliveries' memory. */
const ENTRIES_MAX = 20_000;
/** Whoever asks for statistics waits so long for the latest counts: far longer than writing them takes. */
const READER_WAIT_MS = 500;

export interface StatisticsKeeperDeps {
  store: Pick<StatisticsStore, 'addStatistics'>;
  after: (delayMs: number, run: () => void) => () => void;
  log: EngineLog;
}

type Kind = StatisticsEntry['of'];
type CountsOfSpan = Record<Kind, Map<string, Counts>>;

/** Whose attempt it was. */
export type CountedDelivery = Pick<PendingDelivery, 'subscriptionId' | 'workspaceId'>;

/**
 * Counts what this node's attempts come to, and the events it stored, in memory, and adds that to the store's sums now
 * and then: counting in the commit of each record, or event, would cost every one of them a statement. A crash loses the counts since the last write, never a
 * delivery; an answer lost at the commit may count twice.
 */
export class StatisticsKeeper {
  readonly #deps: StatisticsKeeperDeps;
  readonly #routine: Routine;
  /** By span, kind and id: one key put together of these would cost more than all the rest. */
  #spans = new Map<number, CountsOfSpan>();
  #size = 0;
  #writing: Promise<void> = Promise.resolve();
  /** The write that has not begun yet: whoever comes meanwhile has no other. */
  #next: Promise<void> | undefined;

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
  count({ subscriptionId, workspaceId }: CountedDelivery, attempt: CountedAttempt, at: number): void {
    const startAt = startOfSpan('short', at);
    const before = this.#size;
    count(this.#countsOf('subscription', subscriptionId, startAt), attempt);
    count(this.#countsOf('workspace', workspaceId, startAt), attempt);
    this.#wantIfMany(before);
  }

  /** An event was stored for the first time, `at`. */
  countPublished(workspaceId: string, at: number): void {
    const before = this.#size;
    countPublished(this.#countsOf('workspace', workspaceId, startOfSpan('short', at)));
    this.#wantIfMany(before);
  }

  /** Resolves when all that was counted before is stored. Rejects as the store does; nothing is forgotten then. */
  flush(): Promise<void> {
    return (this.#next ??= this.#flush());
  }

  /**
   * For those who read them. Resolves as {@link flush} does; but also when the store takes nothing, or not soon: it can be
   * read all the same, and what is counted waits for the next time.
   */
  flushForReading(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#deps.after(READER_WAIT_MS, resolve);
      this.flush()
        .catch(() => undefined)
        .finally(() => {
          cancel();
          resolve();
        });
    });
  }

  /** One after the other, so that whoever waits for this one has those before it as well. */
  #flush(): Promise<void> {
    const written = this.#writing.then(() => {
      this.#next = undefined;
      return this.#write();
    });
    this.#writing = written.catch(() => undefined);
    return written;
  }

  async #write(): Promise<void> {
    const taken = [...this.#spans].flatMap(([startAt, span]) => entriesOf(startAt, span));
    this.#spans = new Map();
    this.#size = 0;
    for (let done = 0; done < taken.length; done += ENTRIES_PER_COMMIT) {
      try {
        await this.#deps.store.addStatistics(taken.slice(done, done + ENTRIES_PER_COMMIT));
      } catch (error) {
        for (const { of, id, startAt, counts } of taken.slice(done))
          addCounts(this.#countsOf(of, id, startAt), counts);
        throw error;
      }
    }
  }

  /** Only when counting makes them many: entries that the store did not take wait for the next time. */
  #wantIfMany(before: number): void {
    if (before < ENTRIES_HELD && this.#size >= ENTRIES_HELD) this.#routine.want();
  }

  #countsOf(of: Kind, id: string, startAt: number): Counts {
    let span = this.#spans.get(startAt);
    if (span === undefined)
      this.#spans.set(startAt, (span = { subscription: new Map(), workspace: new Map() }));
    const known = span[of].get(id);
    if (known !== undefined) return known;
    const counts = noCounts();
    if (this.#size < ENTRIES_MAX) {
      span[of].set(id, counts);
      this.#size += 1;
    }
    return counts;
  }
}

function entriesOf(startAt: number, span: CountsOfSpan): StatisticsEntry[] {
  return (Object.keys(span) as Kind[]).flatMap((of) =>
    [...span[of]].map(([id, counts]) => ({ of, id, startAt, counts })),
  );
}
