import type { DatabaseSync } from 'node:sqlite';
import type { Counts, Span } from '../../domain/statistics.ts';
import { MEASURES, SPAN_KEPT_MS } from '../../domain/statistics.ts';
import type { StatisticsEntry, SubscriptionBacklog } from '../contract/statistics.ts';
import { ADD_COUNTS, COUNT_COLUMNS, countsOf, rowsOf, SUM_COUNTS } from '../statistics-rows.ts';
import { command, queryOne } from './statement.ts';

/** What is written of statistics; a subscription's row is found by its unique id. */
export function statisticsHandlers(db: DatabaseSync) {
  const add = command(
    db,
    `INSERT INTO statistics AS s (subscription_seq, span, start_at, ${COUNT_COLUMNS})
     SELECT seq, ?, ?, ${MEASURES.map(() => '?').join(', ')} FROM subscriptions WHERE id = ?
     ON CONFLICT (subscription_seq, span, start_at) DO UPDATE SET ${ADD_COUNTS}`,
  );
  // By statistics_by_time.
  const remove = command(
    db,
    `DELETE FROM statistics WHERE (subscription_seq, span, start_at) IN (
       SELECT subscription_seq, span, start_at FROM statistics WHERE span = ? AND start_at < ? LIMIT ?)`,
  );
  return {
    addStatistics(entries: readonly StatisticsEntry[]): void {
      for (const { subscriptionId, span, startAt, counts } of rowsOf(entries))
        add.run(span, startAt, ...counts, subscriptionId);
    },

    removeStatistics(now: number, limit: number): number {
      let removed = 0;
      for (const [span, keptMs] of Object.entries(SPAN_KEPT_MS))
        removed += Number(remove.run(span, now - keptMs, limit - removed).changes);
      return removed;
    },
  };
}

/** What is read of them, by primary key: at most as many rows as a week has hours. */
export function statisticsReads(db: DatabaseSync) {
  const sum = queryOne<Record<string, number>>(
    db,
    `SELECT ${SUM_COUNTS} FROM statistics
     WHERE subscription_seq = (SELECT s.seq FROM subscriptions s JOIN workspaces w ON w.seq = s.workspace_seq
                               WHERE w.id = ? AND s.id = ?)
       AND span = ? AND start_at >= ?`,
  );
  // Two ranges of deliveries_pending, first attempts and retries, each read no further than is counted.
  const ofKind = (retrying: 0 | 1): string =>
    `SELECT * FROM (SELECT d.due_at FROM s CROSS JOIN deliveries d INDEXED BY deliveries_pending
       WHERE d.subscription_seq = s.seq AND d.generation = s.generation AND (d.attempts > 0) = ${retrying}
         AND d.state = 'pending' ORDER BY d.due_at LIMIT ?3)`;
  const measure = queryOne<SubscriptionBacklog>(
    db,
    `WITH s AS (SELECT s.seq, s.generation FROM subscriptions s JOIN workspaces w ON w.seq = s.workspace_seq
                WHERE w.id = ?1 AND s.id = ?2)
     SELECT count(*) AS pending, min(due_at) AS oldestDueAt FROM (${ofKind(0)} UNION ALL ${ofKind(1)})`,
  );
  return {
    measureSubscription(workspaceId: string, subscriptionId: string, max: number): SubscriptionBacklog {
      const { pending = 0, oldestDueAt = null } = measure.get(workspaceId, subscriptionId, max) ?? {};
      return { pending: Math.min(pending, max), oldestDueAt };
    },

    sumStatistics(workspaceId: string, subscriptionId: string, span: Span, since: number): Counts {
      return countsOf(sum.get(workspaceId, subscriptionId, span, since));
    },
  };
}
