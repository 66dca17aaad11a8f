import { systemClock } from '../lib/clock.ts';
import { migrateDatabase } from '../store/postgres/migrate-database.ts';
import { migrateDataDir } from '../store/sqlite/migrate-data-dir.ts';
import { withSettings } from './read-settings.ts';

/** `velahook migrate`: resolves with the exit code. */
export function migrate(): Promise<number> {
  return withSettings('The store cannot be migrated', async ({ databaseUrl, dataDir }) => {
    const now = systemClock.now();
    const applied =
      databaseUrl === null ? migrateDataDir(dataDir, now) : await migrateDatabase(databaseUrl, now);
    const store = databaseUrl === null ? `The store in ${dataDir}` : 'The database';
    if (applied.length === 0) console.log(`${store} is up to date: no migration was missing.`);
    for (const { version, name } of applied)
      console.log(`${store}: migration ${version}, ${name}, was applied.`);
  });
}
