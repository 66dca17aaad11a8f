import type { CommitResult, LaneStanding, NewDelivery, NewEvent } from '../contract/events.ts';
import type { WriteNeeds } from './group-commit.ts';
import { insertDeliveries } from './insert-deliveries.ts';
import { keepLanes, readTargets, tellOthers } from './lane-upkeep.ts';
import type { StoreParts } from './parts.ts';
import { isLiveForShare } from './node-lease.ts';
import { settleUnknown } from './settle-unknown.ts';
import { storeEvents } from './store-events.ts';
import type { Transaction } from './transaction.ts';

/**
 * Stages 1 and 2, the part in the database: events, their idempotency keys, their deliveries and their lanes, in half
 * a dozen statements however many they are, and two round trips: what there is, with the claim of what is new; and what
 * is written, with COMMIT. Duplicates, ordered deliveries and lanes that this node does not have cost a few more.
 *
 * Locks: of the lanes' buckets, shared (exclusive where something is ordered), from the beginning; then the node's row;
 * then keys, then ids; at last the few lanes that nobody owns. Nobody waits for a lane that somebody owns.
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
    const needs: WriteNeeds = {
      shared: subscriptionIds,
      exclusive: ordered.map(({ subscriptionId }) => subscriptionId),
      runsBeside: ordered.length === 0,
    };
    const store = async (session: Transaction) => {
      // In this order; each sees what there is once the locks before it are held.
      const [isLive, targets, { commits, stored }] = await Promise.all([
        isLiveForShare(session, epoch),
        readTargets(session, subscriptionIds),
        storeEvents(session, events, now),
      ]);
      const inserted = await insertDeliveries(session, stored, targets, now);
      const kept = await keepLanes(session, { epoch, isLive, takeLanes, now }, inserted.targets);
      return { commits, kept, heads: new Set(inserted.heads) };
    };
    return settleUnknown(database, epoch, events, now, async () => {
      const { commits, kept, heads } = await writes.write(store, needs);
      tellOthers(signals, kept);
      return { events: commits, lanes: withHeads(kept.standings, deliveries, heads) };
    });
  };
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
