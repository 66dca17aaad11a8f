import { ERASED_DATA } from '../../domain/event.ts';
import type { ErasedEvent, ErasureStep, FoundEvent } from '../contract/erasures.ts';
import type { CancelledDelivery } from '../contract/replays.ts';
import { bigintArray, byteaArray, textArray } from './binary-array.ts';
import { cancelPending } from './cancel-delivery.ts';
import type { Session } from './database.ts';
import { statement } from './database.ts';
import { CLOCKS_APART_MS } from './shown-state.ts';

// By pending_of_event.
const findLanes = statement(`
SELECT DISTINCT subscription_id AS "subscriptionId" FROM velahook.pending_deliveries
WHERE workspace_id = $1 AND event_id = ANY ($2::text[])`);
// In order, as whoever makes deliveries of stored events locks them: none is made meanwhile, and whoever waits to make
// one finds the event erased. Of an event that retention has come to, and whose day is still there, nobody makes any.
const lockEvents = statement(`
SELECT FROM velahook.event_ids
WHERE workspace_id = $1 AND event_id = ANY ($2::text[]) ORDER BY event_id FOR NO KEY UPDATE`);
// A chunk that is being added is waited for.
const lockFanouts = statement(`
SELECT FROM velahook.fanouts WHERE workspace_id = $1 AND event_id = ANY ($2::text[]) ORDER BY event_id FOR UPDATE`);
const removeFanouts = statement(
  'DELETE FROM velahook.fanouts WHERE workspace_id = $1 AND event_id = ANY ($2::text[])',
);
const listPending = statement(`
SELECT id, subscription_id AS "subscriptionId", event_id AS "eventId" FROM velahook.pending_deliveries
WHERE workspace_id = $1 AND event_id = ANY ($2::text[]) ORDER BY id`);
const erase = statement(`
UPDATE velahook.events e
SET body = given.body, erased_at = $5, erased_data_bytes = e.data_bytes, data_bytes = ${ERASED_DATA.length}
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bytea[]) AS given (event_id, created_at, seq, body)
WHERE e.created_at = given.created_at AND e.seq = given.seq AND e.workspace_id = $6 AND e.event_id = given.event_id
  AND e.erased_at IS NULL
RETURNING e.event_id AS "eventId"`);
// By finished_of_event, in the days since the first event; locked in order of the ids, after the pending ones, as whoever
// records attempts does. An attempt that is being recorded of one of them is waited for, and then seen by the next
// statement; one that is recorded later finds the event erased.
const lockFinished = statement(`
SELECT id, created_at AS "createdAt" FROM velahook.finished_deliveries
WHERE workspace_id = $1 AND event_id = ANY ($2::text[]) AND created_at >= $3 ORDER BY id FOR UPDATE`);
// By primary key, of the day of each.
const clearResponses = statement(`
UPDATE velahook.attempts a SET response_body = NULL, response_headers = NULL
FROM unnest($1::text[], $2::bigint[]) AS given (delivery_id, created_at)
WHERE a.delivery_id = given.delivery_id AND a.delivery_created_at = given.created_at
  AND (a.response_body IS NOT NULL OR a.response_headers IS NOT NULL)`);

type PendingOfEvent = Pick<CancelledDelivery, 'id' | 'subscriptionId' | 'eventId'>;

/** What was erased of what was found. */
export interface Erased {
  /** Those that were dealt with: all, or those before one that has got a delivery since in a lane that is not locked. */
  done: readonly FoundEvent[];
  erased: ErasedEvent[];
  /** To be told after the commit. */
  owners: number[];
}

/** The subscriptions whose lanes have pending deliveries of what was found, to be locked before the step. */
export async function lanesOf(session: Session, { workspaceId, found }: ErasureStep): Promise<string[]> {
  if (found.length === 0) return [];
  const rows = await session.rows<{ subscriptionId: string }>(findLanes, [workspaceId, idsOf(found)]);
  return rows.map(({ subscriptionId }) => subscriptionId);
}

/**
 * Erases events, with whatever is pending of them, in nine statements however many they are. The caller holds the
 * exclusive locks of the `lanes`.
 *
 * Locks: the events in order of their ids; their fan-outs; their pending deliveries, then those that have ended, each in
 * order of their ids.
 */
export async function eraseEvents(
  session: Session,
  workspaceId: string,
  found: readonly FoundEvent[],
  lanes: readonly string[],
  now: number,
): Promise<Erased> {
  if (found.length === 0) return { done: found, erased: [], owners: [] };
  await session.rows(lockEvents, [workspaceId, idsOf(found)]);
  await session.rows(lockFanouts, [workspaceId, idsOf(found)]);
  const pending = await session.rows<PendingOfEvent>(listPending, [workspaceId, idsOf(found)]);
  const done = beforeAnyOf(found, pending, new Set(lanes));
  if (done.length === 0) return { done, erased: [], owners: [] };
  const ids = new Set(done.map(({ eventId }) => eventId));
  const unsent = pending.filter(({ eventId }) => ids.has(eventId)).map(({ id }) => id);
  const cancelled = await cancelPending(session, unsent, now, 'erased');
  const eventIds = idsOf(done);
  const times = bigintArray(done.map(({ at }) => at.createdAt));
  const since = Math.min(...done.map(({ at }) => at.createdAt)) - CLOCKS_APART_MS;
  const ended = await session.rows<{ id: string; createdAt: number }>(lockFinished, [
    workspaceId,
    eventIds,
    since,
  ]);
  await session.run(clearResponses, [
    textArray(ended.map(({ id }) => id)),
    bigintArray(ended.map(({ createdAt }) => createdAt)),
  ]);
  const seqs = bigintArray(done.map(({ at }) => at.seq));
  const bodies = byteaArray(done.map(({ erasedBody }) => erasedBody));
  const rows = await session.rows<{ eventId: string }>(erase, [
    eventIds,
    times,
    seqs,
    bodies,
    now,
    workspaceId,
  ]);
  await session.run(removeFanouts, [workspaceId, eventIds]);
  const isErased = new Set(rows.map(({ eventId }) => eventId));
  const cancelledOf = Map.groupBy(cancelled.deliveries, ({ eventId }) => eventId);
  const erased = done
    .filter(({ eventId }) => isErased.has(eventId))
    .map(({ eventId, eventType }) => ({ eventId, eventType, cancelled: cancelledOf.get(eventId) ?? [] }));
  return { done, erased, owners: cancelled.owners };
}

/** The events before the first one that has a delivery in another lane: it came to it since the lanes were looked for. */
function beforeAnyOf(
  found: readonly FoundEvent[],
  pending: readonly { eventId: string; subscriptionId: string }[],
  lanes: ReadonlySet<string>,
): readonly FoundEvent[] {
  const later = new Set(
    pending.filter(({ subscriptionId }) => !lanes.has(subscriptionId)).map(({ eventId }) => eventId),
  );
  const first = found.findIndex(({ eventId }) => later.has(eventId));
  return first === -1 ? found : found.slice(0, first);
}

function idsOf(events: readonly FoundEvent[]): Buffer {
  return textArray(events.map(({ eventId }) => eventId));
}
