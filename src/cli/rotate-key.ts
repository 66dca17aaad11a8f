import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Settings } from '../config/settings.ts';
import { KEY_FILE } from '../config/settings.ts';
import { readKeyFile, writeKeyFile } from '../lib/key-file.ts';
import { KEY_BYTES, Keyring } from '../lib/keyring.ts';
import { systemRandom } from '../lib/random.ts';
import type { Resealed } from '../management/reseal.ts';
import { resealAll } from '../management/reseal.ts';
import type { SealedSecrets } from '../store/sealed-secrets.ts';
import { withSettings } from './read-settings.ts';

/** What a running server sealed under the old key just before it read the new one is committed by then. */
const LAST_SEALED_MS = 2_000;

/**
 * `velahook rotate-key`: signing secrets are sealed under another key, while the server runs. Stopped at any point it
 * is simply run again: both keys open until the old one has nothing left. Resolves with the exit code.
 */
export function rotateKey(): Promise<number> {
  return withSettings('The key cannot be rotated', async (settings) => {
    const secrets = await openSecrets(settings);
    try {
      if (settings.encryptionKeys.length > 0) await rotateGiven(settings, secrets);
      else await rotateOwn(join(settings.dataDir, KEY_FILE), secrets);
    } finally {
      await secrets.close();
    }
  });
}

/** The data directory's own key: a running server reads the file again whenever it seals, or finds a key unknown. */
async function rotateOwn(path: string, secrets: SealedSecrets): Promise<void> {
  const key = systemRandom.bytes(KEY_BYTES);
  writeKeyFile(path, [key, ...readKeyFile(path)]);
  const keyring = new Keyring(() => readKeyFile(path), systemRandom);
  const first = await resealAll(secrets, keyring);
  await wait(LAST_SEALED_MS);
  const second = await resealAll(secrets, keyring);
  refuseLost(second);
  writeKeyFile(path, [key]);
  console.log(
    `${first.resealed + second.resealed} signing secrets are sealed under a new key. Back up ${path} again; older backups need the key that is in them.`,
  );
}

/** Keys from outside: the operator has started every node with both, and says with their order which is the new one. */
async function rotateGiven(settings: Settings, secrets: SealedSecrets): Promise<void> {
  if (settings.encryptionKeys.length < 2)
    throw new Error(
      'VELAHOOK_ENCRYPTION_KEY names one key. Start every node with "old,new" first, then run this with "new,old".',
    );
  const done = await resealAll(secrets, new Keyring(settings.encryptionKeys, systemRandom));
  refuseLost(done);
  console.log(
    `${done.resealed} signing secrets are sealed under the first key now. Start every node with "new,old", run this once more, and then leave the old key out.`,
  );
}

function refuseLost({ lost }: Resealed): void {
  if (lost.length === 0) return;
  throw new Error(
    `none of the keys opens what is sealed of ${lost.length} subscriptions or erasures (${lost.slice(0, 3).join(', ')}${lost.length > 3 ? ', …' : ''}): add the key they are sealed with, or give them new secrets. The others are done; both keys are kept.`,
  );
}

async function openSecrets(settings: Settings): Promise<SealedSecrets> {
  if (settings.databaseUrl === null)
    return (await import('../store/sqlite/sealed-secrets.ts')).openSealedSecrets(settings.dataDir);
  return (await import('../store/postgres/sealed-secrets.ts')).openSealedSecrets(settings.databaseUrl);
}
