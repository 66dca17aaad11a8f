import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { openWriter } from './database.ts';
import { StoreRefused } from '../refused.ts';
import { isCorrupt } from './sqlite-errors.ts';
import { queryAll } from './statement.ts';

/**
 * A larger file is not read whole at every start, which would take seconds: then only the tables without which
 * nothing can be delivered are checked. Damage elsewhere is found when it is read, and ends the process.
 */
const WHOLE_CHECK_BYTES_MAX = 256 * 1024 * 1024;
const SMALL_TABLES = ['workspaces', 'tokens', 'subscriptions', 'lanes', 'nodes', 'schema_migrations'];

/** Opens the file to write, or refuses a damaged one: what was added to it could not be believed. */
export function openUndamaged(path: string): DatabaseSync {
  try {
    const db = openWriter(path);
    const found = findDamage(db, path);
    if (found === undefined) return db;
    db.close();
    throw refused(path, found);
  } catch (error) {
    if (isCorrupt(error)) throw refused(path, error instanceof Error ? error.message : String(error), error);
    throw error;
  }
}

/** What is wrong with the file of a connection, as far as a start looks; undefined when it is sound. */
export function findDamage(db: DatabaseSync, path: string): string | undefined {
  const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes <= WHOLE_CHECK_BYTES_MAX) return quickCheck(db, 'PRAGMA quick_check(1)');
  const tables = queryAll<{ name: string }>(db, `SELECT name FROM sqlite_schema WHERE type = 'table'`).all();
  const present = new Set(tables.map(({ name }) => name));
  for (const table of SMALL_TABLES) {
    const found = present.has(table) ? quickCheck(db, `PRAGMA quick_check(${table})`) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function quickCheck(db: DatabaseSync, pragma: string): string | undefined {
  const answer = queryAll<{ quick_check: string }>(db, pragma).all()[0]?.quick_check;
  return answer === 'ok' ? undefined : answer;
}

function refused(path: string, found: string, cause?: unknown): StoreRefused {
  return new StoreRefused(
    `${path} is damaged (${found}): restore it from a backup, or move the data directory away to begin anew.`,
    cause === undefined ? undefined : { cause },
  );
}
