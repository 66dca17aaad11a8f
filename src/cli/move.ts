import type { Settings } from '../config/settings.ts';
import { KEY_FILE } from '../config/settings.ts';
import { systemClock } from '../lib/clock.ts';
import { HEAD_BYTES, Keyring } from '../lib/keyring.ts';
import { systemRandom } from '../lib/random.ts';
import { countLost } from '../management/keys.ts';
import type { OnProgress } from '../store/postgres/import-store.ts';
import { importStore } from '../store/postgres/import-store.ts';
import type { StoreExport } from '../store/sqlite/export-store.ts';
import { openExport } from '../store/sqlite/export-store.ts';
import { withSettings } from './read-settings.ts';

/** Between two lines about the same table. */
const PROGRESS_MS = 2_000;

/**
 * `velahook move`: everything in the data directory goes to the empty database that `DATABASE_URL` names. Interrupted
 * at any point it is simply run again. Resolves with the exit code.
 */
export function move(): Promise<number> {
  return withSettings('The store cannot be moved', async (settings) => {
    const { databaseUrl, dataDir } = settings;
    if (databaseUrl === null)
      throw new Error('DATABASE_URL is not set: it names the database that the embedded store is moved to.');
    const now = systemClock.now();
    const store = openExport(dataDir, now);
    try {
      refuseOtherKey(store, settings);
      const isMoved = await importStore(databaseUrl, store, now, sayProgress());
      console.log(isMoved ? 'Everything is moved.' : 'It was moved before.');
      console.log(
        `Start the nodes with DATABASE_URL and the same VELAHOOK_ENCRYPTION_KEY. ${dataDir} keeps the old store as velahook.db.moved, which no server starts on: remove it when you need it no more.`,
      );
    } finally {
      store.close();
    }
  });
}

/** Signing secrets go as they are sealed: with another key nothing could be delivered from there. */
function refuseOtherKey(store: StoreExport, { encryptionKeys, dataDir }: Settings): void {
  const { count, lost } = countLost(
    store.listSealings(HEAD_BYTES),
    new Keyring(encryptionKeys, systemRandom),
  );
  if (lost === 0) return;
  throw new Error(
    `VELAHOOK_ENCRYPTION_KEY does not open ${lost} of ${count} signing secrets: set it to the key the store was used with (unless you chose one yourself, the line in ${dataDir}/${KEY_FILE}).`,
  );
}

/** A line for each table when it is done, and now and then for one that takes long. */
function sayProgress(): OnProgress {
  let saidAt = systemClock.monotonic();
  return (table, done, total) => {
    const at = systemClock.monotonic();
    if (done < total && at - saidAt < PROGRESS_MS) return;
    saidAt = at;
    console.log(`${table.replaceAll('_', ' ')}: ${done}${done < total ? ` of ${total}` : ''}`);
  };
}
