import { StoreUnavailable } from '../store.ts';
import type { Database, Session } from './database.ts';
import { statement, unprepared } from './database.ts';

/** Any number, in the space of advisory locks with one key, where migrations have theirs ("HIST"). */
const HISTORY_LOCK = 0x48_49_53_54;
/**
 * What waits for a lock on a whole table makes everybody wait who comes after it, intake too. So nothing here waits longer
 * than this: somebody who reads for longer keeps a day's partition for a few minutes more, and nobody feels more than this
 * pause. (`DETACH PARTITION CONCURRENTLY` would stand in nobody's way, but there is none beside a default partition.)
 */
const LOCK_MS_MAX = 200;
/** Looking through a default partition that holds much is given up, too. */
const STATEMENT_MS_MAX = 2_000;

const tryLock = statement(`SELECT pg_try_advisory_xact_lock(${HISTORY_LOCK}) AS taken`);
// Waiting for another node's turn keeps out nobody else.
const waitForLock = statement(`SELECT pg_advisory_xact_lock(${HISTORY_LOCK}), true AS taken`);
const setLimits = unprepared(
  `SET LOCAL lock_timeout = ${LOCK_MS_MAX}; SET LOCAL statement_timeout = ${STATEMENT_MS_MAX}`,
);

/**
 * A transaction that shapes history, of one node at a time. Undefined when another node is at it; with `waits`, its turn
 * is waited for.
 */
export async function shapeHistory<T>(
  database: Database,
  run: (session: Session) => Promise<T>,
  waits = false,
): Promise<T | undefined> {
  return database.transact(async (session) => {
    const [lock] = await session.rows<{ taken: boolean }>(waits ? waitForLock : tryLock);
    await session.run(setLimits);
    return lock?.taken === true ? run(session) : undefined;
  });
}

/**
 * A lock that was not given in time, a statement that took too long, two that waited for each other; or rows of the day
 * that came to the default partition meanwhile. The same works another time, or has no need to.
 */
const NOT_NOW = /^(55P03|57014|40P01|23514)$/;

export function isNotNow(error: unknown): boolean {
  const cause = error instanceof StoreUnavailable ? error.cause : error;
  return cause instanceof Error && 'code' in cause && NOT_NOW.test(String(cause.code));
}
