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
  key: Uint8Array;
  /** It was not there before. */
  made: boolean;
  /** Group or others could read it; they no longer can, but the operator should know. */
  tightened: boolean;
}

/**
 * Reads the key of a data directory (64 hex digits, mode 0600) or makes it at the first start. A new file appears
 * whole or not at all, also through a power cut: what a lost key has sealed can never be opened again. The caller
 * holds the data directory's lock, so no two processes make it at once.
 */
export function loadOrMakeKey(path: string, random: Random): KeyFile {
  const text = readIfThere(path);
  if (text === undefined) {
    makeKeyFile(path, random);
    return { key: parseKey(path, readIfThere(path) ?? ''), made: true, tightened: false };
  }
  return { key: parseKey(path, text), made: false, tightened: tightenMode(path) };
}

function makeKeyFile(path: string, random: Random): void {
  const unfinished = `${path}.new`;
  const file = openSync(unfinished, 'w', OWNER_ONLY);
  try {
    writeSync(file, `${Buffer.from(random.bytes(KEY_BYTES)).toString('hex')}\n`);
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

function parseKey(path: string, text: string): Uint8Array {
  const digits = text.trim();
  if (!KEY_FORM.test(digits)) {
    throw new KeyFileError(
      `The key file ${path} does not hold 64 hex digits. Restore it from a backup: a new key cannot open the signing secrets sealed with the old one.`,
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
