import type { LaneStore } from '../contract/lanes.ts';
import { statement } from './database.ts';
import type { StoreParts } from './parts.ts';

// The next due time is the lesser of two seeks in `pending_of_lane` (first attempts, retries; see load-lane.ts for why
// the kinds are an array). The snapshot is of after the exclusive locks: no intake is under way for these lanes, and
// every delivery of those that were is seen. So the marks they left say nothing more, and go, lest they outlive their lane.
const release = statement(`
WITH released AS MATERIALIZED (
  SELECT l.subscription_id, given.paused_until, given.health,
         (SELECT min(next.due_at)
          FROM unnest('{false,true}'::boolean[]) AS kind (retrying)
          CROSS JOIN LATERAL (
            SELECT d.due_at FROM velahook.pending_deliveries d
            WHERE d.subscription_id = s.id AND d.generation = s.generation AND (d.attempts > 0) = kind.retrying
            ORDER BY d.due_at LIMIT 1) AS next) AS due_at
  FROM unnest($2::text[], $3::bigint[], $4::text[]) AS given (subscription_id, paused_until, health)
  JOIN velahook.lanes l ON l.subscription_id = given.subscription_id
  JOIN velahook.subscriptions s ON s.id = given.subscription_id
  WHERE l.owner = $1
  ORDER BY l.subscription_id FOR NO KEY UPDATE OF l),
marks_gone AS (
  DELETE FROM velahook.lane_wakes w USING released r WHERE w.subscription_id = r.subscription_id),
lanes_gone AS (
  DELETE FROM velahook.lanes l USING released r WHERE l.subscription_id = r.subscription_id AND r.due_at IS NULL)
UPDATE velahook.lanes l
SET owner = NULL, ready_at = greatest(r.due_at, r.paused_until), paused_until = r.paused_until, health = r.health
FROM released r WHERE l.subscription_id = r.subscription_id AND r.due_at IS NOT NULL
RETURNING l.ready_at AS "readyAt"`);

/**
 * Gives lanes back, all in one statement. The exclusive locks keep intakes out while the next due time is computed:
 * without them an event committed at this moment would be left in a lane that is gone, or not due for an hour.
 *
 * A lane stays suspect until an attempt is recorded, also when it changes hands without one.
 */
export function releaseLanesCall({ writes, signals, now }: StoreParts): LaneStore['releaseLanes'] {
  return async (epoch, lanes) => {
    if (lanes.length === 0) return;
    const ids = lanes.map(({ subscriptionId }) => subscriptionId);
    const pauses = lanes.map(({ health }) => Math.round(health.pausedUntil));
    const healths = lanes.map(({ health }) => JSON.stringify(health));
    const freed = await writes.write(
      (session) => session.rows<{ readyAt: number }>(release, [epoch, ids, pauses, healths]),
      { exclusive: ids },
    );
    if (freed.some(({ readyAt }) => readyAt <= now())) signals.freed();
  };
}
