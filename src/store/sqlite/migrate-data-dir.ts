import type { Migration } from '../migration.ts';
import { takeDataDir } from './data-dir.ts';
import { openUndamaged } from './integrity.ts';
import { MIGRATIONS, migrate } from './migrate.ts';

/** Makes or migrates the store of a data directory, and answers what was applied. Throws `StoreRefused`. */
export function migrateDataDir(path: string, now: number): Migration[] {
  const dataDir = takeDataDir(path);
  try {
    const db = openUndamaged(dataDir.storePath);
    try {
      const applied = migrate(db, now);
      dataDir.markCreated();
      return MIGRATIONS.filter(({ version }) => applied.includes(version));
    } finally {
      db.close();
    }
  } finally {
    dataDir.release();
  }
}
