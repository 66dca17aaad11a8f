import type { DatabaseSync } from 'node:sqlite';
import { first } from './migrations/0001-first.ts';
import { StoreRefused } from './refused.ts';
import { queryAll, queryOne } from './statement.ts';

export interface Migration {
  /** 1, 2, 3, … without gaps; the same number and name in every store. */
  version: number;
  name: string;
  sql: string;
}

/** Forward only, each written once and never changed. */
export const MIGRATIONS: readonly Migration[] = [first];

/** Stored in the file's header ("VELA"), so that another application's database is refused, not altered. */
const APPLICATION_ID = 0x56454c41;

/**
 * Brings the schema up to date; answers the versions applied. Each migration is one transaction with its row in
 * `schema_migrations`, so that one interrupted by a crash was never there and runs again.
 */
export function migrate(
  db: DatabaseSync,
  now: number,
  migrations: readonly Migration[] = MIGRATIONS,
): number[] {
  const applied = readApplied(db);
  refuseUnknown(applied, migrations);
  const missing = migrations.filter((migration) => !applied.has(migration.version));
  for (const migration of missing) apply(db, migration, now);
  return missing.map((migration) => migration.version);
}

function readApplied(db: DatabaseSync): Map<number, string> {
  const tables = queryAll<{ name: string }>(db, `SELECT name FROM sqlite_schema WHERE type = 'table'`).all();
  const id = queryOne<{ application_id: number }>(db, 'PRAGMA application_id').get()?.application_id;
  if (tables.length === 0) return new Map();
  if (id !== APPLICATION_ID) throw new StoreRefused('The file is a database of another application.');
  const applied = queryAll<{ version: number; name: string }>(
    db,
    'SELECT version, name FROM schema_migrations',
  ).all();
  return new Map(applied.map(({ version, name }) => [version, name]));
}

function refuseUnknown(applied: Map<number, string>, migrations: readonly Migration[]): void {
  const known = new Map(migrations.map(({ version, name }) => [version, name]));
  for (const [version, name] of applied) {
    if (known.get(version) === name) continue;
    throw new StoreRefused(
      `The store was written by a newer version of Velahook (migration ${version}, ${name}): start that version.`,
    );
  }
}

function apply(db: DatabaseSync, migration: Migration, now: number): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    db.exec(`
      CREATE TABLE IF NOT EXISTS schema_migrations (
        version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL
      ) STRICT;
      PRAGMA application_id = ${APPLICATION_ID};
    `);
    db.exec(migration.sql);
    db.prepare('INSERT INTO schema_migrations VALUES (?, ?, ?)').run(migration.version, migration.name, now);
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
