import type { DatabaseSync } from 'node:sqlite';
import type { FailingDue, FailingSubscription, NewNotice, Notice } from '../contract/subscriptions.ts';
import { command, queryAll, queryOne } from './statement.ts';
import type { SubscriptionRow } from './subscription-rows.ts';
import { SUBSCRIPTION_COLUMNS, toSubscription } from './subscription-rows.ts';
import type { LeaveNotice } from './switch-off.ts';

type FailingRow = SubscriptionRow & { failingSince: number; failedDeliveries: number; noticed: number };

/** Failing subscriptions and notices about them: tables of a few rows. */
export function noticeHandlers(db: DatabaseSync, leaveNotice: LeaveNotice) {
  // By subscription_health_by_time; rows exist for active subscriptions only, so none is skipped.
  const listFailing = queryAll<FailingRow>(
    db,
    `SELECT ${SUBSCRIPTION_COLUMNS}, h.failing_since AS failingSince, h.failed_deliveries AS failedDeliveries,
            h.noticed
     FROM subscription_health h
       JOIN subscriptions s ON s.seq = h.subscription_seq JOIN workspaces w ON w.seq = s.workspace_seq
     WHERE h.failing_since <= max(?1, ?2)
       AND (h.noticed = 0 AND h.failing_since <= ?1 OR h.failed_deliveries >= ?3 AND h.failing_since <= ?2)
     ORDER BY h.failing_since LIMIT ?4`,
  );
  const findUnnoticed = queryOne<{ subscriptionSeq: number }>(
    db,
    `SELECT h.subscription_seq AS subscriptionSeq
     FROM subscriptions s JOIN workspaces w ON w.seq = s.workspace_seq
       JOIN subscription_health h ON h.subscription_seq = s.seq
     WHERE s.id = ? AND w.id = ? AND h.noticed = 0`,
  );
  const markNoticed = command(db, 'UPDATE subscription_health SET noticed = 1 WHERE subscription_seq = ?');
  const listNotices = queryAll<Notice>(
    db,
    `SELECT n.event_id AS eventId, n.event_type AS eventType, n.data, w.id AS workspaceId,
            s.id AS subscriptionId, n.created_at AS createdAt
     FROM notices n JOIN subscriptions s ON s.seq = n.subscription_seq
       JOIN workspaces w ON w.seq = s.workspace_seq
     ORDER BY n.seq LIMIT ?`,
  );
  const listWorkspaceNotices = queryAll<Notice>(
    db,
    `SELECT n.event_id AS eventId, n.event_type AS eventType, n.data, w.id AS workspaceId, NULL AS subscriptionId,
            n.created_at AS createdAt
     FROM workspace_notices n JOIN workspaces w ON w.seq = n.workspace_seq ORDER BY n.seq LIMIT ?`,
  );
  const removeNotice = command(db, 'DELETE FROM notices WHERE event_id = ?');
  const removeWorkspaceNotice = command(db, 'DELETE FROM workspace_notices WHERE event_id = ?');

  return {
    listFailing(due: FailingDue, limit: number): FailingSubscription[] {
      const { noticeSince, deactivateSince, failedDeliveries } = due;
      return listFailing.all(noticeSince, deactivateSince, failedDeliveries, limit).map((row) => {
        const { failingSince, failedDeliveries, noticed, ...columns } = row;
        const subscription = toSubscription(columns);
        return { subscription, failingSince, failedDeliveries, noticed: noticed === 1 };
      });
    },

    noticeFailing(workspaceId: string, id: string, notice: NewNotice, now: number): boolean {
      const failing = findUnnoticed.get(id, workspaceId);
      if (failing === undefined) return false;
      markNoticed.run(failing.subscriptionSeq);
      leaveNotice(failing.subscriptionSeq, notice, now);
      return true;
    },

    listNotices(limit: number): Notice[] {
      return [...listNotices.all(limit), ...listWorkspaceNotices.all(limit)].slice(0, limit);
    },

    removeNotices(ids: readonly string[]): void {
      for (const id of ids) {
        removeNotice.run(id);
        removeWorkspaceNotice.run(id);
      }
    },
  };
}
