import { DAY_MS, KEY_KEPT_MS } from '../../domain/retention.ts';
import type { RetentionStore } from '../contract/retention.ts';
import type { Database, Session } from './database.ts';
import { statement, unprepared } from './database.ts';
import { isNotNow, shapeHistory } from './history-lock.ts';
import type { StoreParts } from './parts.ts';
import type { DailyTable, Partition } from './partitions.ts';
import { DAILY_TABLES, listPartitions, makePartitions, startOfDay } from './partitions.ts';
import { CLOCKS_APART_MS } from './shown-state.ts';
import { createWorkspaceRetention } from './workspace-retention.ts';

/** Rows that one statement removes: some tens of milliseconds, in which vacuum and the other writers keep up. */
const ROWS_PER_CALL = 2_000;

// The database's clock has a say: one node's that jumped a year ahead must not cost everybody's history. Pending deliveries
// by pending_by_day; there are hardly any fan-outs.
const readLimits = statement(`
SELECT least($1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint) AS now,
  least((SELECT min(event_created_at) FROM velahook.pending_deliveries),
        (SELECT min(created_at) FROM velahook.fanouts)) AS "oldestWork"`);

// By event_ids_by_time, the oldest first, with a look into idempotency_keys_of_event for each. Locked, so that whoever is
// about to make a delivery of one of them (and has locked it for that) is either seen by what is read next, or finds it
// gone.
//
// `OFFSET 0` keeps the planner from making a join of the looks, for which it may read all keys there are for each chunk.
// Where workspaces use the same ids it expects nearly every id to have a young key, so that LIMIT would spare nothing: of
// 600,000 ids in 1,000 workspaces a chunk took 1 to 3 s instead of 20 ms, and beyond `STATEMENT_MS_MAX` of
// `history-lock.ts` nothing goes any more. In small databases it does so, too, where hardly any key is young.
const lockIds = statement(`
SELECT workspace_id AS "workspaceId", event_id AS "eventId" FROM velahook.event_ids i
WHERE created_at < $1 AND NOT EXISTS (
  SELECT FROM velahook.idempotency_keys k
  WHERE k.workspace_id = i.workspace_id AND k.event_id = i.event_id AND k.created_at > $2 OFFSET 0)
ORDER BY created_at LIMIT ${ROWS_PER_CALL} FOR UPDATE SKIP LOCKED`);
const deleteIds = statement(`
WITH gone AS (
  DELETE FROM velahook.event_ids i USING unnest($1::text[], $2::text[]) AS old (workspace_id, event_id)
  WHERE i.workspace_id = old.workspace_id AND i.event_id = old.event_id AND i.created_at < $3
  RETURNING i.workspace_id, i.event_id)
DELETE FROM velahook.idempotency_keys k USING gone
WHERE k.workspace_id = gone.workspace_id AND k.event_id = gone.event_id`);
// By event_ids_by_time.
const findOldestId = statement('SELECT min(created_at) AS oldest FROM velahook.event_ids');

// What was kept for listeners who did not come back. By streams_by_listened and primary key.
const removeStreamItems = statement(`
DELETE FROM velahook.stream_items WHERE ctid = ANY (ARRAY(
  SELECT i.ctid FROM velahook.streams s JOIN velahook.stream_items i USING (workspace_id)
  WHERE s.listened_until < $1 LIMIT ${ROWS_PER_CALL}))`);

/**
 * Removes history by days, the oldest first. Each event's id is the key to it: first ids go, with the idempotency keys that
 * stand for them, in chunks; then, when a day has none left, its events by dropping their partition, in a moment whatever
 * their number. Finished deliveries and attempts go by day alone.
 *
 * Nothing goes that is as old as the event of an unfinished delivery, or older work would lose what it refers to: one
 * limit for all, found anew under the lock that each removal needs.
 *
 * Workspaces that keep theirs for fewer days have it removed by rows: `workspace-retention.ts`.
 */
export function retentionCalls({ database }: StoreParts): RetentionStore {
  const removeEarly = createWorkspaceRetention(database);
  return {
    async keepHistory(now, retentionDays) {
      await makePartitions(database, now);
      if ((await database.run(removeStreamItems, [Math.round(now)])) === ROWS_PER_CALL) return true;
      if (await removeIds(database, now, retentionDays)) return true;
      if (await dropDay(database, now, retentionDays)) return true;
      if (await removeStrays(database, now, retentionDays)) return true;
      return removeEarly(now, retentionDays);
    },
  };
}

interface Limits {
  /** What is older may go. */
  before: number;
  /** Idempotency keys younger than this keep their event. */
  youngKeys: number;
}

async function limitsOf(session: Session, now: number, retentionDays: number): Promise<Limits> {
  const [read] = await session.rows<{ now: number; oldestWork: number | null }>(readLimits, [
    Math.round(now),
  ]);
  const today = read?.now ?? now;
  const work = (read?.oldestWork ?? Number.MAX_SAFE_INTEGER) - CLOCKS_APART_MS;
  const before = Math.min(today - retentionDays * DAY_MS, work);
  return { before: startOfDay(before), youngKeys: today - KEY_KEPT_MS };
}

/** Whether there may be more. */
async function removeIds(database: Database, now: number, retentionDays: number): Promise<boolean> {
  const removed = await shapeHistory(database, async (session) => {
    const { before, youngKeys } = await limitsOf(session, now, retentionDays);
    const ids = await session.rows<{ workspaceId: string; eventId: string }>(lockIds, [before, youngKeys]);
    if (ids.length === 0) return 0;
    const still = await limitsOf(session, now, retentionDays);
    await session.run(deleteIds, [
      ids.map(({ workspaceId }) => workspaceId),
      ids.map(({ eventId }) => eventId),
      still.before,
    ]);
    return ids.length;
  });
  return removed === ROWS_PER_CALL;
}

/** Drops the oldest partition that may go, and answers whether it did. */
async function dropDay(database: Database, now: number, retentionDays: number): Promise<boolean> {
  for (const partition of await listPartitions(database)) {
    const { before } = await limitsOf(database, now, retentionDays);
    if (partition.from + DAY_MS > before) return false;
    try {
      const dropped = await shapeHistory(database, (session) =>
        dropPartition(session, partition, now, retentionDays),
      );
      if (dropped !== false) return dropped === true;
    } catch (error) {
      if (!isNotNow(error)) throw error;
      // Somebody reads it, for longer than anybody may be kept waiting: the next round tries again.
      return false;
    }
  }
  return false;
}

/** Under a lock that keeps everybody out of the whole table: what is read now stays as it is until the partition is gone. */
async function dropPartition(
  session: Session,
  { daily, name, from }: Partition,
  now: number,
  retentionDays: number,
): Promise<boolean> {
  const end = from + DAY_MS;
  if (!(await areIdsGone(session, daily, end))) return false;
  await session.run(unprepared(`LOCK TABLE velahook.${daily.table} IN ACCESS EXCLUSIVE MODE`));
  const { before } = await limitsOf(session, now, retentionDays);
  if (end > before || !(await areIdsGone(session, daily, end))) return false;
  await session.run(unprepared(`DROP TABLE IF EXISTS velahook.${name}`));
  return true;
}

async function areIdsGone(session: Session, { table }: DailyTable, end: number): Promise<boolean> {
  if (table !== 'events') return true;
  const [ids] = await session.rows<{ oldest: number | null }>(findOldestId);
  return (ids?.oldest ?? end) >= end;
}

/**
 * What lies in the default partitions, by a clock that was wrong or for lack of a day's own; and replays, of which there
 * are too few for partitions of their own. Whether there may be more.
 */
async function removeStrays(database: Database, now: number, retentionDays: number): Promise<boolean> {
  const removed = await shapeHistory(database, async (session) => {
    const { before } = await limitsOf(session, now, retentionDays);
    let most = 0;
    for (const daily of DAILY_TABLES) most = Math.max(most, await removeStraysOf(session, daily, before));
    for (const remove of [deleteReplayed, deleteReplays, deleteErasures])
      most = Math.max(most, await session.run(remove, [before]));
    return most;
  });
  return removed === ROWS_PER_CALL;
}

async function removeStraysOf(
  session: Session,
  { table, time }: DailyTable,
  before: number,
): Promise<number> {
  if (table === 'events') return session.run(deleteStrayEvents, [before]);
  return session.run(
    unprepared(`
DELETE FROM velahook.${table}_default WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM velahook.${table}_default WHERE ${time} < ${before} ORDER BY ${time} LIMIT ${ROWS_PER_CALL}))`),
  );
}

// One look into event_ids for each, by primary key; `OFFSET 0` as above.
const deleteStrayEvents = statement(`
DELETE FROM velahook.events_default WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM velahook.events_default e WHERE created_at < $1 AND NOT EXISTS (
    SELECT FROM velahook.event_ids i
    WHERE i.workspace_id = e.workspace_id AND i.event_id = e.event_id AND i.created_at = e.created_at
    OFFSET 0)
  ORDER BY created_at LIMIT ${ROWS_PER_CALL}))`);

// What stands beside deliveries that are gone, and jobs that have ended, by their indexes of time.
const deleteReplayed = statement(`
DELETE FROM velahook.replayed_deliveries WHERE delivery_id = ANY (ARRAY(
  SELECT delivery_id FROM velahook.replayed_deliveries WHERE created_at < $1 AND NOT is_open
  ORDER BY created_at LIMIT ${ROWS_PER_CALL}))`);
const deleteReplays = statement(`
DELETE FROM velahook.replays WHERE id = ANY (ARRAY(
  SELECT id FROM velahook.replays WHERE finished_at < $1 ORDER BY finished_at LIMIT ${ROWS_PER_CALL}))`);
const deleteErasures = statement(`
DELETE FROM velahook.erasures WHERE id = ANY (ARRAY(
  SELECT id FROM velahook.erasures WHERE finished_at < $1 ORDER BY finished_at LIMIT ${ROWS_PER_CALL}))`);
