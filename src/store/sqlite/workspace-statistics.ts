import type { DatabaseSync } from 'node:sqlite';
import type { Span } from '../../domain/statistics.ts';
import type { PendingBacklog, SpanCounts } from '../contract/statistics.ts';
import { countsOf, MEASURES_OF } from '../statistics-rows.ts';
import { OLDEST_DUE } from './backlog.ts';
import type { SeqFinder } from './filtered-scan.ts';
import { queryAll, queryOne } from './statement.ts';

/** What is read of a workspace's statistics, and its backlog. */
export function workspaceStatisticsReads(db: DatabaseSync, seqs: SeqFinder) {
  // By primary key: at most as many rows as a week has hours.
  const list = queryAll<Record<string, number> & { startAt: number }>(
    db,
    `SELECT start_at AS startAt, ${MEASURES_OF.workspace.join(', ')} FROM workspace_statistics
     WHERE workspace_seq = ? AND span = ? AND start_at >= ? ORDER BY start_at`,
  );
  // One subscription of the workspace after the other, each a range of deliveries_pending, until enough are counted;
  // and a few seeks in it for each.
  const measure = queryOne<PendingBacklog>(
    db,
    `SELECT (SELECT count(*) FROM (
               SELECT 1 FROM subscriptions s INDEXED BY subscriptions_of_workspace
                 CROSS JOIN deliveries d INDEXED BY deliveries_pending
               WHERE s.workspace_seq = ?1 AND s.deleted_at IS NULL AND d.subscription_seq = s.seq
                 AND d.generation = s.generation AND d.state = 'pending' LIMIT ?2)) AS pending,
            (SELECT min(${OLDEST_DUE}) FROM subscriptions s INDEXED BY subscriptions_of_workspace
             WHERE s.workspace_seq = ?1 AND s.deleted_at IS NULL) AS oldestDueAt`,
  );
  return {
    listStatistics(workspaceId: string, span: Span, since: number): SpanCounts[] {
      const rows = list.all(seqs.workspace(workspaceId) ?? 0, span, since);
      return rows.map((row) => ({ startAt: row.startAt, counts: countsOf(row) }));
    },

    measureWorkspace(workspaceId: string, max: number): PendingBacklog {
      return measure.get(seqs.workspace(workspaceId) ?? 0, max) ?? { pending: 0, oldestDueAt: null };
    },
  };
}
