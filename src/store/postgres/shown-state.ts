/**
 * SQL of the state to show of a row of `pending_deliveries`: pending of an older generation is cancelled, though nobody
 * has come to write it down yet. A look-up by primary key for each row.
 */
export function shownPendingState(alias: string): string {
  return `CASE WHEN ${alias}.generation = (SELECT s.generation FROM velahook.subscriptions s
    WHERE s.id = ${alias}.subscription_id) THEN 'pending' ELSE 'cancelled' END`;
}

/** Whether there is anything that nobody has come to write down yet: by an index that is empty nearly always. */
export const HAS_STALE = 'EXISTS (SELECT FROM velahook.subscriptions WHERE has_stale)';

/**
 * A delivery is created with its event or later, by the clocks of the nodes that do it: these may be so far apart. What
 * looks for an event's deliveries leaves out the days before.
 */
export const CLOCKS_APART_MS = 86_400_000;
