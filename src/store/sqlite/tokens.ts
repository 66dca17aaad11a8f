import type { DatabaseSync } from 'node:sqlite';
import type { AuditEntry } from '../../domain/audit.ts';
import type { Scope, Token } from '../../domain/token.ts';
import type { KnownToken, TokenUse } from '../contract/accounts.ts';
import type { TokenRow } from './account-lists.ts';
import { toKnownToken, TOKEN_COLUMNS } from './account-lists.ts';
import type { AppendAudit } from './audit.ts';
import { command, queryOne } from './statement.ts';

/** Stores a token of a workspace that is there, and not deleted. */
export function createEnsureToken(db: DatabaseSync): (token: Token) => boolean {
  const insert = command(
    db,
    `INSERT INTO tokens (id, workspace_seq, name, prefix, hash, scopes, created_at, expires_at, revoked_at)
     VALUES (?, (SELECT seq FROM workspaces WHERE id = ? AND deleted_at IS NULL), ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (hash) DO NOTHING`,
  );
  return (token) => {
    const { id, workspaceId, name, prefix, hash, createdAt, expiresAt, revokedAt } = token;
    const times = [createdAt, expiresAt, revokedAt] as const;
    const scopes = JSON.stringify(token.scopes);
    return insert.run(id, workspaceId, name, prefix, hash, scopes, ...times).changes === 1;
  };
}

/** The tokens of `AccountStore`. By unique index, or along tokens_of_workspace. */
export function tokenHandlers(
  db: DatabaseSync,
  appendAudit: AppendAudit,
  ensureToken: (token: Token) => boolean,
) {
  const findByHash = queryOne<Omit<Token, 'scopes'> & { scopes: string }>(
    db,
    `SELECT t.id, w.id AS workspaceId, t.name, t.prefix, t.hash, t.scopes, t.created_at AS createdAt,
            t.expires_at AS expiresAt, t.revoked_at AS revokedAt
     FROM tokens t JOIN workspaces w ON w.seq = t.workspace_seq
     WHERE t.hash = ?`,
  );
  const findWorkspace = queryOne<{ seq: number }>(
    db,
    'SELECT seq FROM workspaces WHERE id = ? AND deleted_at IS NULL',
  );
  const countOfWorkspace = queryOne<{ count: number }>(
    db,
    'SELECT count(*) AS count FROM tokens WHERE workspace_seq = ? AND revoked_at IS NULL',
  );
  const find = queryOne<TokenRow>(
    db,
    `SELECT ${TOKEN_COLUMNS} FROM tokens t JOIN workspaces w ON w.seq = t.workspace_seq WHERE t.id = ?`,
  );
  const revoke = command(db, 'UPDATE tokens SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL');
  const changeScopes = command(
    db,
    'UPDATE tokens SET scopes = ?2 WHERE id = ?1 AND revoked_at IS NULL AND scopes <> ?2',
  );
  const touch = command(
    db,
    'UPDATE tokens SET last_used_at = ?2 WHERE id = ?1 AND (last_used_at IS NULL OR last_used_at < ?2)',
  );

  return {
    ensureToken,

    findTokenByHash(hash: Uint8Array): Token | undefined {
      const found = findByHash.get(hash);
      return found && { ...found, scopes: JSON.parse(found.scopes) as Scope[] };
    },

    createToken(token: Token, countMax: number, audit?: AuditEntry): 'created' | 'too_many' | 'no_workspace' {
      const workspace = findWorkspace.get(token.workspaceId);
      if (workspace === undefined) return 'no_workspace';
      if ((countOfWorkspace.get(workspace.seq)?.count ?? 0) >= countMax) return 'too_many';
      ensureToken(token);
      appendAudit(audit);
      return 'created';
    },

    findToken(id: string): KnownToken | undefined {
      const row = find.get(id);
      return row && toKnownToken(row);
    },

    revokeToken(id: string, now: number, audit?: AuditEntry): boolean {
      if (revoke.run(id, now).changes === 0) return false;
      appendAudit(audit);
      return true;
    },

    changeTokenScopes(id: string, scopes: readonly Scope[], audit?: AuditEntry): boolean {
      if (changeScopes.run(id, JSON.stringify(scopes)).changes === 0) return false;
      appendAudit(audit);
      return true;
    },

    touchTokens(uses: readonly TokenUse[]): void {
      for (const { id, usedAt } of uses) touch.run(id, usedAt);
    },
  };
}
