import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { Scope } from '../../domain/token.ts';
import type { AccountPage, KnownToken, TokenQuery, Workspace, WorkspaceQuery } from '../contract/accounts.ts';
import type { SeqFinder } from './filtered-scan.ts';
import { queryAll, queryOne } from './statement.ts';

export const WORKSPACE_COLUMNS =
  'id, name, created_at AS createdAt, coalesce(updated_at, created_at) AS updatedAt';
/** Of `tokens t JOIN workspaces w`. */
export const TOKEN_COLUMNS = `t.id, w.id AS workspaceId, t.name, t.prefix, t.scopes, t.created_at AS createdAt,
  t.expires_at AS expiresAt, t.revoked_at AS revokedAt, t.last_used_at AS lastUsedAt`;

/** A token as {@link TOKEN_COLUMNS} answers it. */
export type TokenRow = Omit<KnownToken, 'scopes'> & { scopes: string };

export function toKnownToken(row: TokenRow): KnownToken {
  return { ...row, scopes: JSON.parse(row.scopes) as Scope[] };
}

/** Null parameters switch their filter off. SQLite's `lower` folds ASCII only; `instr` knows no wildcards. */
const WORKSPACES = `FROM workspaces WHERE deleted_at IS NULL AND (?1 IS NULL OR instr(lower(name), lower(?1)))`;
const TOKENS = `FROM tokens t JOIN workspaces w ON w.seq = t.workspace_seq
  WHERE t.workspace_seq = ?1
    AND (?2 IS NULL OR (t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > ?3)) = ?2)`;
const SORTED_BY = { createdAt: 'created_at', name: 'name' } as const;

/**
 * Pages by number. The list of workspaces reads them all: a hundred thousand take some tens of milliseconds, and only
 * the administrator asks, beside everybody else.
 */
export function accountLists(db: DatabaseSync, seqs: SeqFinder) {
  const countTokens = queryOne<{ total: number }>(db, `SELECT count(*) AS total ${TOKENS}`);
  const page = <Row>(
    sql: string,
    order: readonly string[],
    direction: 'asc' | 'desc',
    params: readonly SQLInputValue[],
  ): Row[] => {
    const sorted = order.map((column) => `${column} ${direction}`).join();
    const bounds = `LIMIT ?${params.length - 1} OFFSET ?${params.length}`;
    return queryAll<Row>(db, `${sql} ORDER BY ${sorted} ${bounds}`).all(...params);
  };

  return {
    listWorkspaces(query: WorkspaceQuery): AccountPage<Workspace> {
      const { search, sortBy, sortOrder, page: number, limit } = query;
      const filters = [search ?? null];
      const sql = `SELECT ${WORKSPACE_COLUMNS} ${WORKSPACES}`;
      const bounds = [limit, (number - 1) * limit];
      const items = page<Workspace>(sql, [SORTED_BY[sortBy], 'seq'], sortOrder, [...filters, ...bounds]);
      const counted = queryOne<{ total: number }>(db, `SELECT count(*) AS total ${WORKSPACES}`);
      return { items, total: counted.get(...filters)?.total ?? 0 };
    },

    listTokens(workspaceId: string, query: TokenQuery): AccountPage<KnownToken> {
      const { active, now, sortOrder, page: number, limit } = query;
      const filters = [seqs.workspace(workspaceId) ?? 0, active === undefined ? null : Number(active), now];
      const sql = `SELECT ${TOKEN_COLUMNS} ${TOKENS}`;
      const bounds = [limit, (number - 1) * limit];
      const rows = page<TokenRow>(sql, ['t.created_at', 't.seq'], sortOrder, [...filters, ...bounds]);
      const items = rows.map(toKnownToken);
      return { items, total: countTokens.get(...filters)?.total ?? 0 };
    },
  };
}
