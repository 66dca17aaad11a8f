import type { CommitResult, LaneStanding, NewDelivery, NewEvent } from '../contract/events.ts';
import type { Session } from './database.ts';
import { statement } from './database.ts';
import { insertDeliveries } from './insert-deliveries.ts';
import { keepLanes, readTargets, tellOthers } from './lane-upkeep.ts';
import type { StoreParts } from './parts.ts';
import type { LaneLocks } from './lane-locks.ts';
import { settleUnknown } from './settle-unknown.ts';
import type { EventStanding } from './store-events.ts';
import { storeEvents } from './store-events.ts';

const findVersions = statement(`
SELECT id, subscription_version AS version FROM velahook.workspaces
WHERE id = ANY ($1::text[]) AND deleted_at IS NULL`);

/**
 * Stages 1 and 2, the part in the database: events, their idempotency keys, their deliveries and their lanes, in half
 * a dozen statements however many they are.
 *
 * Locks: of the lanes' buckets, shared (exclusive where something is ordered), from the beginning; then keys, then ids; then the node's row; at last the few
 * lanes that nobody owns. Nobody waits for a lane that somebody owns.
 *
 * The versions are read within the transaction, which is all that is promised: a subscription whose creation was
 * answered before an event was published is in what the event was matched with, or the match is stale.
 */
export function commitEventsCall({ writes, database, signals }: StoreParts) {
  return async (
    epoch: number,
    events: readonly NewEvent[],
    takeLanes: boolean,
    at: number,
  ): Promise<CommitResult> => {
    const now = Math.round(at);
    const deliveries = events.flatMap((event) => event.deliveries);
    const subscriptionIds = [...new Set(deliveries.map(({ subscriptionId }) => subscriptionId))];
    const ordered = deliveries.filter((delivery) => delivery.ordered);
    // What an ordered subscription gets is numbered in the order of commit: one transaction at a time.
    const locks: LaneLocks = {
      shared: subscriptionIds,
      ...(ordered.length > 0 && { exclusive: ordered.map(({ subscriptionId }) => subscriptionId) }),
    };
    const store = async (session: Session) => {
      const versions = await readVersions(session, events);
      const targets = await readTargets(session, subscriptionIds);
      const judge = ({ workspaceId, subscriptionVersion: version }: NewEvent): EventStanding => {
        const current = versions.get(workspaceId);
        if (current === undefined) return 'no_workspace';
        return version === null || version === current ? 'current' : 'stale';
      };
      const { commits, stored } = await storeEvents(session, events, judge, now);
      const inserted = await insertDeliveries(session, stored, targets, now);
      const kept = await keepLanes(session, epoch, inserted.targets, takeLanes, now);
      return { commits, kept, heads: new Set(inserted.heads) };
    };
    return settleUnknown(database, epoch, events, now, async () => {
      const { commits, kept, heads } = await writes.write(store, locks);
      tellOthers(signals, kept);
      return { events: commits, lanes: withHeads(kept.standings, deliveries, heads) };
    });
  };
}

/** Of those that are there. */
async function readVersions(session: Session, events: readonly NewEvent[]): Promise<Map<string, number>> {
  const ids = [...new Set(events.map(({ workspaceId }) => workspaceId))];
  const rows = await session.rows<{ id: string; version: number }>(findVersions, [ids]);
  return new Map(rows.map(({ id, version }) => [id, version]));
}

export function withHeads(
  standings: readonly LaneStanding[],
  deliveries: readonly NewDelivery[],
  heads: ReadonlySet<string>,
): LaneStanding[] {
  if (heads.size === 0) return [...standings];
  const byLane = Map.groupBy(
    deliveries.filter(({ id }) => heads.has(id)),
    ({ subscriptionId }) => subscriptionId,
  );
  return standings.map((standing) => {
    const due = byLane.get(standing.subscriptionId);
    return due === undefined ? standing : { ...standing, heads: due.map(({ id }) => id) };
  });
}
