import type { ComparedEvent } from '../same-event.ts';
import { compareWithStored } from '../same-event.ts';
import type { EventCommit, NewEvent } from '../contract/events.ts';
import { bigintArray, byteaArray, textArray } from './binary-array.ts';
import { statement } from './database.ts';
import type { DeliveriesOfEvent } from './delivery-rows.ts';
import type { Transaction } from './transaction.ts';

interface Claimed {
  seq: number;
  /** It was matched at its workspace's version; null when there is no such workspace. */
  isCurrent: boolean | null;
  /** The id is this transaction's: the event is new. */
  isNew: boolean;
  /** The idempotency key is this transaction's. */
  hasKey: boolean;
}

interface StoredRow extends ComparedEvent {
  /** Of the array asked about, from 0. */
  n: number;
  /** Found by its idempotency key; else by its id. */
  byKey: boolean;
}

/** One event of a call. */
interface Item {
  event: NewEvent;
  /** It must not be stored; it may be a duplicate all the same. */
  isStale: boolean;
  /** Undefined until it is decided. */
  commit?: EventCommit;
  /** Its idempotency key was inserted for it by this transaction. */
  hasKey?: boolean;
}

/** What a call did about its events. */
export interface StoredEvents {
  /** One per event, in order. */
  commits: EventCommit[];
  /** Those that are new, whose deliveries are to be inserted. */
  stored: DeliveriesOfEvent[];
}

// That an event is new is found by inserting: first all keys, in order, then the ids of those whose key was free, in
// order; so two intakes of the same events wait for one another, and never each for the other. (The second insert sorts
// its rows, for which it must have asked for all that the first one returned.) What another transaction is inserting is
// waited for.
//
// What was matched at another version than the workspace's is left alone. The version is read within the transaction,
// which is all that is promised: a subscription whose creation was answered before an event was published is in what
// the event was matched with, or the match is stale.
const claim = statement(`
WITH given AS MATERIALIZED (
  SELECT nextval('velahook.seq') AS seq, *
  FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
    WITH ORDINALITY AS given (workspace_id, event_id, key, version, n)),
input AS MATERIALIZED (
  SELECT given.*, coalesce(given.version, w.subscription_version) = w.subscription_version AS is_current
  FROM given LEFT JOIN velahook.workspaces w ON w.id = given.workspace_id AND w.deleted_at IS NULL),
keyed AS (
  INSERT INTO velahook.idempotency_keys (workspace_id, key, event_id, created_at)
  SELECT workspace_id, key, event_id, $5 FROM input WHERE is_current AND key IS NOT NULL ORDER BY workspace_id, key
  ON CONFLICT DO NOTHING RETURNING workspace_id, event_id),
named AS (
  INSERT INTO velahook.event_ids (workspace_id, event_id, created_at, seq)
  SELECT workspace_id, event_id, $5, seq FROM input
  WHERE is_current AND (key IS NULL OR (workspace_id, event_id) IN (SELECT workspace_id, event_id FROM keyed))
  ORDER BY workspace_id, event_id
  ON CONFLICT DO NOTHING RETURNING workspace_id, event_id)
SELECT seq, is_current AS "isCurrent", named.event_id IS NOT NULL AS "isNew", keyed.event_id IS NOT NULL AS "hasKey"
FROM input LEFT JOIN named USING (workspace_id, event_id) LEFT JOIN keyed USING (workspace_id, event_id)
ORDER BY n`);

const insertEvents = statement(`
INSERT INTO velahook.events
  (workspace_id, event_id, seq, created_at, origin, event_type, timestamp, ordering_key, delivery_count, data_bytes, body,
   filtered_out)
SELECT workspace_id, event_id, seq, $1, origin, event_type, timestamp, ordering_key, delivery_count, data_bytes, body,
       filtered_out
FROM unnest($2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[],
            $10::bigint[], $11::bytea[], $12::text[])
  AS new (workspace_id, event_id, seq, origin, event_type, timestamp, ordering_key, delivery_count, data_bytes, body,
          filtered_out)`);

const insertFanouts = statement(`
INSERT INTO velahook.fanouts (workspace_id, event_id, seq, event_type, created_at, cursor, matched_version)
SELECT workspace_id, event_id, seq, event_type, $1, cursor, matched_version
FROM unnest($2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::bigint[])
  AS cut (workspace_id, event_id, seq, event_type, cursor, matched_version)`);

// By three primary keys; of the partitions only that of the event's day. Locked, so that retention does not remove what an
// idempotency key is about to stand for.
const findStored = statement(`
SELECT given.n::int - 1 AS n, k.event_id IS NOT NULL AS "byKey", e.event_id AS "eventId", e.event_type AS "eventType",
       e.timestamp, e.ordering_key AS "orderingKey", e.delivery_count AS "deliveryCount", 
       coalesce(e.erased_data_bytes, e.data_bytes) AS "dataBytes", e.erased_at AS "erasedAt", e.body
FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS given (workspace_id, event_id, key, n)
LEFT JOIN velahook.idempotency_keys k ON k.workspace_id = given.workspace_id AND k.key = given.key
JOIN velahook.event_ids i
  ON i.workspace_id = given.workspace_id AND i.event_id = coalesce(k.event_id, given.event_id)
JOIN velahook.events e ON e.created_at = i.created_at AND e.seq = i.seq
FOR KEY SHARE OF i`);

const insertKey = statement(`
INSERT INTO velahook.idempotency_keys (workspace_id, key, event_id, created_at) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING`);

const deleteKey = statement('DELETE FROM velahook.idempotency_keys WHERE workspace_id = $1 AND key = $2');

/**
 * Stores events and their keys, but not their deliveries, and says of each what it is. One that was matched at another
 * version than its workspace has is not stored; it may be a duplicate all the same.
 *
 * Of events with the same id or key in one call the first is claimed, and the others are looked up after it. In nearly
 * every call there are none, and two statements are all: the first is asked at once, the second is sent.
 */
export async function storeEvents(
  session: Transaction,
  events: readonly NewEvent[],
  now: number,
): Promise<StoredEvents> {
  const items = events.map((event): Item => ({ event, isStale: false }));
  const stored: DeliveriesOfEvent[] = [];
  let rest = items;
  while (rest.length > 0) {
    const claimable = firstOfEachName(rest);
    stored.push(...(await storeNew(session, claimable, now)));
    // What is neither new nor decided was stored before; a key that was claimed for it may have to go first.
    const claimed = claimable.filter(({ isStale }) => !isStale);
    await lookUp(session, undecided(claimed), now);
    const others = undecided(rest);
    await lookUp(session, others, now);
    for (const item of undecided(others)) if (item.isStale) item.commit = { outcome: 'stale' };
    rest = undecided(others);
  }
  const commits = items.flatMap(({ commit }) => commit ?? []);
  return { commits, stored };
}

function undecided(items: readonly Item[]): Item[] {
  return items.filter(({ commit }) => commit === undefined);
}

/** Those that may be stored, without two that have an id or a key in common. */
function firstOfEachName(items: readonly Item[]): Item[] {
  const taken = new Set<string>();
  return items.filter(({ event, isStale }) => {
    const { workspaceId, eventId, idempotencyKey } = event;
    const names = [`id ${workspaceId} ${eventId}`];
    if (idempotencyKey !== null) names.push(`key ${workspaceId} ${idempotencyKey}`);
    if (isStale || names.some((name) => taken.has(name))) return false;
    for (const name of names) taken.add(name);
    return true;
  });
}

async function storeNew(
  session: Transaction,
  items: readonly Item[],
  now: number,
): Promise<DeliveriesOfEvent[]> {
  if (items.length === 0) return [];
  const versions = bigintArray(items.map(({ event }) => event.subscriptionVersion));
  const claims = await session.rows<Claimed>(claim, [...namesOf(items), versions, now]);
  const stored: { event: NewEvent; seq: number }[] = [];
  claims.forEach(({ seq, isCurrent, isNew, hasKey }, i) => {
    const item = items[i];
    if (item === undefined) return;
    if (isCurrent === null) item.commit = { outcome: 'no_workspace' };
    item.isStale = isCurrent === false;
    if (isCurrent !== true) return;
    item.hasKey = hasKey;
    if (!isNew) return;
    item.commit = { outcome: 'stored' };
    stored.push({ event: item.event, seq });
  });
  if (stored.length > 0) session.send(insertEvents, [now, ...columns(stored)]);
  const cut = stored.filter(({ event }) => event.fanoutCursor !== null);
  if (cut.length > 0) session.send(insertFanouts, [now, ...fanoutColumns(cut)]);
  return stored.map(({ event, seq }) => ({ ...event, seq, createdAt: now }));
}

/** Compares events with those that were stored before them; where there is none, the event stays undecided. */
async function lookUp(session: Transaction, items: readonly Item[], now: number): Promise<void> {
  if (items.length === 0) return;
  for (const { n, byKey, ...found } of await session.rows<StoredRow>(findStored, namesOf(items))) {
    const item = items[n];
    if (item === undefined) continue;
    const { workspaceId, idempotencyKey: key } = item.event;
    item.commit = compareWithStored(item.event, found);
    const isDuplicate = item.commit.outcome === 'duplicate';
    // Who sent an id and a key may send the key alone next time; a conflict leaves nothing behind.
    if (isDuplicate && key !== null && !byKey)
      session.send(insertKey, [workspaceId, key, found.eventId, now]);
    if (!isDuplicate && item.hasKey) session.send(deleteKey, [workspaceId, key]);
  }
  const lost = items.find(({ commit, hasKey }) => commit === undefined && hasKey !== undefined);
  if (lost !== undefined) throw new Error(`The event ${lost.event.eventId} is neither new nor stored.`);
}

function namesOf(items: readonly Item[]): Buffer[] {
  return [
    textArray(items.map(({ event }) => event.workspaceId)),
    textArray(items.map(({ event }) => event.eventId)),
    textArray(items.map(({ event }) => event.idempotencyKey)),
  ];
}

function columns(stored: readonly { event: NewEvent; seq: number }[]): Buffer[] {
  const text = (of: (event: NewEvent) => string | null): Buffer =>
    textArray(stored.map(({ event }) => of(event)));
  return [
    text((event) => event.workspaceId),
    text((event) => event.eventId),
    bigintArray(stored.map(({ seq }) => seq)),
    text((event) => event.origin),
    text((event) => event.eventType),
    text((event) => event.timestamp),
    text((event) => event.orderingKey),
    bigintArray(stored.map(({ event }) => event.deliveryCount)),
    bigintArray(stored.map(({ event }) => event.dataBytes)),
    byteaArray(stored.map(({ event }) => event.body)),
    text(({ filteredOut }) => filteredOut && JSON.stringify(filteredOut)),
  ];
}

function fanoutColumns(cut: readonly { event: NewEvent; seq: number }[]): Buffer[] {
  const text = (of: (event: NewEvent) => string | null): Buffer =>
    textArray(cut.map(({ event }) => of(event)));
  return [
    text((event) => event.workspaceId),
    text((event) => event.eventId),
    bigintArray(cut.map(({ seq }) => seq)),
    text((event) => event.eventType),
    text((event) => event.fanoutCursor),
    bigintArray(cut.map(({ event }) => event.matchedVersion ?? null)),
  ];
}
