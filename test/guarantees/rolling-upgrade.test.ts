import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Migration } from '../../src/store/migration.ts';
import { programOf } from '../../src/store/migration.ts';
import { createPostgresStore } from '../../src/store/postgres/postgres-store.ts';
import { MIGRATIONS, migrate, PROGRAM } from '../../src/store/postgres/migrate.ts';
import { StoreRefused } from '../../src/store/refused.ts';
import { MIGRATIONS as SQLITE_MIGRATIONS, migrate as migrateSqlite } from '../../src/store/sqlite/migrate.ts';
import { StoreUnavailable } from '../../src/store/store.ts';
import { DEATHS_MAX, T0 } from '../conformance/fixtures.ts';
import { drained } from '../support/audit.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import type { TemporaryDatabase } from '../support/temporary-postgres.ts';
import { makeTemporaryDatabase } from '../support/temporary-postgres.ts';
import type { TestApp } from '../support/test-app.ts';
import { startTestApp } from '../support/test-app.ts';
import { createServerFolder } from '../support/server-process.ts';
import { environmentOf } from '../support/test-store.ts';

const EVENT = 'crm.lead.created';
const RELEASED = join(import.meta.dirname, '../support/released');
/** Of the program that these tests run: to the migrations made up here it is the old one. */
const OLD = PROGRAM;

/** What the first release left in an empty database, as text: a release is never changed afterwards. */
const DUMPS = {
  'postgres-0001.sql': `CREATE SCHEMA velahook;
CREATE TABLE velahook.schema_migrations (
  version integer PRIMARY KEY, name text NOT NULL, compatible_from integer NOT NULL, applied_at bigint NOT NULL);
INSERT INTO velahook.schema_migrations VALUES (1, 'first', 1, 0);
${MIGRATIONS[0]?.sql}`,
  'sqlite-0001.sql': `PRAGMA application_id = ${0x56454c41};
CREATE TABLE schema_migrations (
  version INTEGER PRIMARY KEY, name TEXT NOT NULL, compatible_from INTEGER NOT NULL, applied_at INTEGER NOT NULL
) STRICT;
INSERT INTO schema_migrations VALUES (1, 'first', 1, 0);
${SQLITE_MIGRATIONS[0]?.sql}`,
};

function released(name: keyof typeof DUMPS): Promise<string> {
  return readFile(join(RELEASED, name), 'utf8');
}

/** A next version that only adds: a table, and to each there is a column. */
function expansionOf(tables: readonly string[], schema = ''): Migration[] {
  const changes = [
    ['cats', `CREATE TABLE ${schema}cats (name text); CREATE INDEX cats_by_name ON ${schema}cats (name)`],
    ...tables.map((table) => [
      `mood of ${table}`,
      `ALTER TABLE ${schema}${table} ADD COLUMN mood text NOT NULL DEFAULT 'fine'`,
    ]),
  ];
  return changes.map(([name = '', sql = ''], i) => ({
    version: OLD + 1 + i,
    name,
    compatibleFrom: OLD,
    sql,
  }));
}

/** The version after it, for which programs that know nothing of it are too old. */
function contractionOf(expansion: readonly Migration[]): Migration {
  const version = programOf(expansion) + 1;
  return { version, name: 'no more dogs', compatibleFrom: version - 1, sql: 'DROP TABLE IF EXISTS dogs' };
}

for (const [name, dump] of Object.entries(DUMPS)) {
  test(`the first migration is what was released (${name})`, async () => {
    await expect(dump).toMatchFileSnapshot(join(RELEASED, name));
  });
}

describe('nodes of a database that newer ones share', () => {
  let database: TemporaryDatabase;
  let receiver: Receiver;
  let apps: TestApp[];
  let client: Client;
  let tables: string[];

  beforeEach(async () => {
    receiver = await startReceiver();
    apps = [];
    database = await makeTemporaryDatabase();
    await database.query('DROP SCHEMA velahook CASCADE');
    await database.query(await released('postgres-0001.sql'));
    tables = await listTables();
    client = new Client({ connectionString: database.url });
    await client.connect();
  });

  afterEach(async () => {
    await Promise.all(apps.map((app) => app.stop()));
    await client.end();
    await database.remove();
    await receiver.close();
  });

  async function startNode(): Promise<TestApp> {
    const app = await startTestApp({ ca: receiver.ca, environment: environmentOf(database) });
    apps.push(app);
    return app;
  }

  /** Of the released schema. */
  async function listTables(): Promise<string[]> {
    const rows = await database.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class
       WHERE relnamespace = 'velahook'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
       ORDER BY relname`,
    );
    return rows.map(({ name }) => name);
  }

  /** As the start of a newer node does it; answers what that node knows. */
  async function expand(): Promise<Migration[]> {
    const next = [...MIGRATIONS, ...expansionOf(tables, 'velahook.')];
    await migrate(client, T0, next);
    return next;
  }

  test('go on while the schema is expanded under them, and start anew on it', async () => {
    const [one, two] = [await startNode(), await startNode()];
    await one.api.subscribe({ url: receiver.url('/before'), events: [EVENT] });
    const published: string[] = [];
    let isExpanded = false;
    const publishing = Promise.all(
      [one, two].map(async ({ api }) => {
        let after = 0;
        while (after < 20) {
          published.push((await api.publish(EVENT, {})).eventId);
          if (isExpanded) after += 1;
        }
      }),
    );
    await expect.poll(() => published.length).toBeGreaterThan(40);
    await expand().finally(() => (isExpanded = true));
    await publishing;
    await drained(one.api, 20_000);
    expect(idsAt('/before')).toEqual(published.toSorted());

    const restarted = await startNode();
    await restarted.api.subscribe({ url: receiver.url('/after'), events: [EVENT] });
    const { eventId } = await restarted.api.publish(EVENT, {});
    await drained(restarted.api, 20_000);
    expect(idsAt('/after')).toEqual([eventId]);
    expect((await restarted.api.deliveries()).every(({ state }) => state === 'succeeded')).toBe(true);
  });

  test('are not robbed of what they use: it is taken away once none of them is left', async () => {
    const expanded = await expand();
    const next = [...expanded, contractionOf(expanded)];
    const old = await startNode();
    const refused = migrate(client, T0, next);
    await expect(refused).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(refused).rejects.toThrow(/while 1 nodes of an older version run/);
    await old.api.subscribe({ url: receiver.url('/still'), events: [EVENT] });
    await old.stop();
    apps = [];
    expect(await migrate(client, T0, next)).toEqual([programOf(next)]);
    await expect(startNode()).rejects.toThrow(/newer version of Velahook \(migration \d+, no more dogs\)/);
  });

  test('that were frozen meanwhile own nothing when they wake', async () => {
    const store = await createPostgresStore({ url: database.url, leaseMs: 60_000, now: () => T0 });
    const { epoch } = await store.registerNode(T0, DEATHS_MAX);
    await database.query(`UPDATE velahook.nodes SET lease_until = clock_timestamp() - interval '1 second'`);
    const expanded = await expand();
    await migrate(client, T0, [...expanded, contractionOf(expanded)]);
    expect(await store.renewNode(epoch)).toBe(false);
    await expect(store.registerNode(T0, DEATHS_MAX)).rejects.toBeInstanceOf(StoreRefused);
    await store.close();
  });

  test('are not held up by a migration that must wait for somebody else', async () => {
    const node = await startNode();
    const report = new Client({ connectionString: database.url });
    await report.connect();
    await report.query('BEGIN; SELECT count(*) FROM velahook.workspaces');
    await expect(expand()).rejects.toThrow(/lock timeout/);
    expect(await node.api.publish(EVENT, {})).toMatchObject({ duplicate: false });
    await report.query('COMMIT');
    await report.end();
    await expand();
  });

  function idsAt(path: string): string[] {
    const there = receiver.requests.filter((request) => request.path === path);
    return there.map(({ headers }) => String(headers['webhook-id'])).toSorted();
  }
});

describe('a program that is older than its embedded store', () => {
  test('works with it when it was expanded, and refuses it when it was contracted', async () => {
    const receiver = await startReceiver();
    const folder = createServerFolder(receiver.ca);
    const dataDir = folder.environment['VELAHOOK_DATA_DIR'] ?? '';
    const start = (): Promise<TestApp> =>
      startTestApp({ ca: receiver.ca, environment: { VELAHOOK_DATA_DIR: dataDir } });
    mkdirSync(dataDir);
    const db = new DatabaseSync(join(dataDir, 'velahook.db'));
    db.exec(await released('sqlite-0001.sql'));
    const tables = db.prepare(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'sqlite_sequence'`,
    );
    const next = [...SQLITE_MIGRATIONS, ...expansionOf(tables.all().map(({ name }) => String(name)))];
    migrateSqlite(db, T0, next);
    db.close();

    const app = await start();
    await app.api.subscribe({ url: receiver.url('/hook'), events: [EVENT] });
    const { eventId } = await app.api.publish(EVENT, {});
    await receiver.waitFor(1, ({ headers }) => headers['webhook-id'] === eventId);
    await drained(app.api, 20_000);
    await app.stop(true);

    const again = new DatabaseSync(join(dataDir, 'velahook.db'));
    migrateSqlite(again, T0, [...next, contractionOf(next)]);
    again.close();
    await expect(start()).rejects.toThrow(/newer version of Velahook \(migration \d+, no more dogs\)/);
    folder.remove();
    await receiver.close();
  });
});
