import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MIGRATIONS, migrate } from '../../src/store/sqlite/migrate.ts';
import { StoreRefused } from '../../src/store/refused.ts';
import { T0, anEvent, makeWorkspace } from '../conformance/fixtures.ts';
import { STORE_FILE } from '../support/sqlite-connection.ts';
import { openTemporarySqlite } from '../support/temporary-sqlite.ts';

let dataDir: string;
let path: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'velahook-start-'));
  path = join(dataDir, STORE_FILE);
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

/** A store with some events in it, closed again. */
async function makeStore(events = 10): Promise<string> {
  const { store } = await openTemporarySqlite({ dataDir });
  const workspaceId = await makeWorkspace(store);
  const data = JSON.stringify({ text: 'x'.repeat(3_000) });
  const made = Array.from({ length: events }, () => anEvent(workspaceId, [], { data }));
  await store.commitEvents(1, made, true, T0);
  await store.close();
  return workspaceId;
}

async function expectRefusal(message: string | RegExp): Promise<void> {
  const opening = openTemporarySqlite({ dataDir });
  await expect(opening).rejects.toBeInstanceOf(StoreRefused);
  await expect(opening).rejects.toThrow(message);
}

describe('a store that is opened', () => {
  test('is as it was closed, without a log beside it', async () => {
    const workspaceId = await makeStore();
    await expect(stat(`${path}-wal`)).rejects.toThrow('ENOENT');
    const { store } = await openTemporarySqlite({ dataDir });
    expect((await store.listEvents(workspaceId, { limit: 100 })).items).toHaveLength(10);
    await store.close();
  });

  test('is one at a time', async () => {
    const { store } = await openTemporarySqlite({ dataDir });
    await expectRefusal('in use by another process');
    await store.close();
    const again = await openTemporarySqlite({ dataDir });
    await again.store.close();
  });

  test('makes its directory, for its owner only', async () => {
    const inner = join(dataDir, 'a', 'b');
    const { store } = await openTemporarySqlite({ dataDir: inner });
    expect((await stat(inner)).mode & 0o777).toBe(0o700);
    await store.close();
  });

  test('has files for its owner only, also in a directory that is open to others', async () => {
    await chmod(dataDir, 0o755);
    const modes = async () => {
      const names = await readdir(dataDir);
      expect(names).toEqual(expect.arrayContaining([STORE_FILE, `${STORE_FILE}-wal`]));
      const each = names.map(async (name) => [name, (await stat(join(dataDir, name))).mode & 0o777] as const);
      return (await Promise.all(each)).filter(([, mode]) => mode !== 0o600);
    };
    const { store } = await openTemporarySqlite({ dataDir });
    await makeWorkspace(store);
    expect(await modes()).toEqual([]);
    await store.close();
    for (const name of await readdir(dataDir)) await chmod(join(dataDir, name), 0o644);
    const again = await openTemporarySqlite({ dataDir });
    await makeWorkspace(again.store);
    expect(await modes()).toEqual([]);
    await again.store.close();
  });

  test('stays locked when its directory is opened a second time', async () => {
    const { store } = await openTemporarySqlite({ dataDir });
    await expectRefusal('in use by another process');
    const other = `new (require('node:sqlite').DatabaseSync)(process.argv[1], { timeout: 0 }).exec('BEGIN EXCLUSIVE')`;
    const child = spawn(process.execPath, ['-e', other, join(dataDir, 'velahook.lock')], { stdio: 'ignore' });
    const [code] = await once(child, 'close');
    expect(code).toBe(1);
    await store.close();
  });

  test('is refused when its file is gone or empty: no new one is made in its place', async () => {
    await makeStore();
    await truncate(path, 0);
    await expectRefusal('missing or empty');
    await unlink(path);
    await expectRefusal('missing or empty');
    await expect(stat(path)).rejects.toThrow('ENOENT');
  });

  test('is refused when its file is no database, and left as it is', async () => {
    await writeFile(path, 'Not a database. '.repeat(1_000));
    const before = await readFile(path);
    await expectRefusal('is damaged');
    expect(Buffer.compare(await readFile(path), before)).toBe(0);
  });

  test('is refused when a page of its file is damaged', async () => {
    await makeStore(200);
    const { size } = await stat(path);
    const file = await open(path, 'r+');
    await file.write(Buffer.alloc(16_384, 0xaa), 0, 16_384, Math.floor(size / 8192) * 4096);
    await file.close();
    await expectRefusal('is damaged');
  });

  test('is refused when a newer version wrote it', async () => {
    await makeStore();
    const db = new DatabaseSync(path);
    const later = MIGRATIONS.length + 1;
    db.exec(`INSERT INTO schema_migrations VALUES (${later}, 'later', ${later}, 0)`);
    db.close();
    await expectRefusal(/newer version of Velahook \(migration \d+, later\)/);
  });

  test("is refused when it is another application's", async () => {
    const db = new DatabaseSync(path);
    db.exec('CREATE TABLE cats (name TEXT)');
    db.close();
    await expectRefusal('another application');
  });
});

describe('migrations', () => {
  const second = {
    version: MIGRATIONS.length + 1,
    name: 'cats',
    sql: 'CREATE TABLE cats (name TEXT); INSERT INTO cats VALUES (end_here());',
  };

  function versions(db: DatabaseSync): unknown[] {
    return db
      .prepare('SELECT version FROM schema_migrations ORDER BY version')
      .all()
      .map((row) => row['version']);
  }

  test('are numbered without gaps, and applied once', () => {
    expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, index) => index + 1));
    const db = new DatabaseSync(path);
    expect(migrate(db, T0)).toEqual(MIGRATIONS.map(({ version }) => version));
    expect(migrate(db, T0)).toEqual([]);
    db.close();
  });

  test('that fail leave nothing behind, and those before them stand', () => {
    const db = new DatabaseSync(path);
    expect(() => migrate(db, T0, [...MIGRATIONS, second])).toThrow('no such function: end_here');
    expect(versions(db)).toEqual(MIGRATIONS.map(({ version }) => version));
    expect(db.prepare(`SELECT name FROM sqlite_schema WHERE name = 'cats'`).all()).toEqual([]);
    db.close();
  });

  test('that are interrupted by a kill run again at the next start, whole', async () => {
    const child = fileURLToPath(new URL('../support/migration-child.ts', import.meta.url));
    for (let kill = 0; kill < 3; kill++) {
      const [, signal] = await once(spawn(process.execPath, [child, path, second.sql]), 'close');
      expect(signal).toBe('SIGKILL');
    }
    const db = new DatabaseSync(path);
    expect(versions(db)).toEqual(MIGRATIONS.map(({ version }) => version));
    db.function('end_here', () => 'Tom');
    expect(migrate(db, T0, [...MIGRATIONS, second])).toEqual([second.version]);
    expect(db.prepare('SELECT name FROM cats').all()).toMatchObject([{ name: 'Tom' }]);
    db.close();
  });
});
