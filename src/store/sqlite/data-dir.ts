import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreRefused } from '../refused.ts';
import { queryOne } from './statement.ts';
import { isBusy } from './sqlite-errors.ts';

const STORE_FILE = 'velahook.db';
const LOCK_FILE = 'velahook.lock';
const OWNER_ONLY = 0o600;
const GROUP_AND_OTHERS = 0o077;

/** The data directory, held by this process alone until it is released or the process ends, however it ends. */
export interface DataDir {
  storePath: string;
  /** Remembers that there is a store here, so that a missing one is noticed at the next start. */
  markCreated(): void;
  release(): void;
}

export function storePathIn(dataDir: string): string {
  return join(dataDir, STORE_FILE);
}

/** Where a store that was moved to a database is kept. */
export function movedPathIn(dataDir: string): string {
  return `${storePathIn(dataDir)}.moved`;
}

/** Whether there is a store; an empty file is what a start that did not get far leaves. */
export function hasStore(dataDir: string): boolean {
  return (statSync(storePathIn(dataDir), { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/**
 * Whether some process has the data directory. Looks without taking it; only somebody who starts in this very
 * millisecond would find it taken.
 */
export function isDataDirHeld(dataDir: string): boolean {
  return readLock(dataDir, () => false) ?? true;
}

/** Whether there was a store here once; false as well while a process has the directory, which then knows. */
export function wasStoreCreated(dataDir: string): boolean {
  return readLock(dataDir, wasCreated) ?? false;
}

/** Undefined while somebody holds the lock. Never to be called by the process that holds it: closing would drop it. */
function readLock(dataDir: string, read: (lock: DatabaseSync) => boolean): boolean | undefined {
  const path = join(dataDir, LOCK_FILE);
  if (!existsSync(path)) return false;
  const lock = new DatabaseSync(path, { timeout: 0, readOnly: true });
  try {
    lock.exec('PRAGMA user_version');
    return read(lock);
  } catch (error) {
    if (!isBusy(error)) throw error;
    return undefined;
  } finally {
    lock.close();
  }
}

/**
 * Takes the data directory, making it if need be. Two processes writing the same file would each answer for
 * lanes and limits they do not share.
 *
 * The lock is a transaction on a SQLite file of its own: the kernel drops it with the process, also on SIGKILL,
 * where a file with a process id in it would stay behind. The store's own file cannot carry it, since our reader
 * must get in.
 */
export function takeDataDir(path: string, { isRestoring = false } = {}): DataDir {
  // Signing secrets are in there, sealed; tokens, hashed; bodies are in clear.
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const storePath = storePathIn(path);
  const lockPath = join(path, LOCK_FILE);
  ensureOwnerOnly(lockPath);
  const lock = lockExclusively(lockPath);
  try {
    if (!isRestoring) refuseMissingStore(lock, storePath);
    ensureOwnerOnly(storePath);
    // SQLite makes these with the mode of the store; a kill leaves them behind with the mode they had.
    for (const suffix of ['-wal', '-shm']) tighten(storePath + suffix);
  } catch (error) {
    lock.close();
    throw error;
  }
  return {
    storePath,
    markCreated() {
      if (wasCreated(lock)) return;
      lock.exec('PRAGMA user_version = 1; COMMIT; BEGIN EXCLUSIVE');
    },
    release: () => lock.close(),
  };
}

/**
 * A directory that was there before us may be open to others, and SQLite makes files that everybody may read. An
 * existing file is never opened here: to close it again would drop the locks this process has on it.
 */
function ensureOwnerOnly(path: string): void {
  try {
    closeSync(openSync(path, 'wx', OWNER_ONLY));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    tighten(path);
  }
}

function tighten(path: string): void {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & GROUP_AND_OTHERS) === 0) return;
  try {
    chmodSync(path, OWNER_ONLY);
  } catch (cause) {
    throw new StoreRefused(`${path} can be read by others. Run: chmod 600 ${path}`, { cause });
  }
}

function lockExclusively(path: string): DatabaseSync {
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if (!isBusy(error)) throw error;
    throw new StoreRefused(
      `The data directory is in use by another process (${path} is locked): stop it, or choose another directory.`,
      { cause: error },
    );
  }
}

function wasCreated(lock: DatabaseSync): boolean {
  return queryOne<{ user_version: number }>(lock, 'PRAGMA user_version').get()?.user_version === 1;
}

/** SQLite would make a new, empty store without a word, and every accepted event would be gone unnoticed. */
function refuseMissingStore(lock: DatabaseSync, storePath: string): void {
  const dataDir = dirname(storePath);
  if (hasStore(dataDir)) return;
  if (existsSync(movedPathIn(dataDir)))
    throw new StoreRefused(
      `The store in ${dataDir} was moved to a database: set DATABASE_URL. If the move was interrupted, run velahook move again.`,
    );
  if (!wasCreated(lock)) return;
  throw new StoreRefused(
    `${storePath} is missing or empty, but there was a store here: restore it, or remove the whole directory to begin anew.`,
  );
}
