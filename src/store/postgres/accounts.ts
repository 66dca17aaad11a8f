import type { Scope, Token } from '../../domain/token.ts';
import type { AccountStore, Workspace } from '../contract/accounts.ts';
import type { Session } from './database.ts';
import { statement } from './database.ts';
import { storable } from './free-text.ts';
import type { StoreParts } from './parts.ts';

const insertWorkspace = statement(`
INSERT INTO velahook.workspaces (id, name, created_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING`);
const countWorkspaces = statement('SELECT count(*) AS count FROM velahook.workspaces');
/** Keeps others from making one until the transaction ends; whoever comes second sees the first one's. */
const lockWorkspaces = statement('LOCK TABLE velahook.workspaces IN SHARE ROW EXCLUSIVE MODE');
const findWorkspace = statement('SELECT 1 FROM velahook.workspaces WHERE id = $1');
const insertToken = statement(`
INSERT INTO velahook.tokens (id, workspace_id, name, prefix, hash, scopes, created_at, expires_at, revoked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (hash) DO NOTHING`);
const findToken = statement(`
SELECT id, workspace_id AS "workspaceId", name, prefix, hash, scopes, created_at AS "createdAt",
       expires_at AS "expiresAt", revoked_at AS "revokedAt"
FROM velahook.tokens WHERE hash = $1`);

type TokenRow = Omit<Token, 'scopes'> & { scopes: string };

/** `AccountStore`. All by unique index. */
export function accountCalls({ database, writes }: StoreParts): AccountStore {
  return {
    ensureWorkspace: (workspace) => writes.write((session) => ensureWorkspace(session, workspace)),

    countWorkspaces: () => count(database),

    createFirstWorkspace: (workspace, token) =>
      writes.write(async (session) => {
        // Every start asks; only the first one of all has to lock out others.
        if ((await count(session)) > 0) return false;
        await session.run(lockWorkspaces);
        if ((await count(session)) > 0) return false;
        await ensureWorkspace(session, workspace);
        return ensureToken(session, token);
      }),

    ensureToken: (token) => writes.write((session) => ensureToken(session, token)),

    async findTokenByHash(hash) {
      const [row] = await database.rows<TokenRow>(findToken, [hash]);
      return row && { ...row, hash: new Uint8Array(row.hash), scopes: JSON.parse(row.scopes) as Scope[] };
    },
  };
}

async function count(session: Session): Promise<number> {
  const [row] = await session.rows<{ count: number }>(countWorkspaces);
  return row?.count ?? 0;
}

async function ensureWorkspace(session: Session, { id, name, createdAt }: Workspace): Promise<boolean> {
  return (await session.run(insertWorkspace, [id, storable(name), createdAt])) === 1;
}

async function ensureToken(session: Session, token: Token): Promise<boolean> {
  const { id, workspaceId, name, prefix, hash, createdAt, expiresAt, revokedAt } = token;
  if ((await session.rows(findWorkspace, [workspaceId])).length === 0)
    throw new Error(`There is no workspace ${workspaceId}.`);
  const scopes = JSON.stringify(token.scopes);
  const row = [id, workspaceId, storable(name), prefix, hash, scopes, createdAt, expiresAt, revokedAt];
  return (await session.run(insertToken, row)) === 1;
}
