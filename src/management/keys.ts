import { join } from 'node:path';
import type { Settings } from '../config/settings.ts';
import { KEY_FILE } from '../config/settings.ts';
import { sealContext } from '../domain/sealed-parts.ts';
import { loadOrMakeKeys, readKeyFile } from '../lib/key-file.ts';
import { CannotOpen, HEAD_BYTES, Keyring } from '../lib/keyring.ts';
import type { Random } from '../lib/random.ts';
import type { Sealing } from '../store/sealed-secrets.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';

/** The keys given are not those that the store's signing secrets are sealed with; the message says what to do. */
class WrongKey extends Error {}

export interface KeyringDeps {
  settings: Pick<Settings, 'encryptionKeys' | 'dataDir' | 'allowLostSecrets'>;
  store: Pick<Store, 'listSealings'>;
  random: Random;
  log: Pick<Log, 'info' | 'warn'>;
}

/** Rejects when none of the keys opens anything that is stored: every delivery would wait for ever. */
export async function openKeyring({ settings, store, random, log }: KeyringDeps): Promise<Keyring> {
  const sealings = await store.listSealings(HEAD_BYTES);
  const mustBeThere = sealings.length > 0 && !settings.allowLostSecrets;
  const keys = keysOf(settings, mustBeThere, random, log);
  const keyring = new Keyring(keys, random);
  const { count, lost } = countLost(sealings, keyring);
  if (lost > 0 && lost === count && !settings.allowLostSecrets)
    throw new WrongKey(
      `None of the keys given opens any of the ${count} signing secrets in the store. Give the key they were sealed with, by VELAHOOK_ENCRYPTION_KEY or in the data directory's ${KEY_FILE}. If it is lost for good: VELAHOOK_ALLOW_LOST_SECRETS=yes.`,
    );
  if (lost > 0)
    log.warn(
      { lost, of: count },
      'signing secrets cannot be opened, and nothing is delivered to their subscriptions: give the key they were sealed with as well, or give them new secrets',
    );
  return keyring;
}

/**
 * The configured keys, or the data directory's own, made at the first start; those may be exchanged meanwhile. None is
 * made where there is something to be opened: a file that is missing then was lost.
 */
function keysOf(
  settings: KeyringDeps['settings'],
  mustBeThere: boolean,
  random: Random,
  log: KeyringDeps['log'],
): () => readonly Uint8Array[] {
  if (settings.encryptionKeys.length > 0) return () => settings.encryptionKeys;
  const path = join(settings.dataDir, KEY_FILE);
  if (mustBeThere) readKeyFile(path);
  const { made, tightened } = loadOrMakeKeys(path, random);
  if (made)
    log.info(
      { path },
      'made the key that signing secrets are sealed with: back it up with the data directory, or set VELAHOOK_ENCRYPTION_KEY and keep it apart',
    );
  if (tightened) log.warn({ path }, 'others could read the encryption key; its mode is 0600 now');
  return () => readKeyFile(path);
}

/** What can be opened of the stored signing secrets. */
export interface StoredSecrets {
  count: number;
  /** How many none of the keys opens. */
  lost: number;
}

/** Judges all that were sealed under one key by one of them. */
export function countLost(sealings: readonly Sealing[], keyring: Pick<Keyring, 'open'>): StoredSecrets {
  const sum = (some: readonly Sealing[]): number => some.reduce((total, { count }) => total + count, 0);
  const lost = sealings.filter(({ sample }) => !canOpen(sample, keyring));
  return { count: sum(sealings), lost: sum(lost) };
}

function canOpen({ sealed, ownerId, part }: Sealing['sample'], keyring: Pick<Keyring, 'open'>): boolean {
  try {
    keyring.open(sealed, sealContext(ownerId, part));
    return true;
  } catch (error) {
    if (error instanceof CannotOpen) return false;
    throw error;
  }
}
