import { randomBytes } from 'node:crypto';
import process from 'node:process';
import { Client, Pool } from 'pg';
import { inject } from 'vitest';
import type { PostgresStoreOptions } from '../../src/store/postgres/postgres-store.ts';
import { createPostgresStore } from '../../src/store/postgres/postgres-store.ts';
import type { Store } from '../../src/store/store.ts';

/** Longer than any test, so that no node dies unless a test says so. */
const LEASE_MS = 60_000;
/** One per test file: making a database of a migrated one is faster than migrating each. */
const template = `velahook_template_${randomBytes(6).toString('hex')}`;
/**
 * Our own server has nothing but tests to write at a checkpoint, which copying files needs twice: it is done in half the
 * time. A server that others use too is spared that.
 */
const STRATEGY = process.env['VELAHOOK_TEST_POSTGRES'] === undefined ? 'FILE_COPY' : 'WAL_LOG';
let templateMade: Promise<void> | undefined;

export interface TemporaryDatabase {
  url: string;
  /** A query as the superuser, beside the store. */
  query<Row>(text: string, values?: unknown[]): Promise<Row[]>;
  remove(): Promise<void>;
}

export interface TemporaryPostgres {
  store: Store;
  database: TemporaryDatabase;
  /** Ends the lease of every node, as if all had been silent for too long. */
  endLeases(): Promise<void>;
  close(): Promise<void>;
}

/** An empty database with the schema in it. */
export async function makeTemporaryDatabase(): Promise<TemporaryDatabase> {
  await (templateMade ??= makeTemplate());
  const name = `velahook_${randomBytes(8).toString('hex')}`;
  await asSuperuser(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY ${STRATEGY}`);
  const url = new URL(inject('postgresUrl'));
  url.pathname = `/${name}`;
  const pool = new Pool({ connectionString: url.href, max: 2 });
  pool.on('error', () => undefined);
  return {
    url: url.href,
    query: async <Row>(text: string, values?: unknown[]) => (await pool.query(text, values)).rows as Row[],
    async remove() {
      await pool.end();
      await asSuperuser(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

/** A store on a database of its own, which `close` removes. */
export async function openTemporaryPostgres(
  options: Partial<PostgresStoreOptions> = {},
): Promise<TemporaryPostgres> {
  const database = await makeTemporaryDatabase();
  const store = await createPostgresStore({
    url: database.url,
    leaseMs: LEASE_MS,
    now: () => Date.now(),
    ...options,
  });
  return {
    store,
    database,
    async endLeases() {
      await database.query(`UPDATE velahook.nodes SET lease_until = clock_timestamp() - interval '1 second'`);
    },
    async close() {
      await store.close();
      await database.remove();
    },
  };
}

async function makeTemplate(): Promise<void> {
  await asSuperuser(`CREATE DATABASE ${template}`);
  const url = new URL(inject('postgresUrl'));
  url.pathname = `/${template}`;
  // With the days' partitions: making them takes longer than copying them.
  const store = await createPostgresStore({ url: url.href, leaseMs: LEASE_MS, now: () => Date.now() });
  await store.close();
}

async function asSuperuser(sql: string): Promise<void> {
  const client = new Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
