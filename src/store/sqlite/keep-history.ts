import type { DatabaseSync } from 'node:sqlite';
import { DAY_MS, KEY_KEPT_MS } from '../../domain/retention.ts';
import { command, queryAll, queryOne } from './statement.ts';

/** Rows that one call removes or looks at: some 5 ms (20 µs for each, mostly index entries), which hold up the commits. */
const ROWS_PER_CALL = 250;

/** A place in a round. */
interface Position {
  workspaceSeq: number;
  /** Of the workspace, where it has chosen fewer days than the installation. */
  retentionDays: number | null;
  createdAt: number;
  seq: number;
}

interface OldEvent {
  createdAt: number;
  seq: number;
  /** Null once the fan-out is complete. */
  fanoutCursor: string | null;
}

/** Before the first event of the workspace after this one. */
function startOf(workspaceSeq: number, retentionDays: number | null): Position {
  return { workspaceSeq, retentionDays, createdAt: Number.MIN_SAFE_INTEGER, seq: 0 };
}

/**
 * Goes round the workspaces, through the old events of each, which has its own number of days if it chose fewer: first an event's finished deliveries go, then, when none is
 * left, the event itself. An event that must stay is passed over, and looked at again in the next round.
 *
 * All by index: events_by_time, deliveries_of_event, attempts_of_delivery, idempotency_keys_of_event. Where a round
 * stands is held in memory: after a rollback or a restart a few rows are looked at a second time, or a round later.
 */
export function createKeepHistory(db: DatabaseSync) {
  const nextWorkspace = queryOne<{ seq: number; retentionDays: number | null }>(
    db,
    'SELECT seq, retention_days AS retentionDays FROM workspaces WHERE seq > ? ORDER BY seq LIMIT 1',
  );
  const nextEvents = queryAll<OldEvent>(
    db,
    `SELECT created_at AS createdAt, seq, fanout_cursor AS fanoutCursor
     FROM events e INDEXED BY events_by_time
     WHERE workspace_seq = ? AND created_at < ? AND (created_at, seq) > (?, ?) ORDER BY created_at, seq LIMIT ?`,
  );
  const oldDeliveries = queryAll<{ seq: number }>(
    db,
    `SELECT seq FROM deliveries WHERE event_seq = ? AND state <> 'pending' AND created_at < ? LIMIT ?`,
  );
  const deleteAttempts = command(db, 'DELETE FROM attempts WHERE delivery_seq = ?');
  const deleteReplayed = command(db, 'DELETE FROM replayed_deliveries WHERE delivery_seq = ?');
  // By replays_finished.
  const deleteReplays = command(
    db,
    `DELETE FROM replays WHERE seq IN (
       SELECT seq FROM replays WHERE finished_at IS NOT NULL AND finished_at < ? ORDER BY finished_at LIMIT ?)`,
  );
  // By erasures_finished.
  const deleteErasures = command(
    db,
    `DELETE FROM erasures WHERE seq IN (
       SELECT seq FROM erasures WHERE finished_at IS NOT NULL AND finished_at < ? ORDER BY finished_at LIMIT ?)`,
  );
  const deleteDelivery = command(db, 'DELETE FROM deliveries WHERE seq = ?');
  const findDelivery = queryOne(db, 'SELECT 1 FROM deliveries WHERE event_seq = ? LIMIT 1');
  const findYoungKey = queryOne(
    db,
    'SELECT 1 FROM idempotency_keys WHERE event_seq = ? AND created_at > ? LIMIT 1',
  );
  const deleteKeys = command(db, 'DELETE FROM idempotency_keys WHERE event_seq = ?');
  // What was kept for listeners who did not come back.
  const removeStreamItems = command(
    db,
    `DELETE FROM stream_items WHERE (workspace_seq, number) IN (
       SELECT i.workspace_seq, i.number FROM streams CROSS JOIN stream_items i ON i.workspace_seq = streams.workspace_seq
       WHERE streams.listened_until < ? LIMIT ${ROWS_PER_CALL})`,
  );
  const deleteEvent = command(db, 'DELETE FROM events WHERE seq = ?');

  /** Removes what may go, `limit` rows or a few more; answers how many went. */
  const removeFrom = (event: OldEvent, before: number, now: number, limit: number): number => {
    let removed = 0;
    for (const { seq } of oldDeliveries.all(event.seq, before, limit)) {
      removed += 1 + Number(deleteAttempts.run(seq).changes);
      deleteReplayed.run(seq);
      deleteDelivery.run(seq);
      if (removed >= limit) return removed;
    }
    if (event.fanoutCursor !== null || findDelivery.get(event.seq) !== undefined) return removed;
    if (findYoungKey.get(event.seq, now - KEY_KEPT_MS) !== undefined) return removed;
    removed += Number(deleteKeys.run(event.seq).changes);
    deleteEvent.run(event.seq);
    return removed + 1;
  };

  let last = startOf(0, null);
  return (now: number, retentionDays: number): boolean => {
    if (Number(removeStreamItems.run(Math.round(now)).changes) === ROWS_PER_CALL) return true;
    const longAgo = now - retentionDays * DAY_MS;
    const replays = Number(deleteReplays.run(longAgo, ROWS_PER_CALL).changes);
    const erasures = Number(deleteErasures.run(longAgo, ROWS_PER_CALL).changes);
    for (let left = ROWS_PER_CALL - replays - erasures; left > 0;) {
      const before = now - Math.min(last.retentionDays ?? retentionDays, retentionDays) * DAY_MS;
      const events = nextEvents.all(last.workspaceSeq, before, last.createdAt, last.seq, left);
      for (const event of events) {
        const removed = removeFrom(event, before, now, left);
        left -= removed + 1;
        // More of this event may be left: it is where the next call begins.
        if (left <= 0) return true;
        last = { ...last, ...event };
      }
      if (left <= 0 || events.length > 0) continue;
      const next = nextWorkspace.get(last.workspaceSeq);
      left -= 1;
      last = startOf(next?.seq ?? 0, next?.retentionDays ?? null);
      if (next === undefined) return false;
    }
    return true;
  };
}
