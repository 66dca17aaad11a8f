import type { DatabaseSync } from 'node:sqlite';
import type { LaneRelease } from '../contract/lanes.ts';
import { command, queryOne } from './statement.ts';

/**
 * Gives lanes back. `nextDue` is the lesser of two seeks in `deliveries_pending` (first attempts, retries); no
 * intake can come between it and the update, since all writing is in one thread.
 *
 * A lane stays suspect until an attempt is recorded, also when it changes hands without one.
 */
export function createReleaseLanes(db: DatabaseSync) {
  const findOwned = queryOne<{ subscriptionSeq: number; generation: number }>(
    db,
    `SELECT s.seq AS subscriptionSeq, s.generation
     FROM subscriptions s JOIN lanes l ON l.subscription_seq = s.seq
     WHERE s.id = ? AND l.owner = ?`,
  );
  const minDue = (retrying: 0 | 1) =>
    queryOne<{ dueAt: number | null }>(
      db,
      `SELECT min(due_at) AS dueAt FROM deliveries INDEXED BY deliveries_pending
       WHERE state = 'pending' AND subscription_seq = ? AND generation = ? AND (attempts > 0) = ${retrying}`,
    );
  const minFirstDue = minDue(0);
  const minRetryDue = minDue(1);
  const deleteLane = command(db, 'DELETE FROM lanes WHERE subscription_seq = ?');
  const freeLane = command(
    db,
    `UPDATE lanes SET owner = NULL, ready_at = max(?2, ?3), paused_until = ?3, health = ?4
     WHERE subscription_seq = ?1`,
  );

  const release = (epoch: number, { subscriptionId, health }: LaneRelease): void => {
    const lane = findOwned.get(subscriptionId, epoch);
    if (lane === undefined) return;
    const { subscriptionSeq, generation } = lane;
    const dues = [minFirstDue, minRetryDue].flatMap((query) => {
      const dueAt = query.get(subscriptionSeq, generation)?.dueAt ?? null;
      return dueAt === null ? [] : [dueAt];
    });
    if (dues.length === 0) deleteLane.run(subscriptionSeq);
    else freeLane.run(subscriptionSeq, Math.min(...dues), health.pausedUntil, JSON.stringify(health));
  };

  return (epoch: number, lanes: readonly LaneRelease[]): void => {
    for (const lane of lanes) release(epoch, lane);
  };
}
