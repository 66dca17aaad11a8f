import type { DatabaseSync } from 'node:sqlite';
import { deactivationEntry } from '../../domain/audit.ts';
import type { DeactivationReason } from '../../domain/subscription.ts';
import type { NewNotice } from '../contract/subscriptions.ts';
import type { AppendAudit } from './audit.ts';
import { command, queryOne } from './statement.ts';
import type { Workspaces } from './workspaces.ts';

/** Deactivates an active subscription and leaves the notice; false, and nothing changed, when it is not active. */
export type SwitchOff = (
  subscriptionSeq: number,
  reason: DeactivationReason,
  notice: NewNotice,
  now: number,
) => boolean;

export type LeaveNotice = (subscriptionSeq: number, notice: NewNotice, now: number) => void;

export function createLeaveNotice(db: DatabaseSync): LeaveNotice {
  const insert = command(
    db,
    `INSERT INTO notices (event_id, subscription_seq, event_type, data, created_at) VALUES (?, ?, ?, ?, ?)`,
  );
  return (subscriptionSeq, notice, now) => {
    insert.run(notice.eventId, subscriptionSeq, notice.eventType, notice.data, now);
  };
}

/** By primary key, in the commit of whatever called for it: `failing` for too long, or a 410. */
export function createSwitchOff(
  db: DatabaseSync,
  workspaces: Workspaces,
  leaveNotice: LeaveNotice,
  appendAudit: AppendAudit,
): SwitchOff {
  const findActive = queryOne<{ id: string; workspaceSeq: number; workspaceId: string }>(
    db,
    `SELECT s.id, s.workspace_seq AS workspaceSeq, w.id AS workspaceId
     FROM subscriptions s JOIN workspaces w ON w.seq = s.workspace_seq
     WHERE s.seq = ? AND s.status = 'active' AND s.deleted_at IS NULL`,
  );
  const deactivate = command(
    db,
    `UPDATE subscriptions
     SET status = 'deactivated', deactivation_reason = ?2, deactivated_at = ?3, updated_at = ?3,
         generation = generation + 1, has_stale = 1,
         missing_since = coalesce((SELECT failing_since FROM subscription_health WHERE subscription_seq = ?1), ?3)
     WHERE seq = ?1`,
  );
  const endFailing = command(db, 'DELETE FROM subscription_health WHERE subscription_seq = ?');
  return (subscriptionSeq, reason, notice, now) => {
    const active = findActive.get(subscriptionSeq);
    if (active === undefined) return false;
    deactivate.run(subscriptionSeq, reason, now);
    endFailing.run(subscriptionSeq);
    leaveNotice(subscriptionSeq, notice, now);
    workspaces.raiseSubscriptionVersion(active.workspaceSeq);
    appendAudit(deactivationEntry(active.workspaceId, active.id, notice.eventId, now));
    return true;
  };
}
