import { join, resolve } from 'node:path';
import type { Settings } from '../config/settings.ts';
import { KEY_FILE } from '../config/settings.ts';
import { backUpStore, copyOwnerOnly, restoreStore } from '../store/sqlite/backup.ts';
import { withSettings } from './read-settings.ts';

/** `velahook backup`: resolves with the exit code. */
export function backUp(folder: string): Promise<number> {
  return withSettings('The store cannot be backed up', async (settings) => {
    refuseShared(settings, 'pg_dump or a base backup');
    const to = resolve(folder);
    await backUpStore(settings.dataDir, to);
    const hasKey = copyOwnerOnly(join(settings.dataDir, KEY_FILE), join(to, KEY_FILE));
    console.log(`The store is copied to ${to}.`);
    console.log(
      hasKey
        ? 'The key that signing secrets are sealed with is beside it: whoever has the folder can read them.'
        : 'The key that signing secrets are sealed with is not in it: keep VELAHOOK_ENCRYPTION_KEY as safely, and apart.',
    );
  });
}

/** `velahook restore`: resolves with the exit code. */
export function restore(folder: string): Promise<number> {
  return withSettings('The backup cannot be restored', async (settings) => {
    refuseShared(settings, 'pg_restore or the base backup');
    restoreStore(resolve(folder), settings.dataDir, [KEY_FILE]);
    console.log(`The store of ${resolve(folder)} is in ${settings.dataDir}.`);
    console.log(
      'What was delivered after the backup was made is delivered again, with the same eventId; what was published after it is not in it.',
    );
    return Promise.resolve();
  });
}

function refuseShared(settings: Settings, instead: string): void {
  if ('databaseUrl' in settings && settings.databaseUrl !== null)
    throw new Error(`DATABASE_URL is set, and a database is copied by its own means: use ${instead}.`);
}
