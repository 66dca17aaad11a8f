import type { DatabaseSync, SQLInputValue } from 'node:sqlite';

/** Prepared; answers rows of one shape: the SQL's column names are the shape's field names. */
export interface RowsQuery<Row> {
  all(...params: SQLInputValue[]): Row[];
}

/** Prepared; answers one row or none. */
export interface RowQuery<Row> {
  get(...params: SQLInputValue[]): Row | undefined;
}

/** Prepared; changes rows and answers how many. */
export interface Command {
  run(...params: SQLInputValue[]): { changes: number | bigint; lastInsertRowid: number | bigint };
}

// The driver cannot know a statement's row, so its type is asserted here, once, beside the SQL that makes it true.

export function queryAll<Row>(db: DatabaseSync, sql: string): RowsQuery<Row> {
  return db.prepare(sql) as unknown as RowsQuery<Row>;
}

export function queryOne<Row>(db: DatabaseSync, sql: string): RowQuery<Row> {
  return db.prepare(sql) as unknown as RowQuery<Row>;
}

export function command(db: DatabaseSync, sql: string): Command {
  return db.prepare(sql);
}
