import type { Session } from './database.ts';
import { statement } from './database.ts';

/**
 * The lease is judged again once the lock is held: in a plain `SELECT … FOR KEY SHARE` the clock would be that of
 * before a wait. Only the row of a live node is locked, so that a node that records on and on after its death cannot
 * keep others from retiring it.
 */
const holdLease = statement(`
WITH held AS MATERIALIZED (
  SELECT lease_until FROM velahook.nodes
  WHERE epoch = $1 AND NOT retired AND lease_until > clock_timestamp()
  FOR KEY SHARE)
SELECT 1 FROM held WHERE lease_until > clock_timestamp()`);

/**
 * Whether the epoch is live; if so, it stays unretired until the transaction ends: whoever retires a node locks its
 * row `FOR UPDATE`. A statement of its own, before anything is read that an owner may rely on.
 *
 * `FOR KEY SHARE`, the weakest lock that keeps `FOR UPDATE` out: with `FOR SHARE` the node's own renewal, an
 * `UPDATE`, would wait for the commit under way, and a commit that hangs would cost the lease as well.
 */
export async function isLiveForShare(session: Session, epoch: number): Promise<boolean> {
  return (await session.rows(holdLease, [epoch])).length > 0;
}
