import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import type { TemporaryDatabase } from './temporary-postgres.ts';
import { makeTemporaryDatabase } from './temporary-postgres.ts';
import type { ServerFolder } from './server-process.ts';
import { createServerFolder } from './server-process.ts';

/** The suites of the whole application run on the embedded store, or with `VELAHOOK_TEST_STORE=postgres` on PostgreSQL. */
export const IS_ON_POSTGRES = process.env['VELAHOOK_TEST_STORE'] === 'postgres';

/** What nodes that share a database share besides. */
export const ENCRYPTION_KEY = 'c0de'.repeat(16);

/** An empty store for the application, of whichever kind the suites run on. */
export interface TestStore {
  /** Settings that name it. */
  environment: Record<string, string>;
  /** As if every node had been silent for its lease: one that was killed is dead to the next. */
  endLeases(): Promise<void>;
  /** All bytes in it. */
  contents(dataDir: string): Promise<Buffer[]>;
  remove(): Promise<void>;
}

export async function makeTestStore(): Promise<TestStore> {
  const nothing = (): Promise<void> => Promise.resolve();
  if (!IS_ON_POSTGRES)
    return { environment: {}, endLeases: nothing, contents: contentsOfFiles, remove: nothing };
  const database = await makeTemporaryDatabase();
  return {
    environment: environmentOf(database),
    async endLeases() {
      await database.query(`UPDATE velahook.nodes SET lease_until = clock_timestamp() - interval '1 second'`);
    },
    contents: () => contentsOfTables(database),
    remove: () => database.remove(),
  };
}

async function contentsOfFiles(dataDir: string): Promise<Buffer[]> {
  return readdirSync(dataDir).map((name) => readFileSync(join(dataDir, name)));
}

/** Each value of each row, as it is sent: text in UTF-8, bytes as they are. */
async function contentsOfTables(database: TemporaryDatabase): Promise<Buffer[]> {
  const tables = await database.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class
     WHERE relnamespace = 'velahook'::regnamespace AND relkind = 'r' ORDER BY relname`,
  );
  const contents: Buffer[] = [];
  for (const { name } of tables) {
    const rows = await database.query<Record<string, unknown>>(`SELECT * FROM velahook.${name}`);
    for (const value of rows.flatMap((row) => Object.values(row)))
      contents.push(Buffer.isBuffer(value) ? value : Buffer.from(String(value)));
  }
  return contents;
}

/** Settings of a node on this database. */
export function environmentOf({ url }: TemporaryDatabase): Record<string, string> {
  return { DATABASE_URL: url, VELAHOOK_ENCRYPTION_KEY: ENCRYPTION_KEY };
}

export interface TestFolder
  extends Omit<ServerFolder, 'remove'>, Omit<TestStore, 'environment' | 'contents'> {}

/** A folder for servers, as {@link createServerFolder} makes it, with such a store unless `more` names one. */
export async function createTestFolder(ca: string, more: Record<string, string> = {}): Promise<TestFolder> {
  const hasStore = 'DATABASE_URL' in more || 'VELAHOOK_DATA_DIR' in more;
  const store = hasStore ? undefined : await makeTestStore();
  const folder = createServerFolder(ca, { ...store?.environment, ...more });
  return {
    ...folder,
    async endLeases() {
      await store?.endLeases();
    },
    async remove() {
      folder.remove();
      await store?.remove();
    },
  };
}
