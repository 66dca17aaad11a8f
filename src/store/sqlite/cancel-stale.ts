import type { DatabaseSync } from 'node:sqlite';
import type { CancelledDelivery } from '../contract/replays.ts';
import type { WriteStaleCancelled } from './cancel-delivery.ts';
import { command, queryAll } from './statement.ts';

/**
 * Writes down what a subscription's generation has already decided. Looks only at subscriptions marked `has_stale`,
 * by a partial index that is empty nearly always; their stale deliveries are a range of `deliveries_pending`, and the
 * event of each is found by primary key.
 * The mark goes when none is left.
 */
export function createCancelStale(db: DatabaseSync, writeCancelled: WriteStaleCancelled) {
  const listMarked = queryAll<{
    subscriptionSeq: number;
    generation: number;
    subscriptionId: string;
    workspaceId: string;
  }>(
    db,
    `SELECT s.seq AS subscriptionSeq, s.generation, s.id AS subscriptionId, w.id AS workspaceId
     FROM subscriptions s JOIN workspaces w ON w.seq = s.workspace_seq WHERE s.has_stale = 1`,
  );
  const listStale = queryAll<Pick<CancelledDelivery, 'id' | 'eventId' | 'eventType'> & { seq: number }>(
    db,
    `SELECT d.seq, d.id, e.event_id AS eventId, e.event_type AS eventType
     FROM deliveries d INDEXED BY deliveries_pending JOIN events e ON e.seq = d.event_seq
     WHERE d.state = 'pending' AND d.subscription_seq = ? AND d.generation < ? LIMIT ?`,
  );
  const unmark = command(db, 'UPDATE subscriptions SET has_stale = 0 WHERE seq = ?');

  return (limit: number, exceptIds: readonly string[], now: number): CancelledDelivery[] => {
    const except = new Set(exceptIds);
    const cancelled: CancelledDelivery[] = [];
    for (const { subscriptionSeq, generation, subscriptionId, workspaceId } of listMarked.all()) {
      const left = limit - cancelled.length;
      if (left <= 0) break;
      // So many that the excepted ones alone cannot fill it.
      const stale = listStale.all(subscriptionSeq, generation, left + except.size + 1);
      const due = stale.filter(({ id }) => !except.has(id)).slice(0, left);
      for (const { seq, ...delivery } of due) {
        writeCancelled(seq, now);
        cancelled.push({ ...delivery, subscriptionId, workspaceId });
      }
      if (due.length === stale.length) unmark.run(subscriptionSeq);
    }
    return cancelled;
  };
}
