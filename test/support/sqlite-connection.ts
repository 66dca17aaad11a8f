import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { openWriter } from '../../src/store/sqlite/database.ts';
import { migrate } from '../../src/store/sqlite/migrate.ts';

/** As the store names its file in the data directory. */
export const STORE_FILE = 'velahook.db';

export interface Connection {
  db: DatabaseSync;
  close(): void;
}

/** The same in memory: for many of them, where nothing depends on the disk. */
export function openInMemory(): Connection {
  const db = openWriter(':memory:');
  migrate(db, 0);
  return { db, close: () => db.close() };
}

/** A migrated store file, opened as the writer opens it, without its thread. `close` removes it. */
export function openConnection(): Connection {
  const dir = mkdtempSync(join(tmpdir(), 'velahook-connection-'));
  const db = openWriter(join(dir, STORE_FILE));
  migrate(db, 0);
  return {
    db,
    close() {
      db.close();
      rmSync(dir, { recursive: true });
    },
  };
}
