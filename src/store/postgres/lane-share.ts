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

  constructor(database: Database) {
    this.#database = database;
  }

  /** Null where there is one node. As it was a moment ago, unless it was forgotten. */
  async measure(readyBy: number): Promise<number | null> {
    if (performance.now() - this.#measuredAt > MEASURED_FOR_MS) {
      const [row] = await this.#database.rows<{ share: number | null }>(measureShare, [readyBy]);
      this.#share = row?.share ?? null;
      this.#measuredAt = performance.now();
    }
    return this.#share;
  }

  /** While lanes are being taken, it is to be known exactly. */
  forget(): void {
    this.#measuredAt = -Infinity;
  }
}
