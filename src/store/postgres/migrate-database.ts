import type { Migration } from '../migration.ts';
import { Database } from './database.ts';
import { MIGRATIONS, migrate } from './migrate.ts';

/**
 * Migrates the database and answers what was applied; nodes may run meanwhile. Rejects with `StoreRefused` or
 * `StoreUnavailable`.
 */
export async function migrateDatabase(url: string, now: number): Promise<Migration[]> {
  const database = new Database(url, 'velahook migrate');
  const client = await database.connect();
  try {
    const applied = await migrate(client, now);
    return MIGRATIONS.filter(({ version }) => applied.includes(version));
  } finally {
    await client.end();
    await database.close();
  }
}
