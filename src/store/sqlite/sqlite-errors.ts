import { InvalidCursor } from '../contract/history.ts';
import { StoreUnavailable } from '../store.ts';
import { StoreRefused } from '../refused.ts';

/** Primary result codes of SQLite (https://www.sqlite.org/rescode.html); the low byte of the extended ones. */
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_NOMEM = 7;
const SQLITE_READONLY = 8;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;

const MAY_PASS: ReadonlySet<number> = new Set([
  SQLITE_BUSY,
  SQLITE_LOCKED,
  SQLITE_NOMEM,
  SQLITE_READONLY,
  SQLITE_IOERR,
  SQLITE_FULL,
  SQLITE_CANTOPEN,
]);

function resultCode(error: unknown): number | undefined {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
  return typeof code === 'number' ? code & 0xff : undefined;
}

export function isBusy(error: unknown): boolean {
  return resultCode(error) === SQLITE_BUSY;
}

export function isFull(error: unknown): boolean {
  return resultCode(error) === SQLITE_FULL;
}

/** The file is damaged: nothing read from it can be believed, and nothing may be added to it. */
export function isCorrupt(error: unknown): boolean {
  const code = resultCode(error);
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB;
}

/** A disk that is full, a volume gone read-only: the store's own faults become {@link StoreUnavailable}. */
export function asStoreError(error: unknown): Error {
  const code = resultCode(error);
  if (code !== undefined && MAY_PASS.has(code)) return unavailable(error);
  return error instanceof Error ? error : new Error(String(error));
}

export function unavailable(cause: unknown): StoreUnavailable {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StoreUnavailable(`The store takes nothing now: ${reason}`, { cause });
}

/** An error as it crosses a thread boundary, where its class would be lost. */
export interface SentError {
  name: string;
  message: string;
  stack: string | undefined;
}

export function sendError(error: Error): SentError {
  return { name: error.name, message: error.message, stack: error.stack };
}

const CLASSES: Record<string, new (message: string) => Error> = {
  StoreUnavailable,
  StoreRefused,
  InvalidCursor,
};

export function receiveError(sent: SentError): Error {
  const error = new (CLASSES[sent.name] ?? Error)(sent.message);
  if (sent.stack !== undefined) error.stack = sent.stack;
  return error;
}
