import type { DatabaseSync } from 'node:sqlite';
import type { DelayedWorkspace } from '../contract/backlog.ts';
import type { NewNotice } from '../contract/subscriptions.ts';
import { command, queryAll } from './statement.ts';
import type { Workspaces } from './workspaces.ts';

/** The earliest due time of a subscription's first attempts or retries: one seek in deliveries_pending. */
const oldestOf = (retrying: 0 | 1): string =>
  `(SELECT min(d.due_at) FROM deliveries d INDEXED BY deliveries_pending
    WHERE d.state = 'pending' AND d.subscription_seq = s.seq AND d.generation = s.generation
      AND (d.attempts > 0) = ${retrying})`;
/** Of `subscriptions s`, in four seeks at most; null where it has nothing to do. */
export const OLDEST_DUE = `min(ifnull(${oldestOf(0)}, ${oldestOf(1)}), ifnull(${oldestOf(1)}, ${oldestOf(0)}))`;

/** `BacklogStore`. */
export function backlogHandlers(db: DatabaseSync, workspaces: Workspaces) {
  // Every subscription with unfinished work has a lane.
  const listDelayed = queryAll<DelayedWorkspace>(
    db,
    `SELECT w.id AS workspaceId, min(due_at) AS oldestDueAt, count(*) AS subscriptions
     FROM (SELECT l.workspace_seq, ${OLDEST_DUE} AS due_at
           FROM lanes l CROSS JOIN subscriptions s ON s.seq = l.subscription_seq) late
       CROSS JOIN workspaces w ON w.seq = late.workspace_seq
     WHERE due_at < ? AND NOT EXISTS (SELECT 1 FROM backlog_alerts a WHERE a.workspace_seq = late.workspace_seq)
     GROUP BY w.id ORDER BY min(due_at) LIMIT ?`,
  );
  // By subscriptions_of_workspace, of the few that were told.
  const listRecovered = queryAll<{ workspaceId: string }>(
    db,
    `SELECT w.id AS workspaceId FROM backlog_alerts a JOIN workspaces w ON w.seq = a.workspace_seq
     WHERE NOT EXISTS (SELECT 1 FROM subscriptions s
                       WHERE s.workspace_seq = a.workspace_seq AND s.deleted_at IS NULL AND ${OLDEST_DUE} < ?)
     ORDER BY a.told_at LIMIT ?`,
  );
  const insertAlert = command(
    db,
    'INSERT INTO backlog_alerts (workspace_seq, told_at) VALUES (?, ?) ON CONFLICT DO NOTHING',
  );
  const deleteAlert = command(db, 'DELETE FROM backlog_alerts WHERE workspace_seq = ?');
  const insertNotice = command(
    db,
    `INSERT INTO workspace_notices (event_id, workspace_seq, event_type, data, created_at) VALUES (?, ?, ?, ?, ?)`,
  );
  const leaveNotice = (seq: number, { eventId, eventType, data }: NewNotice, now: number): void => {
    insertNotice.run(eventId, seq, eventType, data, Math.round(now));
  };

  return {
    listDelayed(dueBefore: number, limit: number): DelayedWorkspace[] {
      return listDelayed.all(Math.round(dueBefore), limit);
    },

    listRecovered(dueBefore: number, limit: number): string[] {
      return listRecovered.all(Math.round(dueBefore), limit).map(({ workspaceId }) => workspaceId);
    },

    noticeDelayed(workspaceId: string, notice: NewNotice, now: number): boolean {
      const { seq } = workspaces.get(workspaceId);
      if (insertAlert.run(seq, Math.round(now)).changes === 0) return false;
      leaveNotice(seq, notice, now);
      return true;
    },

    noticeRecovered(workspaceId: string, notice: NewNotice, now: number): boolean {
      const { seq } = workspaces.get(workspaceId);
      if (deleteAlert.run(seq).changes === 0) return false;
      leaveNotice(seq, notice, now);
      return true;
    },
  };
}
