import { textArray } from './binary-array.ts';
import { statement } from './database.ts';
import type { Transaction } from './transaction.ts';

/** Any number, in the space of advisory locks with two keys ("LANE"). */
const LANE_LOCK_SPACE = 0x4c_41_4e_45;
/**
 * Lanes share locks, so that one transaction with thousands of lanes does not fill the server's lock table; of far
 * fewer, a release of many lanes would keep out every intake.
 */
const LANE_BUCKETS = 1_024;

/**
 * Which lanes a transaction keeps as they are. Taken in a statement of its own, before anything is read: what was
 * read before it may have been of another time.
 */
export interface LaneLocks {
  /**
   * Until the transaction ends, none of these subscriptions' lanes is given back and none of their generations
   * changes. Any number of transactions hold it at once: whoever adds deliveries.
   */
  shared?: readonly string[];
  /**
   * Until the transaction ends, nobody adds a delivery to these subscriptions' lanes, and nobody else has this lock:
   * whoever gives lanes back, raises a generation or cancels what is stale.
   */
  exclusive?: readonly string[];
}

// One row per bucket, in order; a bucket in both arrays is locked exclusively at once: a shared lock made exclusive
// later would wait for another that is to be made so, and that for it.
const lock = statement(`
SELECT count(CASE WHEN exclusive THEN pg_advisory_xact_lock(${LANE_LOCK_SPACE}, bucket)::text
                  ELSE pg_advisory_xact_lock_shared(${LANE_LOCK_SPACE}, bucket)::text END)
FROM (SELECT hashtext(id) & ${LANE_BUCKETS - 1} AS bucket, bool_or(exclusive) AS exclusive
      FROM (SELECT unnest($1::text[]) AS id, false AS exclusive UNION ALL SELECT unnest($2::text[]), true) AS wanted
      GROUP BY bucket ORDER BY bucket) AS sorted`);

/**
 * All locks of one transaction at once: in order, so that two transactions never wait for each other. They are held when
 * its next statement begins.
 */
export function lockLanes(transaction: Transaction, wanted: readonly LaneLocks[]): void {
  const shared = wanted.flatMap((locks) => locks.shared ?? []);
  const exclusive = wanted.flatMap((locks) => locks.exclusive ?? []);
  if (shared.length + exclusive.length > 0) transaction.send(lock, [textArray(shared), textArray(exclusive)]);
}
