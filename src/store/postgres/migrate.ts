import type pg from 'pg';
import type { AppliedMigration, Migration } from '../migration.ts';
import { appliedOf, missingOf, programOf } from '../migration.ts';
import { StoreRefused } from '../refused.ts';
import { StoreUnavailable } from '../store.ts';
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
import { asStoreError } from './postgres-errors.ts';

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

/** How new this program is: the newest migration it knows. */
export const PROGRAM = programOf(MIGRATIONS);

/** Any number that no other application is likely to use with the same database ("VELAHOOK" in part). */
export const MIGRATION_LOCK = 0x56_45_4c_41;
const MAKE_SCHEMA = `
CREATE SCHEMA IF NOT EXISTS velahook;
CREATE TABLE IF NOT EXISTS velahook.schema_migrations (
  version integer PRIMARY KEY, name text NOT NULL, compatible_from integer NOT NULL, applied_at bigint NOT NULL)`;
/** PostgreSQL 15. */
const VERSION_MIN = 150_000;
/**
 * A migration that waits for a table's lock makes everybody wait who comes after it, intake too: better to give up,
 * and try again a second later, than to stand behind somebody's long report.
 */
const LOCK_MS_MAX = 1_000;

/**
 * Brings the schema `velahook` up to date while older nodes go on; answers the versions applied. Of nodes that start at
 * once one does it, and the others wait. Each migration is a transaction: one that was interrupted was never there, and
 * one that changes one busy table waits for nobody who waits for it.
 *
 * Rejects with `StoreRefused` when the server is too old or a newer version of Velahook has contracted the schema; with
 * `StoreUnavailable` when it cannot be done now, also because a node still runs that could not work with it any more.
 */
export async function migrate(
  client: pg.ClientBase,
  now: number,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<number[]> {
  await refuseOldServer(client);
  try {
    // Another node may be migrating a large history: that is worth waiting for.
    await client.query('SET lock_timeout = 0');
    await client.query('SET statement_timeout = 0');
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await client.query(`SET lock_timeout = ${LOCK_MS_MAX}`);
    const applied = await readApplied(client);
    const missing = missingOf(applied ?? [], migrations);
    if (applied !== undefined) await spareOlderNodes(client, missing);
    for (const migration of missing) await apply(client, migration, now);
    return missing.map(({ version }) => version);
  } catch (error) {
    throw asStoreError(error);
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
  }
}

async function apply(client: pg.ClientBase, migration: Migration, now: number): Promise<void> {
  const { version, name, compatibleFrom } = appliedOf(migration);
  await client.query('BEGIN');
  try {
    await client.query(MAKE_SCHEMA);
    await client.query(migration.sql);
    await client.query(
      `INSERT INTO velahook.schema_migrations (version, name, compatible_from, applied_at) VALUES ($1, $2, $3, $4)`,
      [version, name, compatibleFrom, now],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/**
 * What an older node uses is not taken away under it. No node can register meanwhile: whoever does holds the
 * migrations' lock shared, and looks at what was applied.
 */
async function spareOlderNodes(client: pg.ClientBase, missing: readonly Migration[]): Promise<void> {
  const compatibleFrom = Math.max(0, ...missing.map((migration) => appliedOf(migration).compatibleFrom));
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM velahook.nodes
     WHERE NOT retired AND lease_until > clock_timestamp() AND program < $1`,
    [compatibleFrom],
  );
  const count = rows[0]?.count ?? 0;
  if (count === 0) return;
  throw new StoreUnavailable(
    `The schema cannot be migrated while ${count} nodes of an older version run that could not work with it: stop them. One that was killed counts until its lease has ended.`,
  );
}

async function refuseOldServer(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ server_version_num: string; server_version: string }>(
    `SELECT current_setting('server_version_num') AS server_version_num,
            current_setting('server_version') AS server_version`,
  );
  if (Number(rows[0]?.server_version_num) >= VERSION_MIN) return;
  throw new StoreRefused(
    `PostgreSQL ${rows[0]?.server_version} is too old: Velahook needs version 15 or newer.`,
  );
}

/** What the database has had applied; undefined where there is no schema of ours. */
async function readApplied(client: pg.ClientBase): Promise<AppliedMigration[] | undefined> {
  const { rows: known } = await client.query(`SELECT to_regclass('velahook.schema_migrations') AS found`);
  if (known[0]?.found === null) return undefined;
  const { rows } = await client.query<AppliedMigration>(
    'SELECT version, name, compatible_from AS "compatibleFrom" FROM velahook.schema_migrations ORDER BY version',
  );
  return rows;
}
