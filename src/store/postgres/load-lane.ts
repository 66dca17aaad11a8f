import type { PendingDelivery } from '../../domain/delivery.ts';
import { HELD_DUE_AT } from '../../domain/delivery.ts';
import type { LaneLoad, LaneStore } from '../contract/lanes.ts';
import { statement } from './database.ts';
import type { StoreParts } from './parts.ts';

interface LoadedRow extends Omit<PendingDelivery, 'orderKey'> {
  retrying: boolean;
  orderKey: string | null;
}

// A seek in `pending_of_lane` for each of the two kinds, in whose order they come; whatever the backlog, no more rows
// are read than are answered. The kinds come from an array, not as constants: `(attempts > 0) = false` would be turned
// into `attempts <= 0`, which the index does not know, and the whole lane would be read and sorted. Those that are held
// back come last in the index: the seek ends before them.
const findPending = statement(`
SELECT kind.retrying, p.*, coalesce(a.deaths, 0) AS deaths
FROM velahook.subscriptions s
CROSS JOIN unnest('{false,true}'::boolean[], ARRAY[$2::int, $3::int]) AS kind (retrying, most)
CROSS JOIN LATERAL (
  SELECT d.id, d.subscription_id AS "subscriptionId", d.workspace_id AS "workspaceId", d.event_id AS "eventId",
         d.event_type AS "eventType", d.generation, d.attempts, d.due_at AS "dueAt",
         d.first_attempt_at AS "firstAttemptAt", d.order_key AS "orderKey", d.seq
  FROM velahook.pending_deliveries d
  WHERE d.subscription_id = s.id AND d.generation = s.generation AND (d.attempts > 0) = kind.retrying
    AND d.due_at < ${HELD_DUE_AT}
  ORDER BY d.due_at, d.seq LIMIT kind.most) AS p
LEFT JOIN velahook.announcements a ON a.delivery_id = p.id
WHERE s.id = $1
ORDER BY kind.retrying, p."dueAt", p.seq`);

/** Unfinished deliveries of a lane, those of this node's writes called so far among them; one round trip. */
export function loadLaneCall({ database, writes }: StoreParts): LaneStore['loadLane'] {
  return async (subscriptionId, firstLimit, retryLimit): Promise<LaneLoad> => {
    await writes.settled();
    const limits = [firstLimit + 1, retryLimit + 1];
    const rows = await database.rows<LoadedRow & { seq?: number }>(findPending, [subscriptionId, ...limits]);
    const found = { first: [] as PendingDelivery[], retries: [] as PendingDelivery[] };
    for (const { retrying, orderKey, seq: _, ...delivery } of rows)
      found[retrying ? 'retries' : 'first'].push(orderKey === null ? delivery : { ...delivery, orderKey });
    return {
      first: found.first.slice(0, firstLimit),
      firstComplete: found.first.length <= firstLimit,
      retries: found.retries.slice(0, retryLimit),
      retriesComplete: found.retries.length <= retryLimit,
    };
  };
}
