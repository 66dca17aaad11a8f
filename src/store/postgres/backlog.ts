import type { BacklogStore, DelayedWorkspace } from '../contract/backlog.ts';
import type { NewNotice } from '../contract/subscriptions.ts';
import type { Session } from './database.ts';
import { statement } from './database.ts';
import type { StoreParts } from './parts.ts';

/** Of `subscriptions s`, a row for first attempts and one for retries: two seeks in pending_of_lane, whatever the backlog. */
export const OLDEST_DUE = `unnest('{false,true}'::boolean[]) AS kind (retrying) CROSS JOIN LATERAL (
  SELECT d.due_at FROM velahook.pending_deliveries d
  WHERE d.subscription_id = s.id AND d.generation = s.generation AND (d.attempts > 0) = kind.retrying
  ORDER BY d.due_at, d.seq LIMIT 1) AS p`;

// Every subscription with unfinished work has a lane: about 10 µs for each.
const listDelayed = statement(`
SELECT l.workspace_id AS "workspaceId", min(p.due_at) AS "oldestDueAt", count(DISTINCT s.id) AS subscriptions
FROM velahook.lanes l JOIN velahook.subscriptions s ON s.id = l.subscription_id CROSS JOIN ${OLDEST_DUE}
WHERE p.due_at < $1
  AND NOT EXISTS (SELECT FROM velahook.backlog_alerts a WHERE a.workspace_id = l.workspace_id)
GROUP BY l.workspace_id ORDER BY min(p.due_at) LIMIT $2`);
// By subscriptions_of_workspace, of the few that were told.
const listRecovered = statement(`
SELECT a.workspace_id AS "workspaceId" FROM velahook.backlog_alerts a
WHERE NOT EXISTS (
  SELECT FROM velahook.subscriptions s CROSS JOIN ${OLDEST_DUE}
  WHERE s.workspace_id = a.workspace_id AND s.deleted_at IS NULL AND p.due_at < $1)
ORDER BY a.told_at LIMIT $2`);
const insertAlert = statement(`
INSERT INTO velahook.backlog_alerts (workspace_id, told_at) VALUES ($1, $2) ON CONFLICT DO NOTHING`);
const deleteAlert = statement('DELETE FROM velahook.backlog_alerts WHERE workspace_id = $1');
const insertNotice = statement(`
INSERT INTO velahook.workspace_notices (event_id, workspace_id, event_type, data, created_at)
VALUES ($1, $2, $3, $4, $5)`);

/** `BacklogStore`. Of nodes that come at once, one changes the workspace's row. */
export function backlogCalls({ database, writes }: StoreParts): BacklogStore {
  return {
    listDelayed: (dueBefore, limit) =>
      database.rows<DelayedWorkspace>(listDelayed, [Math.round(dueBefore), limit]),

    async listRecovered(dueBefore, limit) {
      const rows = await database.rows<{ workspaceId: string }>(listRecovered, [
        Math.round(dueBefore),
        limit,
      ]);
      return rows.map(({ workspaceId }) => workspaceId);
    },

    noticeDelayed: (workspaceId, notice, now) =>
      writes.write(async (session) => {
        if ((await session.run(insertAlert, [workspaceId, Math.round(now)])) === 0) return false;
        await leaveWorkspaceNotice(session, workspaceId, notice, now);
        return true;
      }),

    noticeRecovered: (workspaceId, notice, now) =>
      writes.write(async (session) => {
        if ((await session.run(deleteAlert, [workspaceId])) === 0) return false;
        await leaveWorkspaceNotice(session, workspaceId, notice, now);
        return true;
      }),
  };
}

async function leaveWorkspaceNotice(
  session: Session,
  workspaceId: string,
  { eventId, eventType, data }: NewNotice,
  now: number,
): Promise<void> {
  await session.run(insertNotice, [eventId, workspaceId, eventType, data, Math.round(now)]);
}
