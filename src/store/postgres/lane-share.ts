import type { LanesShared } from '../contract/lanes.ts';
import type { Database } from './database.ts';
import { statement } from './database.ts';

/** Counting 100,000 lanes takes 15 ms: not each second from each node. */
const MEASURED_FOR_MS = 3_000;

// By `nodes`, a few rows; of each its lanes by `lanes_owned`, and by `lanes_free` what is ready. Those of the dead count
// as owned until they are freed.
const measureShare = statement(`
WITH owners AS (SELECT owner AS epoch, count(*) AS lanes FROM velahook.lanes WHERE owner IS NOT NULL GROUP BY owner),
     nodes AS (SELECT coalesce(owners.lanes, 0) AS lanes FROM velahook.nodes LEFT JOIN owners USING (epoch)
               WHERE NOT retired AND lease_until > clock_timestamp())
SELECT (ceil(((SELECT coalesce(sum(lanes), 0) FROM owners)::float8 +
              (SELECT count(*) FROM velahook.lanes WHERE owner IS NULL AND ready_at <= $1)) / count(*)))::int AS even,
       min(lanes)::int AS least
FROM nodes HAVING count(*) > 1`);

/** See {@link TakenLanes.share}. */
export class LaneShare {
  readonly #database: Database;
  #share: LanesShared | null = null;
  #measuredAt = -Infinity;
  /** From then on a lane is ready that was not counted. */
  #readyFrom = Infinity;

  constructor(database: Database) {
    this.#database = database;
  }

  /** At `now`, wall time. Null where there is one node. As it was a moment ago, unless lanes have become ready since. */
  async measure(now: number): Promise<LanesShared | null> {
    if (now >= this.#readyFrom || performance.now() - this.#measuredAt > MEASURED_FOR_MS) {
      const [share = null] = await this.#database.rows<LanesShared>(measureShare, [Math.round(now)]);
      this.#share = share;
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
