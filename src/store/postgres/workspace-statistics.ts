import type { PendingBacklog, StatisticsStore } from '../contract/statistics.ts';
import { countsOf, MEASURES_OF } from '../statistics-rows.ts';
import { OLDEST_DUE } from './backlog.ts';
import type { Database, Session } from './database.ts';
import { statement } from './database.ts';

// By primary key: at most as many rows as a week has hours.
const list = statement(`
SELECT start_at AS "startAt", ${MEASURES_OF.workspace.join(', ')} FROM velahook.workspace_statistics
WHERE workspace_id = $1 AND span = $2 AND start_at >= $3 ORDER BY start_at`);

// By subscriptions_of_workspace. One subscription after the other, each a range of pending_of_lane, until enough are
// counted; and two seeks in it for each.
const measure = statement(`
SELECT (SELECT count(*) FROM (
          SELECT FROM velahook.subscriptions s CROSS JOIN LATERAL (
            SELECT FROM velahook.pending_deliveries d
            WHERE d.subscription_id = s.id AND d.generation = s.generation LIMIT $2) AS p
          WHERE s.workspace_id = $1 AND s.deleted_at IS NULL LIMIT $2) AS counted) AS pending,
       (SELECT min(p.due_at) FROM velahook.subscriptions s CROSS JOIN ${OLDEST_DUE}
        WHERE s.workspace_id = $1 AND s.deleted_at IS NULL) AS "oldestDueAt"`);
// By primary key: some hundred rows, in the order in which those who add to them lock them.
const remove = statement(`
DELETE FROM velahook.workspace_statistics WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM velahook.workspace_statistics WHERE workspace_id = $1 ORDER BY span, start_at FOR UPDATE))`);

type WorkspaceReads = Pick<StatisticsStore, 'listStatistics' | 'measureWorkspace'>;

/** What is read of a workspace's statistics, and its backlog. */
export function workspaceStatisticsReads(database: Database): WorkspaceReads {
  return {
    async listStatistics(workspaceId, span, since) {
      const rows = await database.rows<Record<string, number> & { startAt: number }>(list, [
        workspaceId,
        span,
        since,
      ]);
      return rows.map((row) => ({ startAt: row.startAt, counts: countsOf(row) }));
    },

    async measureWorkspace(workspaceId, max) {
      const [row] = await database.rows<PendingBacklog>(measure, [workspaceId, max]);
      return row ?? { pending: 0, oldestDueAt: null };
    },
  };
}

/** Of a workspace that is deleted in the same commit. */
export async function removeWorkspaceStatistics(session: Session, workspaceId: string): Promise<void> {
  await session.run(remove, [workspaceId]);
}
