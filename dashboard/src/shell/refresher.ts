import type { Query, QueryClient } from '@tanstack/react-query';
import { isShortList } from '../parts/cursor-list.tsx';

/** What a page shows is read again at most so often, however much happens. */
const REFRESH_MS = 2_000;

/** Has what is shown read again when it has changed: seldom enough, and never over a read that is under way. */
export class Refresher {
  readonly #queries: QueryClient;
  /** First parts of keys. */
  readonly #changed = new Set<string>();
  #readLater: readonly Query[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(queries: QueryClient) {
    this.#queries = queries;
  }

  /** What is read under keys that begin with one of these is old. */
  changed(keys: readonly string[]): void {
    for (const key of keys) this.#changed.add(key);
    if (this.#changed.size > 0) this.#timer ??= setTimeout(() => this.#refresh(), REFRESH_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#changed.clear();
    this.#readLater = [];
  }

  #refresh(): void {
    this.#timer = undefined;
    const old = this.#queries.getQueryCache().findAll({
      predicate: (query) =>
        isShortList(query) &&
        (this.#readLater.includes(query) || this.#changed.has(String(query.queryKey[0]))),
    });
    this.#changed.clear();
    // Begun anew each time, a read that takes longer than this would never end; but what it finds may be from before the
    // change, so that another has to follow it.
    this.#readLater = old.filter(({ state }) => state.fetchStatus === 'fetching');
    void this.#queries.invalidateQueries({
      predicate: (query) => old.includes(query) && !this.#readLater.includes(query),
    });
    if (this.#readLater.length > 0) this.#timer = setTimeout(() => this.#refresh(), REFRESH_MS);
  }
}
