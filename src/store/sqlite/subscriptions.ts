import type { DatabaseSync } from 'node:sqlite';
import type { AuditEntry } from '../../domain/audit.ts';
import type { DeactivationReason, Subscription } from '../../domain/subscription.ts';
import type { NewNotice, SubscriptionChange, SubscriptionSet } from '../contract/subscriptions.ts';
import { applyChange } from '../subscription-change.ts';
import { toPaths } from '../workspace-settings-rows.ts';
import type { AppendAudit } from './audit.ts';
import { command, queryAll, queryOne } from './statement.ts';
import type { SubscriptionRow } from './subscription-rows.ts';
import {
  changingValues,
  INSERT_SUBSCRIPTION,
  SET_CHANGING,
  storedValues,
  SUBSCRIPTION_COLUMNS,
  toSubscription,
} from './subscription-rows.ts';
import type { SwitchOff } from './switch-off.ts';
import type { Workspaces } from './workspaces.ts';

/**
 * `SubscriptionStore` but its list and its notices. By id (unique index), or by the partial index
 * `subscriptions_of_workspace`, which has no deleted ones.
 */
export function subscriptionHandlers(
  db: DatabaseSync,
  workspaces: Workspaces,
  switchOff: SwitchOff,
  appendAudit: AppendAudit,
) {
  const countOfWorkspace = queryOne<{ count: number }>(
    db,
    'SELECT count(*) AS count FROM subscriptions WHERE workspace_seq = ? AND deleted_at IS NULL',
  );
  const insert = command(db, INSERT_SUBSCRIPTION);
  const find = queryOne<SubscriptionRow & { seq: number }>(
    db,
    `SELECT s.seq, ${SUBSCRIPTION_COLUMNS}
     FROM subscriptions s JOIN workspaces w ON w.seq = s.workspace_seq
     WHERE s.id = ? AND w.id = ? AND s.deleted_at IS NULL`,
  );
  const listOfWorkspace = queryAll<SubscriptionRow & { madeAtVersion: number }>(
    db,
    `SELECT s.made_at_version AS madeAtVersion, ${SUBSCRIPTION_COLUMNS}
     FROM subscriptions s JOIN workspaces w ON w.seq = s.workspace_seq
     WHERE s.workspace_seq = ? AND s.deleted_at IS NULL ORDER BY s.id`,
  );
  const update = command(
    db,
    `UPDATE subscriptions SET ${SET_CHANGING}, has_stale = max(has_stale, ?) WHERE seq = ?`,
  );
  const markDeleted = command(
    db,
    'UPDATE subscriptions SET deleted_at = ?2, updated_at = ?2, generation = generation + 1, has_stale = 1 WHERE seq = ?1',
  );
  const forgetReceiver = command(
    db,
    `UPDATE lanes SET health = NULL, paused_until = 0, ready_at = min(ready_at, ?2)
     WHERE subscription_seq = ?1 AND owner IS NULL`,
  );
  // By the partial index subscriptions_in_rotation: the few whose rotation was not cleared away yet.
  const forgetPrevious = command(
    db,
    `UPDATE subscriptions
     SET previous_sealed_secret = NULL, previous_secret_configured = NULL, previous_public_key = NULL,
         previous_sealed_private_key = NULL, rotation_ends_at = NULL
     WHERE seq IN (SELECT seq FROM subscriptions WHERE rotation_ends_at <= ? ORDER BY rotation_ends_at LIMIT ?)`,
  );
  const findFailing = queryOne<{ failingSince: number }>(
    db,
    'SELECT failing_since AS failingSince FROM subscription_health WHERE subscription_seq = ?',
  );
  const endFailing = command(db, 'DELETE FROM subscription_health WHERE subscription_seq = ?');

  const findOf = (workspaceId: string, id: string) => {
    const row = find.get(id, workspaceId);
    if (row === undefined) return undefined;
    const { seq, ...columns } = row;
    return { seq, subscription: toSubscription(columns) };
  };

  return {
    createSubscription(
      subscription: Subscription,
      countMax: number,
      audit?: AuditEntry,
    ): 'created' | 'too_many' | 'no_workspace' {
      const workspace = workspaces.findLive(subscription.workspaceId);
      if (workspace === undefined) return 'no_workspace';
      if ((countOfWorkspace.get(workspace.seq)?.count ?? 0) >= countMax) return 'too_many';
      insert.run(workspace.seq, workspace.subscriptionVersion + 1, ...storedValues(subscription));
      workspaces.raiseSubscriptionVersion(workspace.seq);
      appendAudit(audit);
      return 'created';
    },

    updateSubscription(
      workspaceId: string,
      id: string,
      change: SubscriptionChange,
      now: number,
      audit?: AuditEntry,
    ): Subscription | undefined {
      const found = findOf(workspaceId, id);
      if (found === undefined) return undefined;
      const changed = applyChange(found.subscription, change, now, findFailing.get(found.seq)?.failingSince);
      const stopped = changed.generation !== found.subscription.generation;
      update.run(...changingValues(changed), stopped ? 1 : 0, found.seq);
      if (stopped) endFailing.run(found.seq);
      if (changed.url !== found.subscription.url) forgetReceiver.run(found.seq, now);
      workspaces.raiseSubscriptionVersion(workspaces.get(workspaceId).seq);
      appendAudit(audit);
      return changed;
    },

    deleteSubscription(workspaceId: string, id: string, now: number, audit?: AuditEntry): boolean {
      const found = findOf(workspaceId, id);
      if (found === undefined) return false;
      markDeleted.run(found.seq, now);
      endFailing.run(found.seq);
      workspaces.raiseSubscriptionVersion(workspaces.get(workspaceId).seq);
      appendAudit(audit);
      return true;
    },

    findSubscription(workspaceId: string, id: string): Subscription | undefined {
      return findOf(workspaceId, id)?.subscription;
    },

    loadSubscriptions(workspaceId: string): SubscriptionSet {
      const workspace = workspaces.find(workspaceId);
      if (workspace === undefined) return { version: 0, subscriptions: [] };
      const subscriptions = listOfWorkspace.all(workspace.seq).map((row) => toSubscription(row));
      const { subscriptionVersion: version, redactionPaths } = workspace;
      return {
        version,
        subscriptions,
        ...(redactionPaths !== null && { redactionPaths: toPaths(redactionPaths) }),
      };
    },

    forgetRotated(now: number, limit: number): number {
      return Number(forgetPrevious.run(now, limit).changes);
    },

    deactivateSubscription(
      workspaceId: string,
      id: string,
      reason: DeactivationReason,
      notice: NewNotice,
      now: number,
    ): Subscription | undefined {
      const found = findOf(workspaceId, id);
      if (found === undefined || !switchOff(found.seq, reason, notice, now)) return undefined;
      return findOf(workspaceId, id)?.subscription;
    },
  };
}
