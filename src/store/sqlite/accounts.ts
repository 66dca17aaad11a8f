import type { DatabaseSync } from 'node:sqlite';
import type { Scope, Token } from '../../domain/token.ts';
import type { Workspace } from '../contract/accounts.ts';
import { command, queryOne } from './statement.ts';

/** `AccountStore`. All by unique index. */
export function accountHandlers(db: DatabaseSync) {
  const insertWorkspace = command(
    db,
    'INSERT INTO workspaces (id, name, created_at) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING',
  );
  const countWorkspaces = queryOne<{ count: number }>(db, 'SELECT count(*) AS count FROM workspaces');
  const insertToken = command(
    db,
    `INSERT INTO tokens (id, workspace_seq, name, prefix, hash, scopes, created_at, expires_at, revoked_at)
     VALUES (?, (SELECT seq FROM workspaces WHERE id = ?), ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (hash) DO NOTHING`,
  );
  const findToken = queryOne<Omit<Token, 'scopes'> & { scopes: string }>(
    db,
    `SELECT t.id, w.id AS workspaceId, t.name, t.prefix, t.hash, t.scopes, t.created_at AS createdAt,
            t.expires_at AS expiresAt, t.revoked_at AS revokedAt
     FROM tokens t JOIN workspaces w ON w.seq = t.workspace_seq
     WHERE t.hash = ?`,
  );
  const ensureWorkspace = ({ id, name, createdAt }: Workspace): boolean =>
    insertWorkspace.run(id, name, createdAt).changes === 1;
  const ensureToken = (token: Token): boolean => {
    const { id, workspaceId, name, prefix, hash, scopes, createdAt, expiresAt, revokedAt } = token;
    const times = [createdAt, expiresAt, revokedAt] as const;
    const { changes } = insertToken.run(
      id,
      workspaceId,
      name,
      prefix,
      hash,
      JSON.stringify(scopes),
      ...times,
    );
    return changes === 1;
  };
  return {
    ensureWorkspace,
    ensureToken,

    countWorkspaces(): number {
      return countWorkspaces.get()?.count ?? 0;
    },

    createFirstWorkspace(workspace: Workspace, token: Token): boolean {
      if ((countWorkspaces.get()?.count ?? 0) > 0) return false;
      ensureWorkspace(workspace);
      return ensureToken(token);
    },

    findTokenByHash(hash: Uint8Array): Token | undefined {
      const found = findToken.get(hash);
      return found && { ...found, scopes: JSON.parse(found.scopes) as Scope[] };
    },
  };
}
