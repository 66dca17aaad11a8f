import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Migration } from '../../src/store/migration.ts';
import { MIGRATIONS, migrate } from '../../src/store/postgres/migrate.ts';
import { StoreRefused } from '../../src/store/refused.ts';
import { MIGRATIONS as SQLITE_MIGRATIONS } from '../../src/store/sqlite/migrate.ts';
import { T0 } from '../conformance/fixtures.ts';
import { runCommand } from '../support/server-process.ts';
import type { TemporaryDatabase } from '../support/temporary-postgres.ts';
import { makeTemporaryDatabase } from '../support/temporary-postgres.ts';

const ALL = MIGRATIONS.map(({ version }) => version);
const NEXT = MIGRATIONS.length + 1;
/** Made before the rule was kept: there is to be no other. */
const OF_SEVERAL_TABLES = [2, 4, 7, 8, 12];

let database: TemporaryDatabase;
let clients: Client[] = [];

beforeEach(async () => {
  database = await makeTemporaryDatabase();
  await database.query('DROP SCHEMA velahook CASCADE');
});
afterEach(async () => {
  await Promise.allSettled(clients.map((client) => client.end()));
  clients = [];
  await database.remove();
});

async function connect(): Promise<Client> {
  const client = new Client({ connectionString: database.url });
  client.on('error', () => undefined);
  await client.connect();
  clients.push(client);
  return client;
}

/** One more than there are; its SQL may be anything. */
function more(sql: string): Migration[] {
  return [...MIGRATIONS, { version: NEXT, name: 'cats', sql }];
}

function tablesIn(sql: string, form: RegExp): Set<string> {
  return new Set([...sql.matchAll(form)].map(([, table = '']) => table));
}

async function versions(): Promise<number[]> {
  const rows = await database.query<{ version: number }>(
    'SELECT version FROM velahook.schema_migrations ORDER BY version',
  );
  return rows.map(({ version }) => version);
}

/** Resolves with the process of the connection that sleeps. */
async function sleeper(): Promise<number> {
  const find = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`;
  await expect.poll(() => database.query(find)).toHaveLength(1);
  return (await database.query<{ pid: number }>(find))[0]?.pid ?? 0;
}

describe('migrations of a database', () => {
  test('have the numbers and names of those of the embedded store', () => {
    const named = (migrations: readonly { version: number; name: string }[]) =>
      migrations.map(({ version, name }) => [version, name]);
    expect(named(MIGRATIONS)).toEqual(named(SQLITE_MIGRATIONS));
    expect(ALL).toEqual(MIGRATIONS.map((_, i) => i + 1));
  });

  test('change one table each of those that were there, but for the first few', () => {
    const changed = MIGRATIONS.map(({ version, sql }) => {
      const made = tablesIn(sql, /CREATE TABLE (\S+)/g);
      const touched = tablesIn(
        sql,
        /(?:ALTER TABLE|CREATE (?:UNIQUE )?INDEX(?: \w+)?\s+ON|TRIGGER [^;]*? ON) (\S+)/g,
      );
      return { version, tables: [...touched].filter((table) => !made.has(table)) };
    });
    const several = changed.filter(({ tables }) => tables.length > 1).map(({ version }) => version);
    expect(several).toEqual(OF_SEVERAL_TABLES);
    expect(changed.at(0)?.tables).toEqual([]);
    expect(changed.filter(({ tables }) => tables.length === 1).length).toBeGreaterThan(4);
  });

  test('are applied once each by five nodes that start at once', async () => {
    const five = await Promise.all(Array.from({ length: 5 }, connect));
    const applied = await Promise.all(
      five.map((client) => migrate(client, T0, more('CREATE TABLE velahook.cats ()'))),
    );
    expect(applied.toSorted((a, b) => a.length - b.length)).toEqual([[], [], [], [], [...ALL, NEXT]]);
    expect(await versions()).toEqual([...ALL, NEXT]);
    expect(await migrate(await connect(), T0, more(''))).toEqual([]);
  });

  test('are whole or were never there, and the next one finishes what a killed one began', async () => {
    const killed = migrate(await connect(), T0, more('CREATE TABLE velahook.cats (); SELECT pg_sleep(60)'));
    const ended = killed.then(() => 'migrated', String);
    const pid = await sleeper();
    const waiting = migrate(await connect(), T0, more('CREATE TABLE velahook.cats ()'));
    await database.query('SELECT pg_terminate_backend($1)', [pid]);
    expect(await ended).toMatch(/terminating connection|Connection terminated/);
    expect(await waiting).toEqual([NEXT]);
    expect(await versions()).toEqual([...ALL, NEXT]);
  });

  test('that are killed alone leave what was before them', async () => {
    const killed = migrate(await connect(), T0, more('SELECT pg_sleep(60)'));
    const ended = killed.then(() => 'migrated', String);
    await database.query('SELECT pg_terminate_backend($1)', [await sleeper()]);
    expect(await ended).toMatch(/terminating connection|Connection terminated/);
    expect(await versions()).toEqual(ALL);
  });

  test('that fail leave what was there as it was', async () => {
    await migrate(await connect(), T0);
    const failing = migrate(await connect(), T0, more('CREATE TABLE velahook.cats (); SELECT 1 / 0'));
    await expect(failing).rejects.toThrow('division by zero');
    expect(await versions()).toEqual(ALL);
    expect(await database.query(`SELECT FROM pg_class WHERE relname = 'cats'`)).toEqual([]);
  });

  test('of a newer version are refused, and left alone', async () => {
    await migrate(await connect(), T0, more(''));
    const older = migrate(await connect(), T0);
    await expect(older).rejects.toBeInstanceOf(StoreRefused);
    await expect(older).rejects.toThrow(`newer version of Velahook (migration ${NEXT}, cats)`);
    expect(await versions()).toEqual([...ALL, NEXT]);
  });

  test('of another name under a known number are refused', async () => {
    await migrate(await connect(), T0);
    await database.query(`UPDATE velahook.schema_migrations SET name = 'other' WHERE version = 1`);
    await expect(migrate(await connect(), T0)).rejects.toThrow('(migration 1, other)');
  });
});

describe('the command migrate', () => {
  const said = ALL.map((version) => `migration ${version}, ${MIGRATIONS[version - 1]?.name}, was applied`);

  test('migrates the database that the settings name, and says what it applied', async () => {
    const settings = { DATABASE_URL: database.url, VELAHOOK_ENCRYPTION_KEY: 'f00d'.repeat(16) };
    const first = await runCommand(settings, ['migrate']);
    expect(first).toMatchObject({ code: 0 });
    for (const line of said) expect(first.output).toContain(`The database: ${line}.`);
    expect(await versions()).toEqual(ALL);
    const second = await runCommand(settings, ['migrate']);
    expect(second).toMatchObject({ code: 0 });
    expect(second.output).toContain('The database is up to date');
    await database.query(`INSERT INTO velahook.schema_migrations VALUES (${NEXT}, 'later', ${NEXT}, 0)`);
    const refused = await runCommand(settings, ['migrate']);
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.output).toMatch(/^The store cannot be migrated: .*newer version of Velahook/m);
  });

  test('migrates the embedded store where no database is named', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'velahook-migrate-'));
    try {
      const first = await runCommand({ VELAHOOK_DATA_DIR: dataDir }, ['migrate']);
      expect(first).toMatchObject({ code: 0 });
      for (const line of said) expect(first.output).toContain(`The store in ${dataDir}: ${line}.`);
      const second = await runCommand({ VELAHOOK_DATA_DIR: dataDir }, ['migrate']);
      expect(second.output).toContain('is up to date');
    } finally {
      rmSync(dataDir, { recursive: true });
    }
  });
});
