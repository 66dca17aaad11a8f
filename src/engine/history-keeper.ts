import { AUDIT_KEPT_MS } from '../domain/retention.ts';
import type { Store } from '../store/store.ts';
import type { EngineLog } from './telemetry.ts';

/** The start has more urgent things to do. */
const FIRST_AFTER_MS = 10_000;
/** A few minutes more or less are nothing to days. */
const INTERVAL_MS = 5 * 60_000;
/** Entries of the audit log that one step removes: some milliseconds. */
const AUDIT_CHUNK = 500;
/** Spans of statistics: the same. */
const SPANS_CHUNK = 1_000;
/** Between two steps, so that the commits of others come in between. */
const PAUSE_MS = 25;

export interface HistoryKeeperDeps {
  store: Pick<Store, 'keepHistory' | 'removeAudit' | 'removeStatistics'>;
  retentionDays: number;
  now: () => number;
  after: (delayMs: number, run: () => void) => () => void;
  log: EngineLog;
}

/** Removes what is older than the retention, a little at a time. Every node does; the store sees to it that one is enough. */
export class HistoryKeeper {
  readonly #deps: HistoryKeeperDeps;
  #isStopped = false;
  #cancelNext: (() => void) | undefined;
  #running: Promise<void> | undefined;

  constructor(deps: HistoryKeeperDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#stepAfter(FIRST_AFTER_MS);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelNext?.();
    await this.#running;
  }

  #stepAfter(delayMs: number): void {
    if (this.#isStopped) return;
    this.#cancelNext = this.#deps.after(delayMs, () => {
      this.#running = this.#step().then((nextAfterMs) => this.#stepAfter(nextAfterMs));
    });
  }

  /** Resolves with the time until the next step. */
  async #step(): Promise<number> {
    const { store, retentionDays, now, log } = this.#deps;
    try {
      if (await store.keepHistory(now(), retentionDays)) return PAUSE_MS;
      const removed = await store.removeAudit(now() - AUDIT_KEPT_MS, AUDIT_CHUNK);
      const spans = await store.removeStatistics(now(), SPANS_CHUNK);
      return removed === AUDIT_CHUNK || spans === SPANS_CHUNK ? PAUSE_MS : INTERVAL_MS;
    } catch (error) {
      log.warn({ err: error }, 'old history could not be removed; it is tried again in some minutes');
      return INTERVAL_MS;
    }
  }
}
