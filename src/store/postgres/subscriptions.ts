import type { Subscription } from '../../domain/subscription.ts';
import type { SubscriptionStore } from '../contract/subscriptions.ts';
import { applyChange } from '../subscription-change.ts';
import { toPaths } from '../workspace-settings-rows.ts';
import { appendAudit } from './audit.ts';
import type { Session } from './database.ts';
import { statement } from './database.ts';
import { storable } from './free-text.ts';
import type { StoreParts } from './parts.ts';
import { listSealings } from './sealings.ts';
import { listSubscriptions } from './subscription-list.ts';
import type { SubscriptionRow } from './subscription-rows.ts';
import {
  changingValues,
  INSERT_SUBSCRIPTION,
  setChanging,
  storedValues,
  SUBSCRIPTION_COLUMNS,
  toSubscription,
} from './subscription-rows.ts';
import { endFailing, failingSinceOf, raiseSubscriptionVersion, switchOff } from './switch-off.ts';

/** Those who create in one workspace wait for one another: they must not pass its maximum together. */
const lockWorkspace = statement(
  'SELECT 1 FROM velahook.workspaces WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE',
);
const countOfWorkspace = statement(`
SELECT count(*) AS count FROM velahook.subscriptions WHERE workspace_id = $1 AND deleted_at IS NULL`);
const insert = statement(INSERT_SUBSCRIPTION);
const FOUND = `SELECT ${SUBSCRIPTION_COLUMNS} FROM velahook.subscriptions s
  WHERE s.id = $1 AND s.workspace_id = $2 AND s.deleted_at IS NULL`;
const find = statement(FOUND);
const findLocked = statement(`${FOUND} FOR NO KEY UPDATE`);
/** One statement, and so of one moment: the version and what it is the version of. */
const loadWorkspace = statement(`
SELECT w.subscription_version AS version, w.redaction_paths AS "redactionPaths",
  s.made_at_version AS "madeAtVersion", ${SUBSCRIPTION_COLUMNS}
FROM velahook.workspaces w
  LEFT JOIN velahook.subscriptions s ON s.workspace_id = w.id AND s.deleted_at IS NULL
WHERE w.id = $1 ORDER BY s.id`);
const update = statement(`
UPDATE velahook.subscriptions SET has_stale = has_stale OR $2, ${setChanging(2)} WHERE id = $1`);
const markDeleted = statement(`
UPDATE velahook.subscriptions SET deleted_at = $3, updated_at = $3, generation = generation + 1, has_stale = true
WHERE id = $1 AND workspace_id = $2 AND deleted_at IS NULL`);
const forgetReceiver = statement(`
UPDATE velahook.lanes SET health = NULL, paused_until = 0, ready_at = least(ready_at, $2)
WHERE subscription_id = $1 AND owner IS NULL`);
// By the partial index subscriptions_in_rotation. Locked in the order of ids; what somebody is changing is for next time.
const forgetPrevious = statement(`
UPDATE velahook.subscriptions
SET previous_sealed_secret = NULL, previous_secret_configured = NULL, previous_public_key = NULL,
    previous_sealed_private_key = NULL, rotation_ends_at = NULL
WHERE id IN (SELECT id FROM velahook.subscriptions WHERE rotation_ends_at <= $1
             ORDER BY id LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED)`);

/** Of a workspace without subscriptions one row, with nothing in it but the version. */
type WorkspaceRow = (SubscriptionRow | { id: null }) & { version: number; redactionPaths: string | null };
type SubscriptionCalls = Omit<
  SubscriptionStore,
  'listFailing' | 'noticeFailing' | 'listNotices' | 'removeNotices'
>;

/**
 * `SubscriptionStore` but its notices. By id, or by the partial index `subscriptions_of_workspace`, which has no
 * deleted ones. Whatever may raise a generation takes the exclusive lock of the lane: no intake that has read the
 * generation is under way then.
 */
export function subscriptionCalls({ database, writes, signals }: StoreParts): SubscriptionCalls {
  return {
    async createSubscription(given, countMax, audit) {
      const subscription = { ...given, description: storable(given.description) };
      const result = await writes.write(async (session) => {
        const outcome = await create(session, subscription, countMax);
        if (outcome === 'created') await appendAudit(session, audit);
        return outcome;
      });
      if (result === 'created') signals.subscriptionChanged(subscription.workspaceId, subscription.id);
      return result;
    },

    async updateSubscription(workspaceId, id, given, at, audit) {
      const now = Math.round(at);
      const { description } = given;
      const change = description === undefined ? given : { ...given, description: storable(description) };
      const changed = await writes.write(
        async (session) => {
          const [row] = await session.rows<SubscriptionRow>(findLocked, [id, workspaceId]);
          if (row === undefined) return undefined;
          const before = toSubscription(row);
          const failingSince = change.status === 'inactive' ? await failingSinceOf(session, id) : undefined;
          const after = applyChange(before, change, now, failingSince);
          await writeChange(session, before, after, now);
          await appendAudit(session, audit);
          return after;
        },
        change.status === 'inactive' ? { exclusive: [id] } : {},
      );
      if (changed) signals.subscriptionChanged(workspaceId, id);
      return changed;
    },

    async deleteSubscription(workspaceId, id, now, audit) {
      const isDeleted = await writes.write(
        async (session) => {
          if ((await session.run(markDeleted, [id, workspaceId, Math.round(now)])) === 0) return false;
          await endFailing(session, id);
          await raiseSubscriptionVersion(session, workspaceId);
          await appendAudit(session, audit);
          return true;
        },
        { exclusive: [id] },
      );
      if (isDeleted) signals.subscriptionChanged(workspaceId, id);
      return isDeleted;
    },

    async findSubscription(workspaceId, id) {
      await writes.settled();
      const [row] = await database.rows<SubscriptionRow>(find, [id, workspaceId]);
      return row && toSubscription(row);
    },

    listSubscriptions: (workspaceId, query) => listSubscriptions(database, workspaceId, query),

    async loadSubscriptions(workspaceId) {
      await writes.settled();
      const rows = await database.rows<WorkspaceRow>(loadWorkspace, [workspaceId]);
      const { version = 0, redactionPaths = null } = rows[0] ?? {};
      const subscriptions = rows
        .filter(isFound)
        .map(({ version: _version, redactionPaths: _paths, ...row }) => toSubscription(row));
      return {
        version,
        subscriptions,
        ...(redactionPaths !== null && { redactionPaths: toPaths(redactionPaths) }),
      };
    },

    forgetRotated: (now, limit) =>
      writes.write((session) => session.run(forgetPrevious, [Math.round(now), limit])),

    listSealings: (headBytes) => listSealings(database, headBytes),

    async deactivateSubscription(workspaceId, id, reason, notice, now) {
      const deactivated = await writes.write(
        async (session) => {
          const key = { workspaceId, subscriptionId: id };
          if (!(await switchOff(session, key, reason, notice, now))) return undefined;
          const [row] = await session.rows<SubscriptionRow>(find, [id, workspaceId]);
          return row && toSubscription(row);
        },
        { exclusive: [id] },
      );
      if (deactivated) signals.subscriptionChanged(workspaceId, id);
      return deactivated;
    },
  };
}

async function create(
  session: Session,
  s: Subscription,
  countMax: number,
): Promise<'created' | 'too_many' | 'no_workspace'> {
  if ((await session.rows(lockWorkspace, [s.workspaceId])).length === 0) return 'no_workspace';
  const [of] = await session.rows<{ count: number }>(countOfWorkspace, [s.workspaceId]);
  if ((of?.count ?? 0) >= countMax) return 'too_many';
  await session.run(insert, storedValues(s));
  await raiseSubscriptionVersion(session, s.workspaceId);
  return 'created';
}

async function writeChange(
  session: Session,
  before: Subscription,
  after: Subscription,
  now: number,
): Promise<void> {
  const hasStopped = after.generation !== before.generation;
  const { id } = after;
  await session.run(update, [id, hasStopped, ...changingValues(after)]);
  if (hasStopped) await endFailing(session, id);
  if (after.url !== before.url) await session.run(forgetReceiver, [id, now]);
  await raiseSubscriptionVersion(session, after.workspaceId);
}

function isFound(row: WorkspaceRow): row is SubscriptionRow & WorkspaceRow {
  return row.id !== null;
}
