import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { openWriter } from '../../src/store/sqlite/database.ts';
import { migrate } from '../../src/store/sqlite/migrate.ts';

export interface Connection {
  db: DatabaseSync;
  close(): void;
}

/** A migrated store file, opened as the writer opens it, without its thread. `close` removes it. */
export function openConnection(): Connection {
  const dir = mkdtempSync(join(tmpdir(), 'velahook-connection-'));
  const db = openWriter(join(dir, 'velahook.db'));
  migrate(db, 0);
  return {
    db,
    close() {
      db.close();
      rmSync(dir, { recursive: true });
    },
  };
}
