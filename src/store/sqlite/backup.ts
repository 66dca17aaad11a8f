import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
} from 'node:fs';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { StoreRefused } from '../refused.ts';
import { hasStore, storePathIn, takeDataDir } from './data-dir.ts';
import { openReader } from './database.ts';
import { isCorrupt } from './sqlite-errors.ts';
import { queryAll } from './statement.ts';

/** More pages than any store has: in one step it reads one moment; in several, each commit would make it begin anew. */
const PAGES_AT_ONCE = 2 ** 31 - 1;
const OWNER_ONLY = 0o600;

/**
 * Copies the store of a data directory, as it is at one moment, to a folder that is made for it; commits go on
 * meanwhile. The copy is checked before it gets its name: a folder that holds a store holds a whole one.
 * Rejects with {@link StoreRefused}.
 */
export async function backUpStore(dataDir: string, folder: string): Promise<void> {
  const source = storePathIn(dataDir);
  if (!hasStore(dataDir)) throw new StoreRefused(`There is no store in ${dataDir}.`);
  const target = storePathIn(folder);
  if (existsSync(target)) throw new StoreRefused(`${target} is there already: name another folder.`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const unfinished = `${target}.unfinished`;
  closeSync(openSync(unfinished, 'w', OWNER_ONLY));
  const db = openReader(source);
  try {
    await backup(db, unfinished, { rate: PAGES_AT_ONCE });
  } finally {
    db.close();
  }
  finish(unfinished, target, folder);
}

/**
 * Puts a backed-up store into a data directory that has none; nobody can start there meanwhile. Throws
 * {@link StoreRefused} when there is one already, or the backup is missing or damaged.
 */
export function restoreStore(folder: string, dataDir: string, alsoCopy: readonly string[]): void {
  const source = storePathIn(folder);
  if (!hasStore(folder)) throw new StoreRefused(`There is no backup in ${folder}.`);
  const target = storePathIn(dataDir);
  const held = takeDataDir(dataDir, { isRestoring: true });
  try {
    if (hasStore(dataDir))
      throw new StoreRefused(
        `${dataDir} has a store already: move it away first, or name another data directory.`,
      );
    const unfinished = `${target}.unfinished`;
    copyFileSync(source, unfinished);
    chmodSync(unfinished, OWNER_ONLY);
    for (const name of alsoCopy) copyOwnerOnly(join(folder, name), join(dataDir, name));
    finish(unfinished, target, dataDir);
    held.markCreated();
  } finally {
    held.release();
  }
}

/** Copies a file, if it is there, so that only we can read it. Answers whether it was. */
export function copyOwnerOnly(from: string, to: string): boolean {
  if (!existsSync(from)) return false;
  if (existsSync(to)) throw new StoreRefused(`${to} is there already.`);
  copyFileSync(from, to);
  chmodSync(to, OWNER_ONLY);
  sync(to);
  return true;
}

function finish(unfinished: string, target: string, folder: string): void {
  refuseDamaged(unfinished);
  sync(unfinished);
  renameSync(unfinished, target);
  sync(folder);
}

function refuseDamaged(path: string): void {
  const db = new DatabaseSync(path);
  try {
    const answer = queryAll<{ quick_check: string }>(db, 'PRAGMA quick_check(1)').all()[0]?.quick_check;
    if (answer !== 'ok') throw new StoreRefused(`${path} is damaged (${answer}).`);
  } catch (cause) {
    if (!isCorrupt(cause)) throw cause;
    throw new StoreRefused(`${path} is damaged.`, { cause });
  } finally {
    db.close();
  }
}

function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
