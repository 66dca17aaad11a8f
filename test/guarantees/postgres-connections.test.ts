import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Database, unprepared } from '../../src/store/postgres/database.ts';
import { createPostgresStore } from '../../src/store/postgres/postgres-store.ts';
import { StoreRefused } from '../../src/store/refused.ts';
import { T0 } from '../conformance/fixtures.ts';
import type { PostgresServer } from '../support/postgres-server.ts';
import { startPostgresServer } from '../support/postgres-server.ts';
import { openTemporaryPostgres } from '../support/temporary-postgres.ts';

/** More than there are connections for lists. */
const LISTS = 12;
/** What PgBouncer takes of a connection's options; any other ends it. */
const POOLER_TAKES = new Set([
  'user',
  'database',
  'application_name',
  'client_encoding',
  'DateStyle',
  'TimeZone',
  'standard_conforming_strings',
]);

interface Pooler {
  url: string;
  /** Names of options for which connections were refused. */
  refused: string[];
  close(): Promise<void>;
}

/** Between clients and the server, as PgBouncer in session mode is. */
async function startPooler(serverUrl: string): Promise<Pooler> {
  const target = new URL(serverUrl);
  const refused: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client);
    client.on('error', () => undefined);
    client.once('data', (first: Buffer) => {
      const foreign = optionsOf(first).filter((name) => !POOLER_TAKES.has(name));
      if (foreign.length > 0) {
        refused.push(...foreign);
        client.end(errorMessage('08P01', `unsupported startup parameter: ${foreign[0]}`));
        return;
      }
      const upstream = connect(Number(target.port), target.hostname);
      sockets.add(upstream);
      upstream.on('error', () => client.destroy());
      upstream.write(first);
      client.pipe(upstream).pipe(client);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(serverUrl);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    refused,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The names in a startup message: length, version, then names and values, each ended by a zero. */
function optionsOf(message: Buffer): string[] {
  const words = message.subarray(8).toString().split('\0');
  return words.filter((word, i) => i % 2 === 0 && word !== '');
}

function errorMessage(code: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0C${code}\0M${message}\0\0`);
  const head = Buffer.alloc(5, 'E');
  head.writeUInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

describe('a connection', () => {
  test('asks nothing of a pooler that it would refuse, and has its limits all the same', async () => {
    const { database, close } = await openTemporaryPostgres();
    const pooler = await startPooler(database.url);
    const through = new Database(pooler.url, 'through a pooler');
    try {
      const behind = await createPostgresStore({ url: pooler.url, leaseMs: 60_000, now: () => T0 });
      const { epoch } = await behind.registerNode(T0, 3);
      expect(await behind.renewNode(epoch)).toBe(true);
      await behind.close();
      expect(pooler.refused).toEqual([]);
      const shown = async (name: string): Promise<unknown> => {
        const [row] = await through.rows<Record<string, unknown>>(unprepared(`SHOW ${name}`));
        return row?.[name];
      };
      expect(await shown('enable_seqscan')).toBe('off');
      expect(await shown('statement_timeout')).toBe('8s');
      expect(await shown('lock_timeout')).toBe('3s');
      expect(await shown('idle_in_transaction_session_timeout')).toBe('10s');
      const own = await through.connect();
      expect((await own.query('SHOW enable_seqscan')).rows).toEqual([{ enable_seqscan: 'off' }]);
      await own.end();
    } finally {
      await through.close();
      await pooler.close();
      await close();
    }
  });

  test('for renewals is kept apart: lists that take long delay none', async () => {
    const { store, database, close } = await openTemporaryPostgres();
    const operator = new Client({ connectionString: database.url });
    await operator.connect();
    try {
      const { epoch } = await store.registerNode(T0, 3);
      await operator.query('BEGIN; LOCK TABLE velahook.events');
      let answered = 0;
      const lists = Array.from({ length: LISTS }, () =>
        store.listEvents('w', { limit: 10 }).finally(() => (answered += 1)),
      );
      expect(await store.renewNode(epoch)).toBe(true);
      expect(answered).toBe(0);
      await operator.query('COMMIT');
      await Promise.all(lists);
    } finally {
      await operator.end();
      await close();
    }
  });
});

describe('a first connection that the server refuses', () => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await startPostgresServer({ settings: { fsync: 'off' } });
    const operator = new Client({ connectionString: server.url });
    await operator.connect();
    await operator.query(`CREATE ROLE velahook LOGIN PASSWORD 'right'`);
    await operator.query('CREATE DATABASE velahook OWNER velahook');
    writeFileSync(
      join(server.folder, 'data/pg_hba.conf'),
      'host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n',
    );
    await operator.end();
    await server.stop('SIGINT');
    await server.start();
  });
  afterAll(() => server.remove());

  async function open(user: string, password: string | undefined, name = 'velahook'): Promise<void> {
    const url = new URL(server.urlOf(name));
    url.username = user;
    url.password = password ?? '';
    await (await createPostgresStore({ url: url.href, leaseMs: 60_000, now: () => T0 })).close();
  }

  test.for([
    ['velahook', 'hush-hush', 'velahook', /refuses the user or the password of DATABASE_URL/],
    ['nobody', 'right', 'velahook', /refuses the user or the password of DATABASE_URL/],
    ['velahook', undefined, 'velahook', /has none: add it/],
    ['velahook', 'right', 'nowhere', /does not exist: create it/],
  ] as const)(
    '(%s, %s, %s) is not waited for, and the reason is said',
    async ([user, password, name, said]) => {
      const opening = open(user, password, name);
      await expect(opening).rejects.toThrow(StoreRefused);
      await expect(opening).rejects.toThrow(said);
      await expect(opening).rejects.not.toThrow(/hush-hush/);
    },
  );

  test('is made by whoever it was meant for', async () => {
    await expect(open('velahook', 'right')).resolves.toBeUndefined();
  });
});
