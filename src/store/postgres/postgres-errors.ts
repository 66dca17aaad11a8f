import { StoreRefused } from '../refused.ts';
import { StoreUnavailable } from '../store.ts';

/**
 * Classes of SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html) that say that the database
 * cannot do it now, and may later: connection, resources (disk full, too many connections), operator's doing
 * (shutdown, a cancelled statement), system errors, and a lock that was not given in time.
 */
const MAY_PASS = /^(08|53|57|58|55P03|25006)/;
const CONNECTION_LOST = /^(08|57P0[1-3]|57P05|25P0[34])/;
const WRONG_USER = /^28/;
const NO_DATABASE = /^3D000$/;
/** The driver's own words, before anything is asked of the server: none was given, and the server wants one. */
const NO_PASSWORD = /client password must be a string/;
const TRY_AGAIN = /^(40001|40P01)$/;

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

function isSqlState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code);
}

/** The connection is of no use any more; whatever was under way on it has an unknown end. */
export function isConnectionFault(error: unknown): boolean {
  if (error instanceof StoreUnavailable) return false;
  const code = codeOf(error);
  if (isSqlState(code)) return CONNECTION_LOST.test(code);
  // The driver's own words for a socket that closed, or an answer that did not come: they have no code of SQL.
  return (
    code.startsWith('E') ||
    (error instanceof Error && /connection|timeout|not queryable|client was closed/i.test(error.message))
  );
}

/** Two transactions stood in each other's way: the same again may work. */
export function isConflict(error: unknown): boolean {
  return TRY_AGAIN.test(codeOf(error));
}

/** Faults of the database become {@link StoreUnavailable}; mistakes of ours stay what they are. */
export function asStoreError(error: unknown): Error {
  if (error instanceof StoreUnavailable) return error;
  if (isConnectionFault(error) || isConflict(error) || MAY_PASS.test(codeOf(error)))
    return unavailable(error);
  return error instanceof Error ? error : new Error(String(error));
}

export function unavailable(cause: unknown): StoreUnavailable {
  if (cause instanceof StoreUnavailable) return cause;
  const reason = cause instanceof Error ? cause.message || codeOf(cause) : String(cause);
  return new StoreUnavailable(`The database takes nothing now: ${reason}`, { cause });
}

/**
 * What a first connection failed with, if waiting cannot mend it: a person must change `DATABASE_URL` or the server. Of
 * a later one it may pass: a password is changed on both sides, one after the other.
 */
export function refusalOf(error: unknown): StoreRefused | undefined {
  const cause = error instanceof StoreUnavailable ? error.cause : error;
  const message = cause instanceof Error ? cause.message : '';
  const refuse = (what: string) => new StoreRefused(`${what} (${message})`, { cause: error });
  if (NO_DATABASE.test(codeOf(cause)))
    return refuse('The database that DATABASE_URL names does not exist: create it, or correct the name.');
  if (WRONG_USER.test(codeOf(cause)))
    return refuse('PostgreSQL refuses the user or the password of DATABASE_URL: correct them.');
  if (NO_PASSWORD.test(message))
    return refuse('PostgreSQL wants a password, and DATABASE_URL has none: add it.');
  return undefined;
}
