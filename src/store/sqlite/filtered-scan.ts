import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { ListRow, Position, ToItem } from '../page.ts';
import { LOOKED_AT_MAX, isOlder, spanOf, toPage } from '../page.ts';
import type { CursorPage, CursorQuery } from '../contract/history.ts';
import type { RowsQuery } from './statement.ts';
import { queryAll, queryOne } from './statement.ts';

/** A condition of a query, or of the index that is followed. */
export interface Condition {
  sql: string;
  params: SQLInputValue[];
}

/** How a list is read: along an index whose rows, for one prefix, lie in the order of the list. */
export interface Scan {
  /** Names the list in its cursors. */
  kind: string;
  /** `events e`, with the index to follow; the alias must have `created_at` and `seq`. */
  table: string;
  alias: string;
  columns: string;
  joins: string;
  /** Conditions on the first columns of the index: they cost nothing. */
  prefix: Condition[];
  /** Conditions that are looked at row by row. */
  filters: Condition[];
  /** SQL, 1 unless given: how much is looked at to filter and to show a row. */
  weight?: string;
}

/** Reads a page of a list at a cost that does not grow with depth, and is bounded whatever the filters. */
export function createFilteredScan(db: DatabaseSync) {
  // One per combination of filters, some dozens at most.
  const statements = new Map<string, RowsQuery<unknown>>();
  const prepare = <Row>(sql: string): RowsQuery<Row> => {
    const known = statements.get(sql) ?? queryAll<unknown>(db, sql);
    statements.set(sql, known);
    return known as RowsQuery<Row>;
  };

  /** Where the scan for one page is cut, or undefined when the span is shorter. */
  const findCut = ({ table, alias, prefix, weight }: Scan, before: Position): Position | undefined => {
    const conditions = [...prefix, olderThan(alias, before)];
    const rows = (columns: string): string =>
      `SELECT ${alias}.created_at AS createdAt, ${alias}.seq${columns} FROM ${table} WHERE ${and(conditions)}
       ORDER BY ${alias}.created_at DESC, ${alias}.seq DESC LIMIT`;
    const sql =
      weight === undefined
        ? `${rows('')} 1 OFFSET ${LOOKED_AT_MAX - 1}`
        : `SELECT createdAt, seq FROM (
             SELECT createdAt, seq, sum(weight) OVER (ROWS UNBOUNDED PRECEDING) AS sum
             FROM (${rows(`, ${weight} AS weight`)} ${LOOKED_AT_MAX}))
           WHERE sum >= ${LOOKED_AT_MAX} LIMIT 1`;
    return prepare<Position>(sql).all(...paramsOf(conditions))[0];
  };

  return <Shown extends object, Item>(
    scan: Scan,
    query: CursorQuery,
    toItem: ToItem<Shown, Item>,
  ): CursorPage<Item> => {
    const { kind, table, alias, columns, joins, prefix, filters, weight = '1' } = scan;
    const { before, from } = spanOf(kind, query);
    const cut = filters.length === 0 ? undefined : findCut(scan, before);
    const isCut = cut !== undefined && isOlder(from, cut);
    const bounds = [olderThan(alias, before), notOlderThan(alias, isCut ? cut : from)];
    const conditions = [...prefix, ...bounds, ...filters];
    const sql = `SELECT ${columns}, ${weight} AS weight, ${alias}.created_at AS createdAt, ${alias}.seq FROM ${table} ${joins}
      WHERE ${and(conditions)} ORDER BY ${alias}.created_at DESC, ${alias}.seq DESC LIMIT ?`;
    const rows = prepare<Shown & ListRow>(sql).all(...paramsOf(conditions), query.limit + 1);
    return toPage(kind, rows, query.limit, isCut ? cut : undefined, toItem);
  };
}

export type FilteredScan = ReturnType<typeof createFilteredScan>;

function olderThan(alias: string, { createdAt, seq }: Position): Condition {
  return { sql: `(${alias}.created_at, ${alias}.seq) < (?, ?)`, params: [createdAt, seq] };
}

function notOlderThan(alias: string, { createdAt, seq }: Position): Condition {
  return { sql: `(${alias}.created_at, ${alias}.seq) >= (?, ?)`, params: [createdAt, seq] };
}

function and(conditions: readonly Condition[]): string {
  return conditions.map(({ sql }) => sql).join(' AND ');
}

function paramsOf(conditions: readonly Condition[]): SQLInputValue[] {
  return conditions.flatMap(({ params }) => params);
}

/** The `seq` of whatever a history call names within a workspace; undefined when the workspace has no such thing. */
export function createSeqFinder(db: DatabaseSync) {
  const find = (sql: string) => queryOne<{ seq: number }>(db, sql);
  const workspace = find('SELECT seq FROM workspaces WHERE id = ?');
  const event = find('SELECT seq FROM events WHERE workspace_seq = ? AND event_id = ?');
  const subscription = find('SELECT seq FROM subscriptions WHERE workspace_seq = ? AND id = ?');
  return {
    workspace: (id: string) => workspace.get(id)?.seq,
    event: (workspaceSeq: number, id: string) => event.get(workspaceSeq, id)?.seq,
    subscription: (workspaceSeq: number, id: string) => subscription.get(workspaceSeq, id)?.seq,
  };
}

export type SeqFinder = ReturnType<typeof createSeqFinder>;
