import type { EndReason } from '../../domain/delivery.ts';
import type { CancelledDelivery, ReplayStore } from '../contract/replays.ts';
import { appendAudit } from './audit.ts';
import type { Session } from './database.ts';
import { statement } from './database.ts';
import { finishDeliveries } from './finish-deliveries.ts';
import { advanceKeys, keysOfDeliveries } from './key-order.ts';
import type { StoreParts } from './parts.ts';

/** By primary key, in order of the ids, as whoever records attempts does. */
const lockPending = statement(`
SELECT id, workspace_id AS "workspaceId", subscription_id AS "subscriptionId", event_id AS "eventId",
       event_type AS "eventType"
FROM velahook.pending_deliveries
WHERE id = ANY ($1::text[]) ORDER BY id FOR UPDATE`);
const find = statement(`
SELECT subscription_id AS "subscriptionId" FROM velahook.pending_deliveries WHERE id = $2 AND workspace_id = $1
UNION ALL
SELECT subscription_id FROM velahook.finished_deliveries WHERE id = $2 AND workspace_id = $1`);
/**
 * Whoever has a lane, or takes it while this commit is under way and loads it as it was before, finds the mark. A lane
 * that is not there is in nobody's memory.
 */
const leaveMarks = statement(`
INSERT INTO velahook.lane_wakes (subscription_id, delivery_id)
SELECT l.subscription_id, given.id
FROM unnest($1::text[], $2::text[]) AS given (id, subscription_id)
  JOIN velahook.lanes l ON l.subscription_id = given.subscription_id`);
const listOwners = statement(`
SELECT DISTINCT owner FROM velahook.lanes WHERE subscription_id = ANY ($1::text[]) AND owner IS NOT NULL`);

/** What was cancelled; `owners` are to be told after the commit. */
export interface Cancelled {
  deliveries: CancelledDelivery[];
  owners: number[];
}

// The locks of the lanes are held, so that nobody gives one back meanwhile without the deliveries that are due by now.
const readyLanes = statement(`
UPDATE velahook.lanes SET ready_at = least(ready_at, greatest($2::bigint, paused_until))
WHERE subscription_id = ANY ($1::text[]) AND owner IS NULL`);

/**
 * Cancels those of the deliveries that are pending, and leaves marks on their lanes. The next of their keys, if they
 * were ordered, are due. `reason`: where it is not the subscription. The caller holds the exclusive locks of the lanes.
 */
export async function cancelPending(
  session: Session,
  ids: readonly string[],
  now: number,
  reason: EndReason | null = null,
): Promise<Cancelled> {
  if (ids.length === 0) return { deliveries: [], owners: [] };
  const deliveries = await session.rows<CancelledDelivery>(lockPending, [ids]);
  if (deliveries.length === 0) return { deliveries, owners: [] };
  const found = deliveries.map(({ id }) => id);
  const keys = await keysOfDeliveries(session, found);
  const subscriptionIds = deliveries.map(({ subscriptionId }) => subscriptionId);
  await finishDeliveries(session, found, { state: 'cancelled', failureReason: reason, finishedAt: now });
  const next = await advanceKeys(session, keys, now);
  if (next.length > 0)
    await session.run(readyLanes, [[...new Set(next.map((each) => each.subscriptionId))], now]);
  await session.run(leaveMarks, [found, subscriptionIds]);
  const owners = await session.rows<{ owner: number }>(listOwners, [subscriptionIds]);
  return { deliveries, owners: owners.map(({ owner }) => owner) };
}

export function cancelDeliveryCall({ database, writes, signals }: StoreParts): ReplayStore['cancelDelivery'] {
  return async (workspaceId, id, now, audit) => {
    await writes.settled();
    const [found] = await database.rows<{ subscriptionId: string }>(find, [workspaceId, id]);
    if (found === undefined) return undefined;
    const { deliveries, owners } = await writes.write(
      async (session) => {
        const cancelled = await cancelPending(session, [id], Math.round(now));
        if (cancelled.deliveries.length > 0) await appendAudit(session, audit);
        return cancelled;
      },
      { exclusive: [found.subscriptionId] },
    );
    signals.wake(owners);
    const [delivery] = deliveries;
    return delivery === undefined ? { result: 'finished' } : { result: 'cancelled', delivery };
  };
}
