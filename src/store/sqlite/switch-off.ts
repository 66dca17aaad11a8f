import type { DatabaseSync } from 'node:sqlite';
import type { DeactivationReason } from '../../domain/subscription.ts';
import type { NewNotice } from '../contract/subscriptions.ts';
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
): SwitchOff {
  const findActive = queryOne<{ workspaceSeq: number }>(
    db,
    `SELECT workspace_seq AS workspaceSeq FROM subscriptions
     WHERE seq = ? AND status = 'active' AND deleted_at IS NULL`,
  );
  const deactivate = command(
    db,
    `UPDATE subscriptions
     SET status = 'deactivated', deactivation_reason = ?2, deactivated_at = ?3, updated_at = ?3,
         generation = generation + 1, has_stale = 1
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
    return true;
  };
}
