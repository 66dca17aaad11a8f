import type { DatabaseSync } from 'node:sqlite';
import type { Counts, Span } from '../../domain/statistics.ts';
import { SPAN_KEPT_MS } from '../../domain/statistics.ts';
import type { HealthRow, PendingBacklog, StatisticsEntry } from '../contract/statistics.ts';
import type { StoredHealthRow } from '../statistics-rows.ts';
import { addingOf, countsOf, healthOf, MEASURES_OF, rowsOf, SUM_COUNTS } from '../statistics-rows.ts';
import { command, queryAll, queryOne } from './statement.ts';

/** What is written of statistics; whose they are is found by the unique id. */
export function statisticsHandlers(db: DatabaseSync) {
  const kinds = [
    { of: 'subscription', table: 'statistics', owner: 'subscriptions WHERE id = ?' },
    {
      of: 'workspace',
      table: 'workspace_statistics',
      owner: 'workspaces WHERE deleted_at IS NULL AND id = ?',
    },
  ] as const;
  const tables = kinds.map(({ of, table, owner }) => {
    const measures = MEASURES_OF[of];
    const key = `${of}_seq, span, start_at`;
    const add = command(
      db,
      `INSERT INTO ${table} AS s (${key}, ${measures.join(', ')})
       SELECT seq, ?, ?, ${measures.map(() => '?').join(', ')} FROM ${owner}
       ON CONFLICT (${key}) DO UPDATE SET ${addingOf(measures)}`,
    );
    // By statistics_by_time or workspace_statistics_by_time.
    const remove = command(
      db,
      `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE span = ? AND start_at < ? LIMIT ?)`,
    );
    return { of, measures, add, remove };
  });
  return {
    addStatistics(entries: readonly StatisticsEntry[]): void {
      for (const { of, measures, add } of tables)
        for (const { id, span, startAt, counts } of rowsOf(of, entries))
          add.run(span, startAt, ...counts.slice(0, measures.length), id);
    },

    removeStatistics(now: number, limit: number): number {
      let removed = 0;
      for (const { remove } of tables)
        for (const [span, keptMs] of Object.entries(SPAN_KEPT_MS))
          removed += Number(remove.run(span, now - keptMs, limit - removed).changes);
      return removed;
    },
  };
}

/** What is read of a subscription's, by primary key: at most as many rows as a week has hours. */
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
  const measure = queryOne<PendingBacklog>(
    db,
    `WITH s AS (SELECT s.seq, s.generation FROM subscriptions s JOIN workspaces w ON w.seq = s.workspace_seq
                WHERE w.id = ?1 AND s.id = ?2)
     SELECT count(*) AS pending, min(due_at) AS oldestDueAt FROM (${ofKind(0)} UNION ALL ${ofKind(1)})`,
  );
  // Of each subscription, by its id, a range of the primary key, and one of deliveries_pending as far as is counted.
  const health = queryAll<StoredHealthRow>(
    db,
    `SELECT s.id AS subscriptionId,
            (SELECT json_group_array(json_array(t.start_at, t.succeeded, t.failed)) FROM statistics t
             WHERE t.subscription_seq = s.seq AND t.span = 'long' AND t.start_at >= ?3) AS spans,
            (SELECT count(*) FROM (SELECT 1 FROM deliveries d INDEXED BY deliveries_pending
             WHERE d.subscription_seq = s.seq AND d.generation = s.generation AND d.state = 'pending' LIMIT ?4)) AS pending
     FROM json_each(?2) given CROSS JOIN subscriptions s ON s.id = given.value
       CROSS JOIN workspaces w ON w.seq = s.workspace_seq AND w.id = ?1`,
  );
  return {
    measureSubscription(workspaceId: string, subscriptionId: string, max: number): PendingBacklog {
      const { pending = 0, oldestDueAt = null } = measure.get(workspaceId, subscriptionId, max) ?? {};
      return { pending: Math.min(pending, max), oldestDueAt };
    },

    sumStatistics(workspaceId: string, subscriptionId: string, span: Span, since: number): Counts {
      return countsOf(sum.get(workspaceId, subscriptionId, span, since));
    },

    listHealth(workspaceId: string, ids: readonly string[], since: number, max: number): HealthRow[] {
      return health.all(workspaceId, JSON.stringify(ids), since, max).map(healthOf);
    },
  };
}
