import type { DatabaseSync } from 'node:sqlite';
import type { AuditEntry } from '../../domain/audit.ts';
import type { Token } from '../../domain/token.ts';
import type { NewWorkspace, Workspace } from '../contract/accounts.ts';
import type { AppendAudit } from './audit.ts';
import { command, queryAll, queryOne } from './statement.ts';
import { WORKSPACE_COLUMNS } from './account-lists.ts';

/** `AccountStore` but its tokens and its lists. All by unique index, or of one workspace. */
export function accountHandlers(
  db: DatabaseSync,
  appendAudit: AppendAudit,
  ensureToken: (token: Token) => boolean,
) {
  const insert = command(
    db,
    'INSERT INTO workspaces (id, name, created_at) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING',
  );
  const count = queryOne<{ count: number }>(db, 'SELECT count(*) AS count FROM workspaces');
  const find = queryOne<Workspace & { seq: number }>(
    db,
    `SELECT seq, ${WORKSPACE_COLUMNS} FROM workspaces WHERE id = ? AND deleted_at IS NULL`,
  );
  const update = command(db, 'UPDATE workspaces SET name = ?, updated_at = ? WHERE seq = ?');
  const markDeleted = command(
    db,
    `UPDATE workspaces SET deleted_at = ?2, subscription_version = subscription_version + 1 WHERE seq = ?1`,
  );
  const revokeTokens = command(
    db,
    'UPDATE tokens SET revoked_at = ?2 WHERE workspace_seq = ?1 AND revoked_at IS NULL',
  );
  const deleteSubscriptions = queryAll<{ seq: number; id: string }>(
    db,
    `UPDATE subscriptions SET deleted_at = ?2, updated_at = ?2, generation = generation + 1, has_stale = 1
     WHERE workspace_seq = ?1 AND deleted_at IS NULL RETURNING seq, id`,
  );
  const endFailing = command(db, 'DELETE FROM subscription_health WHERE subscription_seq = ?');
  // By primary key: some hundred rows.
  const deleteStatistics = command(db, 'DELETE FROM workspace_statistics WHERE workspace_seq = ?');
  const ensureWorkspace = ({ id, name, createdAt }: NewWorkspace): boolean =>
    insert.run(id, name, createdAt).changes === 1;
  const findOf = (id: string) => {
    const row = find.get(id);
    if (row === undefined) return undefined;
    const { seq, ...workspace } = row;
    return { seq, workspace };
  };

  return {
    ensureWorkspace,

    countWorkspaces(): number {
      return count.get()?.count ?? 0;
    },

    createFirstWorkspace(workspace: NewWorkspace, token: Token): boolean {
      if ((count.get()?.count ?? 0) > 0) return false;
      ensureWorkspace(workspace);
      return ensureToken(token);
    },

    createWorkspace(workspace: NewWorkspace, audit?: AuditEntry): void {
      ensureWorkspace(workspace);
      appendAudit(audit);
    },

    findWorkspace(id: string): Workspace | undefined {
      return findOf(id)?.workspace;
    },

    updateWorkspace(
      id: string,
      { name }: { name: string },
      now: number,
      audit?: AuditEntry,
    ): Workspace | undefined {
      const found = findOf(id);
      if (found === undefined) return undefined;
      update.run(name, now, found.seq);
      appendAudit(audit);
      return { ...found.workspace, name, updatedAt: now };
    },

    deleteWorkspace(id: string, now: number, audit?: AuditEntry): string[] | undefined {
      const found = findOf(id);
      if (found === undefined) return undefined;
      markDeleted.run(found.seq, now);
      revokeTokens.run(found.seq, now);
      deleteStatistics.run(found.seq);
      const subscriptions = deleteSubscriptions.all(found.seq, now);
      for (const { seq } of subscriptions) endFailing.run(seq);
      appendAudit(audit);
      return subscriptions.map((subscription) => subscription.id);
    },
  };
}
