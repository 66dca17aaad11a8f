import type { Database } from './database.ts';
import { statement } from './database.ts';

/** Counting 100,000 lanes takes 15 ms: not each second from each node. */
const MEASURED_FOR_MS = 3_000;

// By `nodes`, a few rows; where there is another, by `lanes_owned` and `lanes_free` as far as it is ready.
const measureShare = statement(`
SELECT CASE WHEN nodes.live > 1 THEN (ceil((
    (SELECT count(*) FROM velahook.lanes WHERE owner IS NOT NULL) +
    (SELECT count(*) FROM velahook.lanes WHERE owner IS NULL AND ready_at <= $1)) / nodes.live::float8))::int END AS share
FROM (SELECT count(*) AS live FROM velahook.nodes
      WHERE NOT retired AND lease_until > clock_timestamp()) AS nodes`);

/** See {@link TakenLanes.share}. */
export class LaneShare {
  readonly #database: Database;
  #share: number | null = null;
  #measuredAt = -Infinity;
  /** From then on a lane is ready that was not counted. */
  #readyFrom = Infinity;

  constructor(database: Database) {
    this.#database = database;
  }

  /** At `now`, wall time. Null where there is one node. As it was a moment ago, unless lanes have become ready since. */
  async measure(now: number): Promise<number | null> {
    if (now >= this.#readyFrom || performance.now() - this.#measuredAt > MEASURED_FOR_MS) {
      const [row] = await this.#database.rows<{ share: number | null }>(measureShare, [Math.round(now)]);
      this.#share = row?.share ?? null;
      this.#measuredAt = performance.now();
    }
    return this.#share;
  }

  /** When the next free lane is ready. A node that may not take it by an old share would leave it to nobody. */
  nextReadyAt(at: number | null): void {
    this.#readyFrom = at ?? Infinity;
  }

  /** While lanes are being taken, it is to be known exactly. */
  forget(): void {
    this.#measuredAt = -Infinity;
  }
}
