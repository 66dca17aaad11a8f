import type { RequestCountStore } from '../contract/counts.ts';
import { judgeTake } from '../requests-taken.ts';
import { statement } from './database.ts';
import type { StoreParts } from './parts.ts';

// One row by primary key; nodes that take for the same token at once wait for one another here, and the table is not
// logged, so that nobody waits for a disk. A window that ends later than it can was made by a clock that is ahead.
const take = statement(`
INSERT INTO velahook.request_counts AS c (token_id, rate, window_ends_at, taken)
VALUES ($1, $2, $4::bigint + $5::bigint, $3)
ON CONFLICT (token_id, rate) DO UPDATE SET
  window_ends_at = CASE WHEN c.window_ends_at <= $4 THEN excluded.window_ends_at
                        ELSE least(c.window_ends_at, excluded.window_ends_at) END,
  taken = CASE WHEN c.window_ends_at <= $4 THEN excluded.taken ELSE c.taken + excluded.taken END
RETURNING taken AS asked, window_ends_at AS "windowEndsAt"`);

/** `RequestCountStore`, beside the other writes: none of them waits for it. */
export function requestCountCalls({ database }: StoreParts): RequestCountStore {
  return {
    async takeRequests(given) {
      const { tokenId, rate, wanted, now, windowMs } = given;
      const values = [tokenId, rate, wanted, Math.round(now), windowMs];
      const [row] = await database.rows<{ asked: number; windowEndsAt: number }>(take, values);
      if (row === undefined) throw new Error('An INSERT … RETURNING returned nothing.');
      return judgeTake(given, row.asked, row.windowEndsAt);
    },
  };
}
