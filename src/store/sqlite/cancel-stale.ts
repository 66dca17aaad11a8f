import type { DatabaseSync } from 'node:sqlite';
import type { WriteCancelled } from './cancel-delivery.ts';
import { command, queryAll } from './statement.ts';

/**
 * Writes down what a subscription's generation has already decided. Looks only at subscriptions marked `has_stale`,
 * by a partial index that is empty nearly always; their stale deliveries are a range of `deliveries_pending`.
 * The mark goes when none is left.
 */
export function createCancelStale(db: DatabaseSync, writeCancelled: WriteCancelled) {
  const listMarked = queryAll<{ subscriptionSeq: number; generation: number }>(
    db,
    'SELECT seq AS subscriptionSeq, generation FROM subscriptions WHERE has_stale = 1',
  );
  const listStale = queryAll<{ seq: number; id: string }>(
    db,
    `SELECT seq, id FROM deliveries INDEXED BY deliveries_pending
     WHERE state = 'pending' AND subscription_seq = ? AND generation < ? LIMIT ?`,
  );
  const unmark = command(db, 'UPDATE subscriptions SET has_stale = 0 WHERE seq = ?');

  return (limit: number, exceptIds: readonly string[], now: number): number => {
    const except = new Set(exceptIds);
    let cancelled = 0;
    for (const { subscriptionSeq, generation } of listMarked.all()) {
      const left = limit - cancelled;
      if (left <= 0) break;
      // So many that the excepted ones alone cannot fill it.
      const stale = listStale.all(subscriptionSeq, generation, left + except.size + 1);
      const due = stale.filter(({ id }) => !except.has(id)).slice(0, left);
      for (const { seq } of due) writeCancelled(seq, now);
      cancelled += due.length;
      if (due.length === stale.length) unmark.run(subscriptionSeq);
    }
    return cancelled;
  };
}
