import type { EventKey, EventStore, FanoutChunk, LoadedBody, UnfinishedFanout } from '../contract/events.ts';
import { statement } from './database.ts';
import { insertDeliveries } from './insert-deliveries.ts';
import type { KeptLanes } from './lane-upkeep.ts';
import { keepLanes, readTargets, tellOthers } from './lane-upkeep.ts';
import { isLiveForShare } from './node-lease.ts';
import type { StoreParts } from './parts.ts';
import type { Transaction } from './transaction.ts';

interface FanoutRow {
  seq: number;
  eventType: string;
  createdAt: number;
  cursor: string;
  orderingKey: null;
}

// Locked: of two nodes that go on with the same event, the second waits and then sees where the first one got.
const holdFanout = statement(`
SELECT seq, event_type AS "eventType", created_at AS "createdAt", cursor, NULL AS "orderingKey"
FROM velahook.fanouts WHERE workspace_id = $1 AND event_id = $2 FOR UPDATE`);

const moveCursor = statement(
  'UPDATE velahook.fanouts SET cursor = $3 WHERE workspace_id = $1 AND event_id = $2',
);

const removeFanout = statement('DELETE FROM velahook.fanouts WHERE workspace_id = $1 AND event_id = $2');

// Once per cut fan-out, by pending_of_event and finished_of_event; the event by primary key.
const countDeliveries = statement(`
UPDATE velahook.events SET delivery_count =
  (SELECT count(*) FROM velahook.pending_deliveries WHERE workspace_id = $3 AND event_id = $4) +
  (SELECT count(*) FROM velahook.finished_deliveries WHERE workspace_id = $3 AND event_id = $4)
WHERE created_at = $1 AND seq = $2`);

// The table is empty nearly always.
const listUnfinished = statement(`
SELECT workspace_id AS "workspaceId", event_id AS "eventId", event_type AS "eventType",
       cursor AS "fanoutCursor", matched_version AS "matchedVersion"
FROM velahook.fanouts ORDER BY seq LIMIT $1`);

// By two primary keys; of the partitions only those of the events' days.
const findBodies = statement(`
SELECT i.workspace_id AS "workspaceId", i.event_id AS "eventId",
       CASE WHEN e.erased_at IS NULL THEN e.body END AS body
FROM unnest($1::text[], $2::text[]) AS wanted (workspace_id, event_id)
JOIN velahook.event_ids i ON i.workspace_id = wanted.workspace_id AND i.event_id = wanted.event_id
JOIN velahook.events e ON e.created_at = i.created_at AND e.seq = i.seq`);

/** The rest of `EventStore`: cut fan-outs, and bodies. */
export function fanoutCalls({
  database,
  writes,
  signals,
}: StoreParts): Pick<EventStore, 'continueFanout' | 'listUnfinishedFanouts' | 'loadBodies'> {
  return {
    async continueFanout(epoch, chunk, takeLanes, at) {
      const now = Math.round(at);
      const shared = chunk.deliveries.map(({ subscriptionId }) => subscriptionId);
      const kept = await writes.write((session) => addChunk(session, epoch, chunk, takeLanes, now), {
        shared,
      });
      tellOthers(signals, kept);
      return kept.standings;
    },

    listUnfinishedFanouts: (limit) => database.rows<UnfinishedFanout>(listUnfinished, [limit]),

    async loadBodies(keys) {
      const workspaceIds = keys.map(({ workspaceId }) => workspaceId);
      const eventIds = keys.map(({ eventId }) => eventId);
      const rows = await database.rows<EventKey & { body: Buffer | null }>(findBodies, [
        workspaceIds,
        eventIds,
      ]);
      return rows.map(({ body, ...key }): LoadedBody => ({ ...key, body: body && bytesOf(body) }));
    },
  };
}

async function addChunk(
  session: Transaction,
  epoch: number,
  { workspaceId, eventId, deliveries, fanoutCursor }: FanoutChunk,
  takeLanes: boolean,
  now: number,
): Promise<KeptLanes> {
  const [isLive, [fanout]] = await Promise.all([
    isLiveForShare(session, epoch),
    session.rows<FanoutRow>(holdFanout, [workspaceId, eventId]),
  ]);
  if (fanout === undefined) throw new Error(`The event ${eventId} has no unfinished fan-out.`);
  const { cursor, ...event } = fanout;
  // Another node has made this chunk: it goes on with it, or upkeep does from where it is.
  if (deliveries.some(({ subscriptionId }) => subscriptionId <= cursor))
    throw new Error(`The fan-out of the event ${eventId} has gone on elsewhere.`);
  const targets = await readTargets(
    session,
    deliveries.map(({ subscriptionId }) => subscriptionId),
  );
  const { targets: withWork } = await insertDeliveries(
    session,
    [{ ...event, workspaceId, eventId, deliveries }],
    targets,
    now,
  );
  const kept = await keepLanes(session, { epoch, isLive, takeLanes, now }, withWork);
  if (fanoutCursor !== null) {
    session.send(moveCursor, [workspaceId, eventId, fanoutCursor]);
  } else {
    session.send(removeFanout, [workspaceId, eventId]);
    session.send(countDeliveries, [event.createdAt, event.seq, workspaceId, eventId]);
  }
  return kept;
}

/** Not the driver's `Buffer`: all stores answer the same. */
function bytesOf(body: Buffer): Uint8Array {
  return new Uint8Array(body.buffer, body.byteOffset, body.length);
}
