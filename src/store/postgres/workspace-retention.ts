import { DAY_MS, KEY_KEPT_MS } from '../../domain/retention.ts';
import { bigintArray, textArray } from './binary-array.ts';
import type { Database, Session } from './database.ts';
import { statement } from './database.ts';
import { shapeHistory } from './history-lock.ts';
import { CLOCKS_APART_MS } from './shown-state.ts';

/** Events that one step looks at, and deliveries that it removes: some tens of milliseconds. */
const EVENTS_PER_STEP = 200;
const DELIVERIES_PER_STEP = 500;

interface Workspace {
  id: string;
  retentionDays: number;
}

interface OldEvent {
  eventId: string;
  createdAt: number;
  seq: number;
}

/** A place in a round: behind an event of a workspace. */
interface Position extends Workspace {
  createdAt: number;
  seq: number;
}

// As many workspaces as there are, once per round.
const nextWorkspace = statement(`
SELECT id, retention_days AS "retentionDays" FROM velahook.workspaces
WHERE id > $1 AND retention_days < $2 ORDER BY id LIMIT 1`);
// The database's clock has a say, as for everybody's history.
const readToday = statement(`
SELECT least($1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint) AS now`);
// By events_by_time, the oldest first.
const nextEvents = statement(`
SELECT event_id AS "eventId", created_at AS "createdAt", seq FROM velahook.events
WHERE workspace_id = $1 AND created_at < $2 AND (created_at, seq) > ($3, $4)
ORDER BY created_at, seq LIMIT ${EVENTS_PER_STEP}`);
// By finished_of_event, in the days since the event. What a replay made later has its own time.
const oldDeliveries = statement(`
SELECT f.id, f.created_at AS "createdAt"
FROM unnest($2::text[], $3::bigint[]) AS e (event_id, created_at) CROSS JOIN LATERAL (
  SELECT d.id, d.created_at FROM velahook.finished_deliveries d
  WHERE d.workspace_id = $1 AND d.event_id = e.event_id AND d.created_at >= e.created_at - ${CLOCKS_APART_MS}
    AND d.created_at < $4 LIMIT ${DELIVERIES_PER_STEP}) f
LIMIT ${DELIVERIES_PER_STEP}`);
// By primary keys: one look in the one partition of each.
const deleteDeliveries = statement(`
WITH given AS MATERIALIZED (SELECT * FROM unnest($1::text[], $2::bigint[]) AS given (id, created_at)),
  gone AS (DELETE FROM velahook.attempts a USING given
           WHERE a.delivery_id = given.id AND a.delivery_created_at = given.created_at)
DELETE FROM velahook.finished_deliveries f USING given WHERE f.id = given.id AND f.created_at = given.created_at`);
// Locked, so that whoever is about to make a delivery of one of them (and has locked it for that) is either seen by the
// next statement, or finds it gone.
const lockIds = statement(`
SELECT i.event_id AS "eventId" FROM velahook.event_ids i
WHERE i.workspace_id = $1 AND i.event_id = ANY ($2::text[])
ORDER BY i.event_id FOR UPDATE SKIP LOCKED`);
const deleteEvents = statement(`
WITH given AS MATERIALIZED (SELECT * FROM unnest($2::text[], $3::bigint[], $4::bigint[]) AS e (event_id, created_at, seq)
    WHERE NOT EXISTS (SELECT FROM velahook.pending_deliveries p WHERE p.workspace_id = $1 AND p.event_id = e.event_id)
      AND NOT EXISTS (SELECT FROM velahook.finished_deliveries f WHERE f.workspace_id = $1 AND f.event_id = e.event_id
                      AND f.created_at >= e.created_at - ${CLOCKS_APART_MS})
      AND NOT EXISTS (SELECT FROM velahook.fanouts o WHERE o.workspace_id = $1 AND o.event_id = e.event_id)
      AND NOT EXISTS (SELECT FROM velahook.idempotency_keys k
                      WHERE k.workspace_id = $1 AND k.event_id = e.event_id AND k.created_at > $5)),
  keys AS (DELETE FROM velahook.idempotency_keys k USING given
           WHERE k.workspace_id = $1 AND k.event_id = given.event_id),
  ids AS (DELETE FROM velahook.event_ids i USING given WHERE i.workspace_id = $1 AND i.event_id = given.event_id)
DELETE FROM velahook.events e USING given WHERE e.created_at = given.created_at AND e.seq = given.seq`);

/**
 * Goes round the workspaces that keep their history for fewer days than the installation, through the old events of
 * each: first an event's finished deliveries go, with their attempts, then, when none is left and nothing is pending, the
 * event itself, with its id and keys. Rows, since a day's partition is everybody's; a few at a time, so that vacuum and
 * the other writers keep up. Nothing is locked that delivery needs.
 *
 * Where a round stands is held in memory: another node, or a start, begins it anew. Answers whether the round goes on.
 */
export function createWorkspaceRetention(database: Database) {
  let last: Position | undefined;
  return async (now: number, retentionDays: number): Promise<boolean> => {
    const stepped = await shapeHistory(database, async (session) => {
      const position = last ?? (await startAfter(session, '', retentionDays));
      if (position === undefined) return { next: undefined };
      return { next: await step(session, position, now, retentionDays) };
    });
    // Another node is at it.
    if (stepped === undefined) return false;
    last = stepped.next;
    return last !== undefined;
  };
}

async function startAfter(session: Session, id: string, days: number): Promise<Position | undefined> {
  const [next] = await session.rows<Workspace>(nextWorkspace, [id, days]);
  return next && { ...next, createdAt: Number.MIN_SAFE_INTEGER, seq: 0 };
}

/** Where the round stands afterwards; undefined at its end. */
async function step(
  session: Session,
  position: Position,
  now: number,
  retentionDays: number,
): Promise<Position | undefined> {
  const { id } = position;
  const [today] = await session.rows<{ now: number }>(readToday, [Math.round(now)]);
  const before = (today?.now ?? now) - position.retentionDays * DAY_MS;
  const events = await session.rows<OldEvent>(nextEvents, [id, before, position.createdAt, position.seq]);
  if (events.length === 0) return startAfter(session, id, retentionDays);
  const times = bigintArray(events.map(({ createdAt }) => createdAt));
  const deliveries = await session.rows<{ id: string; createdAt: number }>(oldDeliveries, [
    id,
    textArray(events.map(({ eventId }) => eventId)),
    times,
    before,
  ]);
  if (deliveries.length > 0)
    await session.run(deleteDeliveries, [
      textArray(deliveries.map((delivery) => delivery.id)),
      bigintArray(deliveries.map(({ createdAt }) => createdAt)),
    ]);
  // There may be more of these events: the same again.
  if (deliveries.length === DELIVERIES_PER_STEP) return position;
  await removeEvents(session, id, events, (today?.now ?? now) - KEY_KEPT_MS);
  return { ...position, ...events.at(-1) };
}

async function removeEvents(
  session: Session,
  workspaceId: string,
  events: readonly OldEvent[],
  youngKeys: number,
): Promise<void> {
  const ids = events.map(({ eventId }) => eventId);
  const locked = await session.rows<{ eventId: string }>(lockIds, [workspaceId, textArray(ids)]);
  const isLocked = new Set(locked.map(({ eventId }) => eventId));
  const removed = events.filter(({ eventId }) => isLocked.has(eventId));
  if (removed.length === 0) return;
  await session.run(deleteEvents, [
    workspaceId,
    textArray(removed.map(({ eventId }) => eventId)),
    bigintArray(removed.map(({ createdAt }) => createdAt)),
    bigintArray(removed.map(({ seq }) => seq)),
    youngKeys,
  ]);
}
