import { deactivationEntry } from '../../domain/audit.ts';
import type { DeactivationReason } from '../../domain/subscription.ts';
import type { NewNotice } from '../contract/subscriptions.ts';
import { appendAudit } from './audit.ts';
import type { Session } from './database.ts';
import { statement } from './database.ts';

const deactivate = statement(`
UPDATE velahook.subscriptions
SET status = 'deactivated', deactivation_reason = $3, deactivated_at = $4, updated_at = $4,
    generation = generation + 1, has_stale = true,
    missing_since = coalesce((SELECT failing_since FROM velahook.subscription_health WHERE subscription_id = $1), $5)
WHERE id = $1 AND workspace_id = $2 AND status = 'active' AND deleted_at IS NULL`);
const findFailing = statement(`
SELECT failing_since AS "failingSince" FROM velahook.subscription_health WHERE subscription_id = $1`);
const deleteHealth = statement('DELETE FROM velahook.subscription_health WHERE subscription_id = $1');
const insertNotice = statement(`
INSERT INTO velahook.notices (event_id, subscription_id, event_type, data, created_at) VALUES ($1, $2, $3, $4, $5)`);
const raiseVersion = statement(`
UPDATE velahook.workspaces SET subscription_version = subscription_version + 1 WHERE id = $1`);

/** Names a subscription; whatever is asked for by it is answered only within the workspace. */
export interface SubscriptionKey {
  workspaceId: string;
  subscriptionId: string;
}

/**
 * Deactivates an active subscription and leaves the notice, in the commit of whatever called for it (`failing` for
 * too long, or a 410); false, and nothing changed, when it is not active. Whoever calls it has the exclusive lock of
 * the lane: the generation grows. `failingSince`: of failures of the same commit that are not written down yet.
 */
export async function switchOff(
  session: Session,
  { workspaceId, subscriptionId }: SubscriptionKey,
  reason: DeactivationReason,
  notice: NewNotice,
  now: number,
  failingSince = now,
): Promise<boolean> {
  const values = [subscriptionId, workspaceId, reason, Math.round(now), Math.round(failingSince)];
  if ((await session.run(deactivate, values)) === 0) return false;
  await endFailing(session, subscriptionId);
  await leaveNotice(session, subscriptionId, notice, now);
  await raiseSubscriptionVersion(session, workspaceId);
  await appendAudit(session, deactivationEntry(workspaceId, subscriptionId, notice.eventId, now));
  return true;
}

export async function leaveNotice(
  session: Session,
  subscriptionId: string,
  { eventId, eventType, data }: NewNotice,
  now: number,
): Promise<void> {
  await session.run(insertNotice, [eventId, subscriptionId, eventType, data, Math.round(now)]);
}

/** In the commit of every change of a workspace's subscriptions; changes of one workspace wait for one another here. */
export async function raiseSubscriptionVersion(session: Session, workspaceId: string): Promise<void> {
  await session.run(raiseVersion, [workspaceId]);
}

/** Undefined where nothing has failed since the last success. */
export async function failingSinceOf(session: Session, subscriptionId: string): Promise<number | undefined> {
  const [row] = await session.rows<{ failingSince: number }>(findFailing, [subscriptionId]);
  return row?.failingSince;
}

export async function endFailing(session: Session, subscriptionId: string): Promise<void> {
  await session.run(deleteHealth, [subscriptionId]);
}
