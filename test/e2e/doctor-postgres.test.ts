import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Report } from '../support/doctor-report.ts';
import { runDoctor } from '../support/doctor-report.ts';
import { freePort } from '../support/free-port.ts';
import type { PostgresServer } from '../support/postgres-server.ts';
import { startPostgresServer } from '../support/postgres-server.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import type { ServerFolder } from '../support/server-process.ts';
import { createServerFolder, startServerProcess, stopServerProcess } from '../support/server-process.ts';
import type { TemporaryDatabase } from '../support/temporary-postgres.ts';
import { makeTemporaryDatabase } from '../support/temporary-postgres.ts';
import { ENCRYPTION_KEY, environmentOf } from '../support/test-store.ts';

const EVENT = 'crm.lead.created';

let receiver: Receiver;
let folder: ServerFolder;

beforeEach(async () => {
  receiver = await startReceiver();
  folder = createServerFolder(receiver.ca, { PORT: String(await freePort()) });
});

afterEach(async () => {
  await receiver.close();
  folder.remove();
});

function examine(more: Record<string, string> = {}): Promise<Report> {
  return runDoctor({ ...folder.environment, ...more });
}

describe('a database', () => {
  let database: TemporaryDatabase;

  beforeEach(async () => {
    database = await makeTemporaryDatabase();
  });

  afterEach(() => database.remove());

  test('whose settings are at fault is told of, and what is in it is left as it is', async () => {
    const server = await startServerProcess({ ...folder.environment, ...environmentOf(database) });
    await server.api.subscribe({ url: receiver.url('/hook'), events: [EVENT] });
    const report = await examine(environmentOf(database));
    // The server that tests share is fast and forgetful.
    expect(report).toMatchObject({ code: 1, bad: ['durability'] });
    expect(report.of('durability')[0]).toMatch(/^bad fsync, full_page_writes, synchronous_commit are off/);
    expect(report.of('writes')).toEqual([expect.stringMatching(/^(ok|warn) A row was committed in/)]);
    expect(report.of('key')).toEqual(['ok It opens all 1 signing secrets.']);
    expect(report.of('clock')).toEqual([expect.stringMatching(/^ok /)]);
    expect(report.of('nodes')).toEqual(['ok 1 node is live.']);
    expect(report.of('https')).toEqual([expect.stringMatching(/^ok .* is reached/)]);
    await stopServerProcess(server);
    expect(await database.query('SELECT FROM velahook.lane_wakes')).toEqual([]);
  });

  test('that takes no writes, lacks the schema or is not there is told of', async () => {
    const { pathname } = new URL(database.url);
    await database.query(`ALTER DATABASE ${pathname.slice(1)} SET default_transaction_read_only = on`);
    expect((await examine(environmentOf(database))).bad).toContain('writes');
    await database.query(`ALTER DATABASE ${pathname.slice(1)} RESET default_transaction_read_only`);
    await database.query('DROP SCHEMA velahook CASCADE');
    expect((await examine(environmentOf(database))).of('schema')).toEqual([
      expect.stringMatching(/^warn There is none yet\. → .*velahook migrate/),
    ]);
    const url = `postgres://postgres@127.0.0.1:${await freePort()}/gone`;
    const gone = await examine({ ...environmentOf(database), DATABASE_URL: url });
    expect(gone).toMatchObject({ code: 1, bad: ['store'] });
    expect(gone.of('store')[0]).toMatch(/ECONNREFUSED/);
  });
});

describe('a database that is set up well', () => {
  let postgres: PostgresServer;

  beforeEach(async () => {
    postgres = await startPostgresServer();
  });

  afterEach(() => postgres.remove());

  test('as our guide says has nothing bad about it, and a server runs on it', async () => {
    const guide = await readFile(join(import.meta.dirname, '../../docs/operating/postgresql.md'), 'utf8');
    const admin = new Client({ connectionString: postgres.url });
    await admin.connect();
    const statements = /```sql\n(.*?)```/s.exec(guide)?.[1]?.split(';') ?? [];
    for (const sql of statements) await admin.query(sql);
    await admin.end();
    const url = new URL(postgres.urlOf('velahook'));
    url.username = 'velahook';
    const settings = { DATABASE_URL: url.href, VELAHOOK_ENCRYPTION_KEY: ENCRYPTION_KEY };
    const server = await startServerProcess({ ...folder.environment, ...settings });
    await server.api.subscribe({ url: receiver.url('/hook'), events: [EVENT] });
    await server.api.publish(EVENT, {});
    await receiver.waitFor(1);
    const report = await examine(settings);
    expect(report).toMatchObject({ code: 0, bad: [] });
    expect(report.of('durability')).toEqual(['ok A commit is on disk when it is answered.']);
    expect(report.of('connections')).toEqual([expect.stringMatching(/^ok \d+ of 197 connections are left/)]);
    await stopServerProcess(server);
  });
});
