import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

/** Longer than any other process (a backup, a shell) may hold the file before a commit fails as unavailable. */
const BUSY_TIMEOUT_MS = 5_000;
/**
 * A checkpoint copies the log into the file while commits wait. 16 MiB at a time keeps that to tens of
 * milliseconds, and still writes a page that many commits touched once instead of many times.
 */
const CHECKPOINT_PAGES = 4_096;
/** A log that a long reader let grow is cut back to this when it starts over. */
const LOG_BYTES_MAX = 64 * 1024 * 1024;
/** Enough for the inner pages of all indexes and the tail of each, where nearly all writing happens. */
const WRITER_CACHE_KIB = 12 * 1024;
const READER_CACHE_KIB = 4 * 1024;

/**
 * Opens the one connection that writes. WAL, so that readers never stop commits; `synchronous=FULL`, so that a
 * commit is on disk when it returns (NORMAL loses the last ones with the power). `secure_delete=FAST`, so that what is
 * moved within the file leaves no copy behind that an erasure could not find: zeros are written in pages that are written
 * anyway.
 */
export function openWriter(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: false });
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
    PRAGMA journal_size_limit = ${LOG_BYTES_MAX};
    PRAGMA cache_size = -${WRITER_CACHE_KIB};
    PRAGMA temp_store = MEMORY;
    PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON;
    PRAGMA secure_delete = FAST;
  `);
  return db;
}

/** Opens a connection that sees what is committed when a statement starts, and can change nothing. */
export function openReader(path: string): DatabaseSync {
  return readCarefully(new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, readOnly: true }));
}

/**
 * The same for a file that nobody has open and that was closed in good order: nothing is left beside it, where even a
 * reader would otherwise leave a log and an index of it. What is read is wrong if somebody opens it meanwhile.
 */
export function openUnshared(path: string): DatabaseSync {
  const url = pathToFileURL(path);
  url.search = 'immutable=1';
  return readCarefully(new DatabaseSync(url, { readOnly: true }));
}

function readCarefully(db: DatabaseSync): DatabaseSync {
  db.exec(`
    PRAGMA cache_size = -${READER_CACHE_KIB};
    PRAGMA temp_store = MEMORY;
    PRAGMA trusted_schema = OFF;
  `);
  return db;
}
