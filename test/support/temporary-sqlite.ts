import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SqliteStore, SqliteStoreOptions } from '../../src/store/sqlite/sqlite-store.ts';
import { createSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';

export interface TemporarySqlite {
  store: SqliteStore;
  dataDir: string;
  /** Rejects if a thread of the store dies. */
  close(): Promise<void>;
}

/** A new embedded store in a directory of its own, which `close` removes. */
export async function openTemporarySqlite(
  options: Partial<SqliteStoreOptions> = {},
): Promise<TemporarySqlite> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'velahook-store-')));
  let death: Error | undefined;
  const store = await createSqliteStore({
    onDeath(error) {
      death = error;
    },
    ...options,
    dataDir,
  });
  return {
    store,
    dataDir,
    async close() {
      await store.close();
      await rm(dataDir, { recursive: true, force: true });
      if (death !== undefined) throw death;
    },
  };
}
