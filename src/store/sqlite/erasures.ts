import type { DatabaseSync } from 'node:sqlite';
import type { AuditEntry } from '../../domain/audit.ts';
import type { Erasure } from '../../domain/erasure.ts';
import { ERASED_DATA } from '../../domain/event.ts';
import type {
  ErasedEvent,
  ErasureStep,
  ErasureStepCommit,
  FoundEvent,
  NewErasure,
} from '../contract/erasures.ts';
import type { CancelledDelivery } from '../contract/replays.ts';
import type { ErasureRow } from '../erasure-rows.ts';
import { toErasure } from '../erasure-rows.ts';
import { afterErasing, ended } from '../erasure-step.ts';
import type { AppendAudit } from './audit.ts';
import type { WriteCancelled } from './cancel-delivery.ts';
import { command, queryAll, queryOne } from './statement.ts';

/** Of `erasures r` and its `workspaces w`. */
export const ERASURE_COLUMNS = `r.id, w.id AS workspaceId, r.path, r.sealed_value AS sealedValue, r.state, r.until,
  r.position_at AS positionAt, r.position_seq AS positionSeq, r.examined, r.erased, r.cancelled, r.steps,
  r.updated_at AS updatedAt, r.finished_at AS finishedAt`;
export const ERASURE_JOINS = 'CROSS JOIN workspaces w ON w.seq = r.workspace_seq';

/**
 * Jobs: by id, or by an index that holds open ones only. Per erased event: itself by `events_by_id`, its deliveries by
 * `deliveries_of_event`, their attempts by `attempts_of_delivery`.
 */
export function erasureHandlers(db: DatabaseSync, writeCancelled: WriteCancelled, appendAudit: AppendAudit) {
  const find = queryOne<ErasureRow>(
    db,
    `SELECT ${ERASURE_COLUMNS}, r.created_at AS createdAt FROM erasures r ${ERASURE_JOINS} WHERE r.id = ? AND w.id = ?`,
  );
  const listOpen = queryAll<ErasureRow>(
    db,
    `SELECT ${ERASURE_COLUMNS}, r.created_at AS createdAt FROM erasures r INDEXED BY erasures_open ${ERASURE_JOINS}
     WHERE r.finished_at IS NULL ORDER BY r.seq LIMIT ?`,
  );
  const countRunning = queryOne<{ count: number }>(
    db,
    `SELECT count(*) AS count FROM erasures r INDEXED BY erasures_open ${ERASURE_JOINS}
     WHERE r.finished_at IS NULL AND w.id = ?`,
  );
  // The newest event by events_by_time.
  const insert = command(
    db,
    `INSERT INTO erasures (id, workspace_seq, path, sealed_value, state, until, created_at, updated_at)
     SELECT ?1, seq, ?3, ?4, 'running',
            coalesce((SELECT max(created_at) FROM events WHERE workspace_seq = w.seq), 0), ?5, ?5
     FROM workspaces w WHERE id = ?2`,
  );
  const update = command(
    db,
    `UPDATE erasures
     SET sealed_value = ?2, state = ?3, position_at = ?4, position_seq = ?5, examined = ?6, erased = ?7, cancelled = ?8,
         steps = ?9, updated_at = ?10, finished_at = ?11
     WHERE id = ?1`,
  );
  const eraseEvent = queryOne<{ seq: number }>(
    db,
    `UPDATE events
     SET body = ?3, erased_at = ?4, erased_data_bytes = data_bytes, data_bytes = ${ERASED_DATA.length},
         fanout_cursor = NULL
     WHERE workspace_seq = (SELECT seq FROM workspaces WHERE id = ?1) AND event_id = ?2 AND erased_at IS NULL
     RETURNING seq`,
  );
  const listPending = queryAll<Pick<CancelledDelivery, 'id' | 'subscriptionId'> & { seq: number }>(
    db,
    `SELECT d.seq, d.id, s.id AS subscriptionId
     FROM deliveries d INDEXED BY deliveries_of_event CROSS JOIN subscriptions s ON s.seq = d.subscription_seq
     WHERE d.event_seq = ? AND d.state = 'pending' ORDER BY d.seq`,
  );
  const clearResponses = command(
    db,
    `UPDATE attempts SET response_body = NULL, response_headers = NULL
     WHERE delivery_seq IN (SELECT seq FROM deliveries WHERE event_seq = ?)
       AND (response_body IS NOT NULL OR response_headers IS NOT NULL)`,
  );

  const write = (erasure: Erasure): void => {
    const { id, sealedValue, state, position, examined, erased, cancelled } = erasure;
    const place = [position?.createdAt ?? null, position?.seq ?? null] as const;
    const times = [erasure.steps, erasure.updatedAt, erasure.finishedAt] as const;
    overwriting(db, () =>
      update.run(id, sealedValue, state, ...place, examined, erased, cancelled, ...times),
    );
  };

  const erase = (workspaceId: string, found: FoundEvent, now: number): ErasedEvent[] => {
    const { eventId, eventType, erasedBody } = found;
    const event = eraseEvent.get(workspaceId, eventId, erasedBody, now);
    if (event === undefined) return [];
    const cancelled = listPending.all(event.seq).map(({ seq, ...delivery }) => {
      writeCancelled(seq, now, 'erased');
      return { ...delivery, workspaceId, eventId, eventType };
    });
    clearResponses.run(event.seq);
    return [{ eventId, eventType, cancelled }];
  };

  return {
    createErasure(erasure: NewErasure, runningMax: number, audit?: AuditEntry): Erasure | 'too_many' {
      const { id, workspaceId, path, sealedValue, createdAt } = erasure;
      if ((countRunning.get(workspaceId)?.count ?? 0) >= runningMax) return 'too_many';
      insert.run(id, workspaceId, path, sealedValue, Math.round(createdAt));
      appendAudit(audit);
      const created = find.get(id, workspaceId);
      if (created === undefined) throw new Error(`There is no workspace ${workspaceId}.`);
      return toErasure(created);
    },

    cancelErasure(workspaceId: string, id: string, now: number, audit?: AuditEntry): Erasure | undefined {
      const row = find.get(id, workspaceId);
      if (row === undefined || row.finishedAt !== null) return row && toErasure(row);
      const after = ended(toErasure(row), 'cancelled', Math.round(now));
      write(after);
      appendAudit(audit);
      return after;
    },

    listOpenErasures(limit: number): Erasure[] {
      return listOpen.all(limit).map(toErasure);
    },

    continueErasure(step: ErasureStep, at: number): ErasureStepCommit | null {
      const now = Math.round(at);
      const { workspaceId, found } = step;
      const row = find.get(step.erasureId, workspaceId);
      if (row === undefined || row.steps !== step.steps || row.finishedAt !== null) return null;
      const erased = overwriting(db, () => found.flatMap((each) => erase(workspaceId, each, now)));
      const erasure = afterErasing(toErasure(row), step, found, erased, now);
      write(erasure);
      return { erasure, erased };
    },
  };
}

/**
 * With zeros written over whole pages that the statements free, too. Only for these: retention frees far more of them,
 * which would all have to be written for it.
 */
function overwriting<T>(db: DatabaseSync, run: () => T): T {
  db.exec('PRAGMA secure_delete = ON');
  try {
    return run();
  } finally {
    db.exec('PRAGMA secure_delete = FAST');
  }
}
