import type { Scope } from '../../domain/token.ts';
import type { AccountPage, KnownToken, TokenQuery, Workspace, WorkspaceQuery } from '../contract/accounts.ts';
import type { Database, Statement } from './database.ts';
import { statement } from './database.ts';
import { storable } from './free-text.ts';

export const WORKSPACE_COLUMNS = `id, name, created_at AS "createdAt", coalesce(updated_at, created_at) AS "updatedAt"`;
/** Of `tokens t`. */
export const TOKEN_COLUMNS = `t.id, t.workspace_id AS "workspaceId", t.name, t.prefix, t.scopes,
  t.created_at AS "createdAt", t.expires_at AS "expiresAt", t.revoked_at AS "revokedAt", t.last_used_at AS "lastUsedAt"`;

/** A token as {@link TOKEN_COLUMNS} answers it. */
export type TokenRow = Omit<KnownToken, 'scopes'> & { scopes: string };

export function toKnownToken(row: TokenRow): KnownToken {
  return { ...row, scopes: JSON.parse(row.scopes) as Scope[] };
}

// Null parameters switch their filter off. In the collation "C" `lower` folds ASCII only; `strpos` knows no wildcards.
const WORKSPACES = `FROM velahook.workspaces WHERE deleted_at IS NULL
  AND ($1::text IS NULL OR strpos(lower(name COLLATE "C"), lower($1 COLLATE "C")) > 0)`;
const TOKENS = `FROM velahook.tokens t WHERE t.workspace_id = $1
  AND ($2::boolean IS NULL OR (t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $3::bigint)) = $2)`;

const countWorkspaces = statement(`SELECT count(*) AS total ${WORKSPACES}`);
const countTokens = statement(`SELECT count(*) AS total ${TOKENS}`);

type Sorted = Record<'asc' | 'desc', Statement>;
const sortedBy = (order: string): Sorted => {
  const page = (direction: string): Statement =>
    statement(`SELECT ${WORKSPACE_COLUMNS} ${WORKSPACES}
      ORDER BY ${order} ${direction}, id ${direction} LIMIT $2 OFFSET $3`);
  return { asc: page('ASC'), desc: page('DESC') };
};
const WORKSPACE_PAGES = { createdAt: sortedBy('created_at'), name: sortedBy('name COLLATE "C"') };
const tokenPage = (direction: string): Statement =>
  statement(`SELECT ${TOKEN_COLUMNS} ${TOKENS}
    ORDER BY t.created_at ${direction}, t.id ${direction} LIMIT $4 OFFSET $5`);
const TOKEN_PAGES: Sorted = { asc: tokenPage('ASC'), desc: tokenPage('DESC') };

/**
 * Pages by number; reads all workspaces: a hundred thousand take some tens of milliseconds, and only the administrator
 * asks, beside everybody else.
 */
export async function listWorkspaces(
  database: Database,
  query: WorkspaceQuery,
): Promise<AccountPage<Workspace>> {
  const { search, sortBy, sortOrder, page, limit } = query;
  const filters = [storable(search ?? null)];
  return database.read(async (session) => {
    const bounds = [limit, (page - 1) * limit];
    const items = await session.rows<Workspace>(WORKSPACE_PAGES[sortBy][sortOrder], [...filters, ...bounds]);
    const [counted] = await session.rows<{ total: number }>(countWorkspaces, filters);
    return { items, total: counted?.total ?? 0 };
  });
}

/** Along tokens_of_workspace: reads all tokens of the workspace. */
export async function listTokens(
  database: Database,
  workspaceId: string,
  query: TokenQuery,
): Promise<AccountPage<KnownToken>> {
  const { active, now, sortOrder, page, limit } = query;
  const filters = [workspaceId, active ?? null, Math.round(now)];
  return database.read(async (session) => {
    const bounds = [limit, (page - 1) * limit];
    const rows = await session.rows<TokenRow>(TOKEN_PAGES[sortOrder], [...filters, ...bounds]);
    const [counted] = await session.rows<{ total: number }>(countTokens, filters);
    return { items: rows.map(toKnownToken), total: counted?.total ?? 0 };
  });
}
