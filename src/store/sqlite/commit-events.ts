import type { DatabaseSync } from 'node:sqlite';
import type { ComparedEvent } from '../same-event.ts';
import { compareWithStored } from '../same-event.ts';
import type { CommitResult, EventCommit, NewEvent } from '../contract/events.ts';
import type { InsertDeliveries } from './insert-deliveries.ts';
import type { LaneUpkeep, StartLaneUpkeep } from './lane-upkeep.ts';
import type { Space } from './space.ts';
import { command, queryOne } from './statement.ts';
import type { WorkspaceRow, Workspaces } from './workspaces.ts';

interface StoredRow extends ComparedEvent {
  seq: number;
}

const STORED_EVENT = `e.seq, e.event_id AS eventId, e.event_type AS eventType, e.timestamp, e.ordering_key AS orderingKey,
  e.delivery_count AS deliveryCount, coalesce(e.erased_data_bytes, e.data_bytes) AS dataBytes,
  e.erased_at AS erasedAt, e.body`;

/**
 * Stages 1 and 2, the part on disk: an event, its idempotency key, its deliveries and their lanes.
 *
 * A new event costs one look-up of its workspace and one insert with two index entries: that its id is new is found
 * by inserting it. Only a duplicate is read. The transaction is the group's; there is no other writer, so nothing
 * is locked and nothing can change between the checks and the inserts.
 */
export function createCommitEvents(
  db: DatabaseSync,
  workspaces: Workspaces,
  space: Space,
  startLaneUpkeep: StartLaneUpkeep,
  insertDeliveries: InsertDeliveries,
) {
  const findById = queryOne<StoredRow>(
    db,
    `SELECT ${STORED_EVENT} FROM events e WHERE e.workspace_seq = ? AND e.event_id = ?`,
  );
  const findByKey = queryOne<StoredRow>(
    db,
    `SELECT ${STORED_EVENT} FROM idempotency_keys k JOIN events e ON e.seq = k.event_seq
     WHERE k.workspace_seq = ? AND k.key = ?`,
  );
  const insertEvent = command(
    db,
    `INSERT INTO events (workspace_seq, event_id, origin, event_type, timestamp, ordering_key, created_at,
                         delivery_count, fanout_cursor, matched_version, data_bytes, body, filtered_out)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (workspace_seq, event_id) DO NOTHING`,
  );
  const insertKey = command(
    db,
    'INSERT INTO idempotency_keys (workspace_seq, key, event_seq, created_at) VALUES (?, ?, ?, ?)',
  );

  /** An event that was stored before under the same id; its key, if it has one, is unknown. */
  const again = (event: NewEvent, stored: StoredRow, workspace: WorkspaceRow, now: number): EventCommit => {
    const commit = compareWithStored(event, stored);
    // Who sent both may send the key alone next time.
    if (commit.outcome === 'duplicate' && event.idempotencyKey !== null)
      insertKey.run(workspace.seq, event.idempotencyKey, stored.seq, now);
    return commit;
  };

  const storeEvent = (event: NewEvent, lanes: LaneUpkeep, now: number): EventCommit => {
    const workspace = workspaces.findLive(event.workspaceId);
    if (workspace === undefined) return { outcome: 'no_workspace' };
    const { eventId, idempotencyKey } = event;
    const keyed = idempotencyKey === null ? undefined : findByKey.get(workspace.seq, idempotencyKey);
    if (keyed !== undefined) return compareWithStored(event, keyed);
    if (isStale(event, workspace)) {
      const stored = findById.get(workspace.seq, eventId);
      return stored === undefined ? { outcome: 'stale' } : again(event, stored, workspace, now);
    }
    const { eventType, timestamp, orderingKey, deliveryCount, fanoutCursor, dataBytes, body, filteredOut } =
      event;
    const header = [workspace.seq, eventId, event.origin, eventType, timestamp, orderingKey, now] as const;
    const inserted = insertEvent.run(
      ...header,
      deliveryCount,
      fanoutCursor,
      // Of interest only while there is something left to be matched.
      fanoutCursor === null ? null : (event.matchedVersion ?? null),
      dataBytes,
      body,
      filteredOut && JSON.stringify(filteredOut),
    );
    if (inserted.changes === 0) {
      const stored = findById.get(workspace.seq, eventId);
      if (stored === undefined) throw new Error(`The event ${eventId} is neither new nor stored.`);
      return again(event, stored, workspace, now);
    }
    const eventSeq = Number(inserted.lastInsertRowid);
    if (idempotencyKey !== null) insertKey.run(workspace.seq, idempotencyKey, eventSeq, now);
    const row = {
      eventSeq,
      workspaceSeq: workspace.seq,
      eventId,
      workspaceId: event.workspaceId,
      orderingKey,
    };
    insertDeliveries(row, event.deliveries, lanes, now);
    return { outcome: 'stored' };
  };

  return (epoch: number, events: readonly NewEvent[], takeLanes: boolean, now: number): CommitResult => {
    space.refuseIntakeWhenFull();
    const lanes = startLaneUpkeep(epoch, takeLanes, now);
    const results = events.map((event) => storeEvent(event, lanes, now));
    return { events: results, lanes: lanes.standings() };
  };
}

function isStale(event: NewEvent, workspace: WorkspaceRow): boolean {
  return event.subscriptionVersion !== null && event.subscriptionVersion !== workspace.subscriptionVersion;
}
