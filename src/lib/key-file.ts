import {
  chmodSync,
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import { KEY_BYTES } from './keyring.ts';
import type { Random } from './random.ts';

const OWNER_ONLY = 0o600;
const GROUP_AND_OTHERS = 0o077;
const KEY_FORM = /^[0-9a-f]{64}$/i;

/** The key file cannot be used; the message names it and says what to do. */
export class KeyFileError extends Error {}

export interface KeyFile {
  /** The first seals, all open. */
  keys: readonly Uint8Array[];
  /** It was not there before. */
  made: boolean;
  /** Group or others could read it; they no longer can, but the operator should know. */
  tightened: boolean;
}

/**
 * Reads the keys of a data directory (a line of 64 hex digits each, mode 0600) or makes one at the first start. The
 * caller holds the data directory's lock, so no two processes make it at once.
 */
export function loadOrMakeKeys(path: string, random: Random): KeyFile {
  if (readIfThere(path) === undefined) {
    writeKeyFile(path, [random.bytes(KEY_BYTES)]);
    return { keys: readKeyFile(path), made: true, tightened: false };
  }
  return { keys: readKeyFile(path), made: false, tightened: tightenMode(path) };
}

/** Throws {@link KeyFileError}, also when there is none. */
export function readKeyFile(path: string): readonly Uint8Array[] {
  const text = readIfThere(path);
  if (text === undefined)
    throw new KeyFileError(`The key file ${path} is missing: restore it from a backup.`);
  return text
    .trim()
    .split('\n')
    .map((line) => parseKey(path, line.trim()));
}

/**
 * The file appears, or changes, whole or not at all, also through a power cut: what a lost key has sealed can never be
 * opened again.
 */
export function writeKeyFile(path: string, keys: readonly Uint8Array[]): void {
  const unfinished = `${path}.new`;
  const file = openSync(unfinished, 'w', OWNER_ONLY);
  try {
    writeSync(file, keys.map((key) => `${Buffer.from(key).toString('hex')}\n`).join(''));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  // A leftover of a crash keeps the mode it was made with.
  chmodSync(unfinished, OWNER_ONLY);
  renameSync(unfinished, path);
  syncDirectory(dirname(path));
}

function syncDirectory(path: string): void {
  // Windows cannot open a directory, and needs no flush of it.
  if (process.platform === 'win32') return;
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new KeyFileError(`Cannot read the key file ${path}.`, { cause });
  }
}

function parseKey(path: string, digits: string): Uint8Array {
  if (!KEY_FORM.test(digits)) {
    throw new KeyFileError(
      `The key file ${path} does not hold 64 hex digits per line. Restore it from a backup: a new key cannot open the signing secrets sealed with the old one.`,
    );
  }
  return new Uint8Array(Buffer.from(digits, 'hex'));
}

/** Volumes are sometimes mounted with group access added; taking it away again beats refusing to start. */
function tightenMode(path: string): boolean {
  if (process.platform === 'win32') return false;
  const file = openSync(path, 'r');
  try {
    if ((fstatSync(file).mode & GROUP_AND_OTHERS) === 0) return false;
  } finally {
    closeSync(file);
  }
  try {
    chmodSync(path, OWNER_ONLY);
    return true;
  } catch (cause) {
    throw new KeyFileError(`The key file ${path} can be read by others. Run: chmod 600 ${path}`, { cause });
  }
}
