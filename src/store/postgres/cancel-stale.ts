import type { LaneStore } from '../contract/lanes.ts';
import { statement } from './database.ts';
import { finishDeliveries } from './finish-deliveries.ts';
import type { StoreParts } from './parts.ts';

/** Subscriptions looked at in one commit; the rest has its turn in the next. */
const MARKED_MAX = 200;

const listMarked = statement(`
SELECT id, generation FROM velahook.subscriptions WHERE has_stale ORDER BY id LIMIT ${MARKED_MAX}`);
/** Of each subscription a range of `pending_of_lane`; no more is read than is asked for. */
const listStale = statement(`
SELECT stale.id
FROM unnest($1::text[], $2::bigint[]) AS marked (id, generation)
  CROSS JOIN LATERAL (
    SELECT p.id FROM velahook.pending_deliveries p
    WHERE p.subscription_id = marked.id AND p.generation < marked.generation AND p.id <> ALL ($3::text[])
    LIMIT $4) AS stale
LIMIT $4`);
/**
 * With the generation that was looked at: the mark of a later one stays. What somebody is recording right now is still
 * there, and keeps the mark. Locks in order of the ids.
 */
const unmark = statement(`
WITH done AS MATERIALIZED (
  SELECT s.id FROM velahook.subscriptions s JOIN unnest($1::text[], $2::bigint[]) AS marked (id, generation)
    ON s.id = marked.id AND s.generation = marked.generation
  WHERE NOT EXISTS (SELECT FROM velahook.pending_deliveries p
                    WHERE p.subscription_id = s.id AND p.generation < s.generation)
  ORDER BY s.id FOR NO KEY UPDATE OF s SKIP LOCKED)
UPDATE velahook.subscriptions SET has_stale = false WHERE id IN (SELECT id FROM done)`);

/**
 * Writes down what a subscription's generation has already decided. Looks only at subscriptions marked `has_stale`,
 * by a partial index that is empty nearly always. The mark goes when none is left.
 *
 * Needs no lock of the lanes: whoever raised the generation had the exclusive one, so that every delivery of an older
 * generation is there to be seen, and none is added.
 */
export function cancelStaleCall({ writes }: StoreParts): LaneStore['cancelStale'] {
  return (limit, exceptIds, now) =>
    writes.write(async (session) => {
      const marked = await session.rows<{ id: string; generation: number }>(listMarked);
      if (marked.length === 0) return [];
      const generations = [marked.map(({ id }) => id), marked.map(({ generation }) => generation)];
      const stale = await session.rows<{ id: string }>(listStale, [...generations, exceptIds, limit]);
      const ids = stale.map(({ id }) => id);
      const ending = { state: 'cancelled', failureReason: null, finishedAt: Math.round(now) } as const;
      const cancelled = ids.length === 0 ? [] : await finishDeliveries(session, ids, ending, 'skip locked');
      if (stale.length < limit) await session.run(unmark, generations);
      return cancelled;
    });
}
