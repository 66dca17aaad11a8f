import type { AccountStore } from '../contract/accounts.ts';
import { StoreUnavailable } from '../store.ts';
import { appendAudit } from './audit.ts';
import type { Session } from './database.ts';
import { statement } from './database.ts';
import type { StoreParts } from './parts.ts';
import { removeWorkspaceStatistics } from './workspace-statistics.ts';

/** Subscriptions are created by people: nobody creates one between each two looks so often. */
const TRIES = 5;

// By the partial index subscriptions_of_workspace, in order of id, as everybody locks them.
const LIVE = `SELECT id FROM velahook.subscriptions WHERE workspace_id = $1 AND deleted_at IS NULL ORDER BY id`;
const listLive = statement(LIVE);
const lockLive = statement(`${LIVE} FOR NO KEY UPDATE`);
const lockWorkspace = statement(`
SELECT 1 FROM velahook.workspaces WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE`);
const markSubscriptions = statement(`
UPDATE velahook.subscriptions SET deleted_at = $2, updated_at = $2, generation = generation + 1, has_stale = true
WHERE id = ANY ($1::text[])`);
const endFailing = statement(
  'DELETE FROM velahook.subscription_health WHERE subscription_id = ANY ($1::text[])',
);
const markWorkspace = statement(`
UPDATE velahook.workspaces SET deleted_at = $2, subscription_version = subscription_version + 1 WHERE id = $1`);
const revokeTokens = statement(`
UPDATE velahook.tokens SET revoked_at = $2 WHERE workspace_id = $1 AND revoked_at IS NULL`);

/**
 * The exclusive locks of all its lanes come first, as for each subscription alone, so its subscriptions must be known
 * before. One that was created in between is found under the workspace's lock, which its creator needs as well; then
 * nothing is changed, and it is done again.
 */
export function deleteWorkspaceCall({
  database,
  writes,
  signals,
}: StoreParts): AccountStore['deleteWorkspace'] {
  return async (workspaceId, at, audit) => {
    const now = Math.round(at);
    for (let tried = 1; tried <= TRIES; tried++) {
      const ids = await listIds(database, workspaceId);
      const outcome = await writes.write(
        async (session) => {
          const judged = await markDeleted(session, workspaceId, ids, now);
          if (judged === 'deleted') await appendAudit(session, audit);
          return judged;
        },
        { exclusive: ids },
      );
      if (outcome === 'none') return undefined;
      if (outcome === 'again') continue;
      for (const id of ids) signals.subscriptionChanged(workspaceId, id);
      return ids;
    }
    throw new StoreUnavailable('Subscriptions of the workspace are created all the time.');
  };
}

async function markDeleted(
  session: Session,
  workspaceId: string,
  ids: readonly string[],
  now: number,
): Promise<'deleted' | 'again' | 'none'> {
  // Subscriptions before the workspace: whoever changes one raises the workspace's version afterwards.
  await session.rows(lockLive, [workspaceId]);
  if ((await session.rows(lockWorkspace, [workspaceId])).length === 0) return 'none';
  const known = new Set(ids);
  if ((await listIds(session, workspaceId)).some((id) => !known.has(id))) return 'again';
  await session.run(markSubscriptions, [ids, now]);
  await session.run(endFailing, [ids]);
  await session.run(markWorkspace, [workspaceId, now]);
  await session.run(revokeTokens, [workspaceId, now]);
  await removeWorkspaceStatistics(session, workspaceId);
  return 'deleted';
}

async function listIds(session: Session, workspaceId: string): Promise<string[]> {
  return (await session.rows<{ id: string }>(listLive, [workspaceId])).map(({ id }) => id);
}
