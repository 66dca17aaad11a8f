import type { DatabaseSync } from 'node:sqlite';
import { StoreUnavailable } from '../store.ts';
import type { Command, RowQuery } from './statement.ts';
import { command, queryOne } from './statement.ts';

/** SQLite's own limit, and its default. */
const PAGES_MAX = 4_294_967_294;
/** Of the pages allowed, intake may fill this much; the rest is for the outcomes of what it accepted. */
const INTAKE_FRACTION = 0.95;
/** About what the commit of a common event writes, its index pages included; a small row always fits somewhere. */
const PROBE_BYTES = 64 * 1024;

/**
 * How much of the allowed space is used. When it runs out intake stops, with room left in which accepted events
 * can still be delivered; it goes on by itself as soon as there is room again.
 */
export class Space {
  readonly #db: DatabaseSync;
  readonly #pageCount: RowQuery<{ page_count: number }>;
  readonly #freePages: RowQuery<{ freelist_count: number }>;
  readonly #writeProbe: Command;
  readonly #clearProbe: Command;
  #pagesMax = PAGES_MAX;

  /** `maxBytes` 0 is no limit but the disk's. */
  constructor(db: DatabaseSync, maxBytes: number) {
    this.#db = db;
    this.#pageCount = queryOne(db, 'PRAGMA page_count');
    this.#freePages = queryOne(db, 'PRAGMA freelist_count');
    this.#writeProbe = command(
      db,
      'INSERT OR REPLACE INTO probe (seq, written_at, filler) VALUES (1, ?, zeroblob(?))',
    );
    this.#clearProbe = command(db, `UPDATE probe SET filler = x''`);
    this.setMaxBytes(maxBytes);
  }

  /** A limit below the present size holds growth; it removes nothing. */
  setMaxBytes(bytes: number): void {
    const pageBytes = queryOne<{ page_size: number }>(this.#db, 'PRAGMA page_size').get()?.page_size ?? 4096;
    const wanted = bytes === 0 ? PAGES_MAX : Math.max(1, Math.floor(bytes / pageBytes));
    const set = queryOne<{ max_page_count: number }>(this.#db, `PRAGMA max_page_count = ${wanted}`).get();
    this.#pagesMax = Math.min(wanted, set?.max_page_count ?? wanted);
  }

  /** Rejects the call that asks when new events should not be taken. */
  refuseIntakeWhenFull(): void {
    const pages = this.#pageCount.get()?.page_count ?? 0;
    if (pages <= this.#pagesMax * INTAKE_FRACTION) return;
    const used = pages - (this.#freePages.get()?.freelist_count ?? 0);
    if (used <= this.#pagesMax * INTAKE_FRACTION) return;
    throw new StoreUnavailable('The store is full: raise its limit, or keep less history.');
  }

  /** What a full disk or a reached limit refuses; a small write would still fit into a page that is there. */
  writeProbe(now: number): void {
    this.refuseIntakeWhenFull();
    this.#writeProbe.run(now, PROBE_BYTES);
  }

  clearProbe(): void {
    this.#clearProbe.run();
  }
}
