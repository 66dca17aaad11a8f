import type { Scope, Token } from '../../domain/token.ts';
import type { AccountStore } from '../contract/accounts.ts';
import type { TokenRow } from './account-lists.ts';
import { listTokens, toKnownToken, TOKEN_COLUMNS } from './account-lists.ts';
import { appendAudit } from './audit.ts';
import type { Session } from './database.ts';
import { statement } from './database.ts';
import { storable } from './free-text.ts';
import type { StoreParts } from './parts.ts';

/** A deletion waits for whoever makes a token, and whoever comes after it finds none: no token outlives its workspace. */
const lockWorkspace = statement(`
SELECT 1 FROM velahook.workspaces WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE`);
const insert = statement(`
INSERT INTO velahook.tokens (id, workspace_id, name, prefix, hash, scopes, created_at, expires_at, revoked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (hash) DO NOTHING`);
const findByHash = statement(`
SELECT id, workspace_id AS "workspaceId", name, prefix, hash, scopes, created_at AS "createdAt",
       expires_at AS "expiresAt", revoked_at AS "revokedAt"
FROM velahook.tokens WHERE hash = $1`);
const find = statement(`SELECT ${TOKEN_COLUMNS} FROM velahook.tokens t WHERE t.id = $1`);
const countOfWorkspace = statement(`
SELECT count(*) AS count FROM velahook.tokens WHERE workspace_id = $1 AND revoked_at IS NULL`);
const revoke = statement(`UPDATE velahook.tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL`);
const changeScopes = statement(`
UPDATE velahook.tokens SET scopes = $2 WHERE id = $1 AND revoked_at IS NULL AND scopes <> $2`);
// Locked in order of id: two nodes that write down the same ones wait for one another, never in a circle.
const touch = statement(`
UPDATE velahook.tokens t SET last_used_at = used.used_at
FROM (SELECT t.id, given.used_at
      FROM velahook.tokens t JOIN unnest($1::text[], $2::bigint[]) AS given (id, used_at) ON given.id = t.id
      WHERE t.last_used_at IS NULL OR t.last_used_at < given.used_at
      ORDER BY t.id FOR NO KEY UPDATE OF t) AS used
WHERE t.id = used.id`);

type TokenCalls = Pick<
  AccountStore,
  | 'ensureToken'
  | 'findTokenByHash'
  | 'createToken'
  | 'findToken'
  | 'listTokens'
  | 'revokeToken'
  | 'changeTokenScopes'
  | 'touchTokens'
>;

/** The tokens of `AccountStore`. By unique index, or along tokens_of_workspace. */
export function tokenCalls({ database, writes }: StoreParts): TokenCalls {
  return {
    ensureToken: (token) => writes.write((session) => ensureToken(session, token)),

    async findTokenByHash(hash) {
      const [row] = await database.rows<Omit<Token, 'scopes'> & { scopes: string }>(findByHash, [hash]);
      return row && { ...row, hash: new Uint8Array(row.hash), scopes: JSON.parse(row.scopes) as Scope[] };
    },

    createToken: (token, countMax, audit) =>
      writes.write(async (session) => {
        if (!(await isWorkspace(session, token.workspaceId))) return 'no_workspace';
        const [of] = await session.rows<{ count: number }>(countOfWorkspace, [token.workspaceId]);
        if ((of?.count ?? 0) >= countMax) return 'too_many';
        await store(session, token);
        await appendAudit(session, audit);
        return 'created';
      }),

    async findToken(id) {
      const [row] = await database.rows<TokenRow>(find, [id]);
      return row && toKnownToken(row);
    },

    listTokens: (workspaceId, query) => listTokens(database, workspaceId, query),

    revokeToken: (id, now, audit) =>
      writes.write(async (session) => {
        if ((await session.run(revoke, [id, Math.round(now)])) === 0) return false;
        await appendAudit(session, audit);
        return true;
      }),

    changeTokenScopes: (id, scopes, audit) =>
      writes.write(async (session) => {
        if ((await session.run(changeScopes, [id, JSON.stringify(scopes)])) === 0) return false;
        await appendAudit(session, audit);
        return true;
      }),

    // Beside the other writes: nobody waits for it.
    async touchTokens(uses) {
      await database.run(touch, [uses.map(({ id }) => id), uses.map(({ usedAt }) => Math.round(usedAt))]);
    },
  };
}

/** Throws for a workspace that is not there: whoever calls this has made it. */
export async function ensureToken(session: Session, token: Token): Promise<boolean> {
  if (!(await isWorkspace(session, token.workspaceId)))
    throw new Error(`There is no workspace ${token.workspaceId}.`);
  return store(session, token);
}

async function isWorkspace(session: Session, workspaceId: string): Promise<boolean> {
  return (await session.rows(lockWorkspace, [workspaceId])).length > 0;
}

async function store(session: Session, token: Token): Promise<boolean> {
  const { id, workspaceId, name, prefix, hash, createdAt, expiresAt, revokedAt } = token;
  const scopes = JSON.stringify(token.scopes);
  const row = [id, workspaceId, storable(name), prefix, hash, scopes, createdAt, expiresAt, revokedAt];
  return (await session.run(insert, row)) === 1;
}
