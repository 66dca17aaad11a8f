import type { DatabaseSync } from 'node:sqlite';
import type { PendingDelivery } from '../../domain/delivery.ts';
import { HELD_DUE_AT } from '../../domain/delivery.ts';
import type { LaneLoad } from '../contract/lanes.ts';
import { queryAll } from './statement.ts';

type LoadedRow = Omit<PendingDelivery, 'orderKey'> & { orderKey: string | null };

/**
 * Unfinished deliveries of a lane. A seek in the partial index `deliveries_pending`, in whose order they come; the
 * event of each by primary key. The cost is that of the rows returned, whatever the history and the backlog.
 *
 * The generation is a scalar subquery, not a join: so it is a constant of the seek. Those that are held back come last
 * in the index: the seek ends before them.
 */
export function createLoadLane(db: DatabaseSync) {
  const select = (retrying: 0 | 1) =>
    queryAll<LoadedRow>(
      db,
      `SELECT d.id, ?1 AS subscriptionId, w.id AS workspaceId, e.event_id AS eventId, e.event_type AS eventType,
              d.generation, d.attempts, d.order_key AS orderKey, d.due_at AS dueAt, d.first_attempt_at AS firstAttemptAt,
              coalesce((SELECT deaths FROM announcements WHERE delivery_seq = d.seq), 0) AS deaths
       FROM deliveries d INDEXED BY deliveries_pending
         JOIN events e ON e.seq = d.event_seq JOIN workspaces w ON w.seq = d.workspace_seq
       WHERE d.state = 'pending' AND (d.attempts > 0) = ${retrying}
         AND d.subscription_seq = (SELECT seq FROM subscriptions WHERE id = ?1)
         AND d.generation = (SELECT generation FROM subscriptions WHERE id = ?1) AND d.due_at < ${HELD_DUE_AT}
       ORDER BY d.due_at, d.seq LIMIT ?2`,
    );
  const listFirst = select(0);
  const listRetries = select(1);

  return (subscriptionId: string, firstLimit: number, retryLimit: number): LaneLoad => {
    const first = listFirst.all(subscriptionId, firstLimit + 1).map(toPending);
    const retries = listRetries.all(subscriptionId, retryLimit + 1).map(toPending);
    return {
      first: first.slice(0, firstLimit),
      firstComplete: first.length <= firstLimit,
      retries: retries.slice(0, retryLimit),
      retriesComplete: retries.length <= retryLimit,
    };
  };
}

function toPending({ orderKey, ...delivery }: LoadedRow): PendingDelivery {
  return orderKey === null ? delivery : { ...delivery, orderKey };
}
