import type { DatabaseSync } from 'node:sqlite';
import type {
  EventKey,
  FanoutChunk,
  LaneStanding,
  LoadedBody,
  UnfinishedFanout,
} from '../contract/events.ts';
import type { EventRow, InsertDeliveries } from './insert-deliveries.ts';
import type { StartLaneUpkeep } from './lane-upkeep.ts';
import { command, queryAll, queryOne } from './statement.ts';

/** The rest of `EventStore`: cut fan-outs, and bodies. */
export function fanoutHandlers(
  db: DatabaseSync,
  startLaneUpkeep: StartLaneUpkeep,
  insertDeliveries: InsertDeliveries,
) {
  // By events_by_id.
  const findInFanout = queryOne<EventRow>(
    db,
    `SELECT e.seq AS eventSeq, e.workspace_seq AS workspaceSeq, e.ordering_key AS orderingKey
     FROM workspaces w JOIN events e ON e.workspace_seq = w.seq
     WHERE w.id = ? AND e.event_id = ? AND e.fanout_cursor IS NOT NULL`,
  );
  const moveCursor = command(db, 'UPDATE events SET fanout_cursor = ?2 WHERE seq = ?1');
  // By deliveries_of_event: once per cut fan-out.
  const complete = command(
    db,
    `UPDATE events
     SET fanout_cursor = NULL, delivery_count = (SELECT count(*) FROM deliveries WHERE event_seq = ?1)
     WHERE seq = ?1`,
  );
  // By the partial index events_in_fanout, which is empty nearly always.
  const listUnfinished = queryAll<UnfinishedFanout>(
    db,
    `SELECT w.id AS workspaceId, e.event_id AS eventId, e.event_type AS eventType,
            e.fanout_cursor AS fanoutCursor, e.matched_version AS matchedVersion
     FROM events e JOIN workspaces w ON w.seq = e.workspace_seq
     WHERE e.fanout_cursor IS NOT NULL ORDER BY e.seq LIMIT ?`,
  );
  const findBody = queryOne<{ body: Uint8Array | null }>(
    db,
    `SELECT iif(e.erased_at IS NULL, e.body, NULL) AS body FROM workspaces w JOIN events e ON e.workspace_seq = w.seq
     WHERE w.id = ? AND e.event_id = ?`,
  );

  return {
    continueFanout(epoch: number, chunk: FanoutChunk, takeLanes: boolean, now: number): LaneStanding[] {
      const { workspaceId, eventId } = chunk;
      const found = findInFanout.get(workspaceId, eventId);
      if (found === undefined) throw new Error(`The event ${eventId} has no unfinished fan-out.`);
      const lanes = startLaneUpkeep(epoch, takeLanes, now);
      insertDeliveries({ ...found, workspaceId, eventId }, chunk.deliveries, lanes, now);
      if (chunk.fanoutCursor === null) complete.run(found.eventSeq);
      else moveCursor.run(found.eventSeq, chunk.fanoutCursor);
      return lanes.standings();
    },

    listUnfinishedFanouts(limit: number): UnfinishedFanout[] {
      return listUnfinished.all(limit);
    },

    loadBodies(keys: readonly EventKey[]): LoadedBody[] {
      return keys.flatMap(({ workspaceId, eventId }) => {
        const found = findBody.get(workspaceId, eventId);
        return found === undefined ? [] : [{ workspaceId, eventId, body: found.body }];
      });
    },
  };
}
