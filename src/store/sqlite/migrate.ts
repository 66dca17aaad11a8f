import type { DatabaseSync } from 'node:sqlite';
import type { AppliedMigration, Migration } from '../migration.ts';
import { appliedOf, missingOf } from '../migration.ts';
import { StoreRefused } from '../refused.ts';
import { first } from './migrations/0001-first.ts';
import { order } from './migrations/0002-order.ts';
import { workspaceSettings } from './migrations/0003-workspace-settings.ts';
import { accounts } from './migrations/0004-accounts.ts';
import { streams } from './migrations/0005-streams.ts';
import { catalogue } from './migrations/0006-catalogue.ts';
import { madeAtVersion } from './migrations/0007-made-at-version.ts';
import { subscriptionOptions } from './migrations/0008-subscription-options.ts';
import { replays } from './migrations/0009-replays.ts';
import { statistics } from './migrations/0010-statistics.ts';
import { backlogAlerts } from './migrations/0011-backlog-alerts.ts';
import { erasures } from './migrations/0012-erasures.ts';
import { attemptDetails } from './migrations/0013-attempt-details.ts';
import { workspaceStatistics } from './migrations/0014-workspace-statistics.ts';
import { portal } from './migrations/0015-portal.ts';
import { auditVia } from './migrations/0016-audit-via.ts';
import { missingSince } from './migrations/0017-missing-since.ts';
import { queryAll, queryOne } from './statement.ts';

/** Forward only, each written once and never changed. */
export const MIGRATIONS: readonly Migration[] = [
  first,
  order,
  workspaceSettings,
  accounts,
  streams,
  catalogue,
  madeAtVersion,
  subscriptionOptions,
  replays,
  statistics,
  backlogAlerts,
  erasures,
  attemptDetails,
  workspaceStatistics,
  portal,
  auditVia,
  missingSince,
];

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
  const missing = missingOf(readApplied(db), migrations);
  for (const migration of missing) apply(db, migration, now);
  return missing.map((migration) => migration.version);
}

/** What the file has had applied; nothing when it is new. Throws {@link StoreRefused} when it is not ours. */
export function readApplied(db: DatabaseSync): AppliedMigration[] {
  const tables = queryAll<{ name: string }>(db, `SELECT name FROM sqlite_schema WHERE type = 'table'`).all();
  const id = queryOne<{ application_id: number }>(db, 'PRAGMA application_id').get()?.application_id;
  if (tables.length === 0) return [];
  if (id !== APPLICATION_ID) throw new StoreRefused('The file is a database of another application.');
  return queryAll<AppliedMigration>(
    db,
    'SELECT version, name, compatible_from AS compatibleFrom FROM schema_migrations ORDER BY version',
  ).all();
}

function apply(db: DatabaseSync, migration: Migration, now: number): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    db.exec(`
      CREATE TABLE IF NOT EXISTS schema_migrations (
        version INTEGER PRIMARY KEY, name TEXT NOT NULL, compatible_from INTEGER NOT NULL,
        applied_at INTEGER NOT NULL
      ) STRICT;
      PRAGMA application_id = ${APPLICATION_ID};
    `);
    db.exec(migration.sql);
    const { version, name, compatibleFrom } = appliedOf(migration);
    db.prepare(
      'INSERT INTO schema_migrations (version, name, compatible_from, applied_at) VALUES (?, ?, ?, ?)',
    ).run(version, name, compatibleFrom, now);
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
