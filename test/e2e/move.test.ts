import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPostgresStore } from '../../src/store/postgres/postgres-store.ts';
import type { Store } from '../../src/store/store.ts';
import { drained } from '../support/audit.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import type { ServerFolder } from '../support/server-process.ts';
import {
  createServerFolder,
  runCommand,
  spawnServer,
  startServerProcess,
  stopServerProcess,
} from '../support/server-process.ts';
import type { StoreStory } from '../support/store-story.ts';
import { OTHER_WORKSPACE_ID, readStory, STORY_EVENT, writeStory } from '../support/store-story.ts';
import type { TemporaryDatabase } from '../support/temporary-postgres.ts';
import { makeTemporaryDatabase } from '../support/temporary-postgres.ts';
import { openTemporarySqlite } from '../support/temporary-sqlite.ts';
import { ENCRYPTION_KEY, environmentOf } from '../support/test-store.ts';

let receiver: Receiver;
let database: TemporaryDatabase;
let folder: ServerFolder;
let storePath: string;
let settings: Record<string, string>;
let story: StoreStory;
/** What the embedded store said of it. */
let before: unknown;

beforeEach(async () => {
  receiver = await startReceiver();
  database = await makeTemporaryDatabase();
  folder = createServerFolder(receiver.ca, { VELAHOOK_ENCRYPTION_KEY: ENCRYPTION_KEY });
  settings = { ...folder.environment, ...environmentOf(database) };
  const dataDir = folder.environment['VELAHOOK_DATA_DIR'] ?? '';
  storePath = join(dataDir, 'velahook.db');
  const { store } = await openTemporarySqlite({ dataDir });
  story = await writeStory(store, (path) => receiver.url(path));
  before = await readStory(store, story);
  await store.close();
});

afterEach(async () => {
  await database.remove();
  await receiver.close();
  folder.remove();
});

function move(more: Record<string, string> = {}): Promise<{ code: number | null; output: string }> {
  return runCommand({ ...settings, ...more }, ['move']);
}

async function onPostgres<T>(run: (store: Store) => Promise<T>): Promise<T> {
  const store = await createPostgresStore({ url: database.url, leaseMs: 60_000, now: () => Date.now() });
  try {
    return await run(store);
  } finally {
    await store.close();
  }
}

function readMoved(): Promise<unknown> {
  return onPostgres((store) => readStory(store, story));
}

describe('a store that is moved', () => {
  test('is shown as before, and delivered from: what was finished not again, all else once', async () => {
    const moved = await move();
    expect(moved.output).toMatch(/^Everything is moved\.$/m);
    expect(moved.code).toBe(0);
    expect(await readMoved()).toEqual(before);

    const server = await startServerProcess(settings);
    await receiver.waitFor(7);
    await drained(server.api, 20_000);
    const arrived = receiver.requests.map(
      ({ path, headers }) =>
        `${path} ${String(headers['webhook-id'])} ${String(headers['x-webhook-attempt'])}`,
    );
    const { finished, waiting, retried, foreign, cut } = story;
    expect(arrived.toSorted()).toEqual(
      [
        `/good ${waiting.eventId} 1`,
        `/failing ${finished.eventId} 1`,
        `/late ${retried.eventId} 2`,
        `/foreign ${foreign.eventId} 1`,
        ...['/good', '/failing', '/late'].map((path) => `${path} ${cut.eventId} 1`),
      ].toSorted(),
    );
    for (const { headers } of receiver.requests) expect(headers['webhook-signature']).toMatch(/^v1,/);
    const again = { eventType: STORY_EVENT, data: { n: 1 }, orderingKey: 'a' };
    const answer = await server.api.call('POST', '/events', again, { 'Idempotency-Key': 'a-key' });
    expect(answer.body.data).toMatchObject({ event: { eventId: story.finished.eventId, duplicate: true } });
    await stopServerProcess(server);
  });

  test('has no server on it any more where it was, and is not moved twice', async () => {
    expect((await move()).code).toBe(0);
    const refused = spawnServer(folder.environment);
    expect(await refused.exited).toMatchObject({ code: 1 });
    expect(refused.output()).toMatch(/was moved to a database: set DATABASE_URL/);
    const second = await move();
    expect(second).toMatchObject({ code: 0 });
    expect(second.output).toMatch(/^It was moved before\./m);
    expect(await readMoved()).toEqual(before);
  });
});

describe('a move that does not come to its end', () => {
  test('leaves nothing in the database, and the store as it was', async () => {
    const other = new Client({ connectionString: database.url });
    await other.connect();
    await other.query('BEGIN; LOCK TABLE velahook.attempts IN EXCLUSIVE MODE');
    const killed = spawnServer(settings, ['src/main.ts', 'move']);
    await expect.poll(() => killed.output()).toContain('pending deliveries');
    killed.kill('SIGKILL');
    await killed.exited;
    expect((await move()).output).toMatch(/^The store cannot be moved: .*lock timeout/m);
    await other.query('ROLLBACK');
    await other.end();
    expect(await database.query('SELECT FROM velahook.workspaces')).toEqual([]);
    expect(existsSync(storePath)).toBe(true);

    expect((await move()).code).toBe(0);
    expect(await readMoved()).toEqual(before);
  });

  test('is gone on with after a crash just before its commit', async () => {
    renameSync(storePath, `${storePath}.moved`);
    expect((await move()).output).toMatch(/^Everything is moved\./m);
    expect(await readMoved()).toEqual(before);
  });
});

describe('a move is refused', () => {
  test('with another key', async () => {
    const refused = await move({ VELAHOOK_ENCRYPTION_KEY: 'beef'.repeat(16) });
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.output).toMatch(/VELAHOOK_ENCRYPTION_KEY does not open 5 of 5 signing secrets/);
  });

  test('to a database in use', async () => {
    await onPostgres((store) =>
      store.ensureWorkspace({ id: OTHER_WORKSPACE_ID, name: 'There', createdAt: Date.now() }),
    );
    const refused = await move();
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.output).toMatch(/The database is not empty/);
    expect(existsSync(storePath)).toBe(true);
  });

  test('without a database, and from a server that runs', async () => {
    expect((await runCommand(folder.environment, ['move'])).output).toMatch(/DATABASE_URL is not set/);
    const server = await startServerProcess(folder.environment);
    const refused = await move();
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.output).toMatch(/in use by another process/);
    await stopServerProcess(server);
  });
});
