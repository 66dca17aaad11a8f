import type { DatabaseSync } from 'node:sqlite';
import type { AuditEntry } from '../../domain/audit.ts';
import type { DeliveryState } from '../../domain/delivery.ts';
import type { Replay } from '../../domain/replay.ts';
import type { CancelledDelivery, ReplayStep, ReplayStepCommit } from '../contract/replays.ts';
import { RETRYING_LOOKED_AT } from '../contract/replays.ts';
import type { ReplayRow } from '../replay-rows.ts';
import { toReplay } from '../replay-rows.ts';
import type { EndedReplays, StepFindings } from '../replay-step.ts';
import { afterStep, endOf, openOf, planOf } from '../replay-step.ts';
import type { AppendAudit } from './audit.ts';
import type { WriteCancelled } from './cancel-delivery.ts';
import { SHOWN_STATE } from './delivery-state.ts';
import type { StartReplayMaking } from './replay-deliveries.ts';
import type { Space } from './space.ts';
import { command, queryAll, queryOne } from './statement.ts';

/** Of `replays r`, its `workspaces w` and its `subscriptions s`. */
export const REPLAY_COLUMNS = `r.id, w.id AS workspaceId, s.id AS subscriptionId, r.since, r.until,
  r.event_types AS eventTypes, r.states, r.state, r.reason, r.position_at AS positionAt, r.position_seq AS positionSeq,
  r.is_exhausted AS isExhausted, r.counted_at AS countedAt, r.counted_seq AS countedSeq, r.is_counted AS isCounted,
  r.count, r.made, r.succeeded, r.failed, r.cancelled, r.erased, r.steps, r.updated_at AS updatedAt, r.finished_at AS finishedAt`;
export const REPLAY_JOINS =
  'CROSS JOIN workspaces w ON w.seq = r.workspace_seq CROSS JOIN subscriptions s ON s.seq = r.subscription_seq';
/** More than a job ever has waiting. */
const WAITING_MAX = 10_000;

interface OpenRow {
  seq: number;
  id: string | null;
  wasAttempted: number;
  state: DeliveryState | null;
  storedState: DeliveryState | null;
  attempts: number | null;
  eventId: string | null;
  eventType: string | null;
}

interface JobRow extends ReplayRow {
  seq: number;
  status: string;
  deletedAt: number | null;
}

/** What a job made, as a step finds it. */
interface Looked {
  ended: EndedReplays;
  waiting: number;
  cancelled: Pick<CancelledDelivery, 'id' | 'eventId' | 'eventType'>[];
}

/** Jobs: by id, or by indexes that hold open ones only. What a job made and is open is a range of `replayed_open`. */
export function replayHandlers(
  db: DatabaseSync,
  startReplayMaking: StartReplayMaking,
  writeCancelled: WriteCancelled,
  space: Space,
  appendAudit: AppendAudit,
) {
  const find = queryOne<JobRow>(
    db,
    `SELECT ${REPLAY_COLUMNS}, r.created_at AS createdAt, r.seq, s.status, s.deleted_at AS deletedAt
     FROM replays r ${REPLAY_JOINS} WHERE r.id = ? AND w.id = ?`,
  );
  const listOpen = queryAll<ReplayRow>(
    db,
    `SELECT ${REPLAY_COLUMNS}, r.created_at AS createdAt FROM replays r INDEXED BY replays_open ${REPLAY_JOINS}
     WHERE r.finished_at IS NULL ORDER BY r.seq LIMIT ?`,
  );
  const listRunning = queryAll<{ subscriptionId: string }>(
    db,
    `SELECT s.id AS subscriptionId FROM replays r INDEXED BY replays_open ${REPLAY_JOINS}
     WHERE r.finished_at IS NULL AND r.state = 'running' AND w.id = ?`,
  );
  const insert = command(
    db,
    `INSERT INTO replays (id, workspace_seq, subscription_seq, since, until, event_types, states, state, count,
                          counted_at, counted_seq, is_counted, created_at, updated_at)
     SELECT ?, workspace_seq, seq, ?, ?, ?, ?, 'running', ?, ?, ?, ?, ?, ? FROM subscriptions WHERE id = ?`,
  );
  const update = command(
    db,
    `UPDATE replays
     SET state = ?2, reason = ?3, position_at = ?4, position_seq = ?5, is_exhausted = ?6, counted_at = ?7,
         counted_seq = ?8, is_counted = ?9, count = ?10, made = ?11, succeeded = ?12, failed = ?13, cancelled = ?14,
         erased = ?15, steps = ?16, updated_at = ?17, finished_at = ?18
     WHERE id = ?1`,
  );
  const listMade = queryAll<OpenRow>(
    db,
    `SELECT o.delivery_seq AS seq, d.id, o.was_attempted AS wasAttempted, d.state AS storedState, ${SHOWN_STATE} AS state, d.attempts,
       e.event_id AS eventId, e.event_type AS eventType
     FROM replayed_deliveries o INDEXED BY replayed_open
       LEFT JOIN deliveries d ON d.seq = o.delivery_seq LEFT JOIN subscriptions s ON s.seq = d.subscription_seq
       LEFT JOIN events e ON e.seq = d.event_seq
     WHERE o.is_open = 1 AND o.replay_seq = ? AND o.was_attempted = ? ORDER BY o.looked_at LIMIT ?`,
  );
  const lookedAt = command(
    db,
    'UPDATE replayed_deliveries SET was_attempted = 1, looked_at = ?2 WHERE delivery_seq = ?1',
  );
  const close = command(db, 'UPDATE replayed_deliveries SET is_open = 0 WHERE delivery_seq = ?');

  const write = (replay: Replay): void => {
    const { position, countedTo } = replay;
    const places = [position?.createdAt ?? null, position?.seq ?? null, replay.isExhausted ? 1 : 0] as const;
    const counted = [countedTo?.createdAt ?? null, countedTo?.seq ?? null, replay.isCounted ? 1 : 0] as const;
    const progress = [replay.count, replay.made, replay.succeeded, replay.failed, replay.cancelled] as const;
    const times = [replay.erased, replay.steps, replay.updatedAt, replay.finishedAt] as const;
    update.run(replay.id, replay.state, replay.reason, ...places, ...counted, ...progress, ...times);
  };

  /** Counts what has ended; of a cancelled job, cancels what has not. */
  const look = (job: JobRow, cancels: boolean, now: number): Looked => {
    const looked: Looked = { ended: { succeeded: 0, failed: 0, cancelled: 0 }, waiting: 0, cancelled: [] };
    const made = [
      ...listMade.all(job.seq, 0, cancels ? RETRYING_LOOKED_AT : WAITING_MAX),
      ...listMade.all(job.seq, 1, RETRYING_LOOKED_AT),
    ];
    for (const { seq, id, wasAttempted, state, storedState, attempts, eventId, eventType } of made) {
      if (storedState === 'pending' && id !== null && eventId !== null && eventType !== null && cancels) {
        writeCancelled(seq, now);
        looked.cancelled.push({ id, eventId, eventType });
      }
      if (state !== 'pending' || cancels) {
        close.run(seq);
        looked.ended[state === 'pending' ? 'cancelled' : endOf(state)] += 1;
      } else if (wasAttempted === 1 || attempts !== 0) lookedAt.run(seq, job.steps);
      else looked.waiting += 1;
    }
    return looked;
  };

  return {
    createReplay(replay: Replay, runningMax: number, audit?: AuditEntry): 'created' | 'running' | 'too_many' {
      const running = listRunning.all(replay.workspaceId);
      if (running.some(({ subscriptionId }) => subscriptionId === replay.subscriptionId)) return 'running';
      if (running.length >= runningMax) return 'too_many';
      const { id, since, until, eventTypes, states, count, countedTo, createdAt, updatedAt } = replay;
      const types = eventTypes === null ? null : JSON.stringify(eventTypes);
      const counted = [
        countedTo?.createdAt ?? null,
        countedTo?.seq ?? null,
        replay.isCounted ? 1 : 0,
      ] as const;
      const what = [id, since, until, types, JSON.stringify(states), count] as const;
      insert.run(...what, ...counted, createdAt, updatedAt, replay.subscriptionId);
      appendAudit(audit);
      return 'created';
    },

    cancelReplay(workspaceId: string, id: string, now: number, audit?: AuditEntry): Replay | undefined {
      const job = find.get(id, workspaceId);
      if (job === undefined) return undefined;
      const replay = replayOf(job);
      if (replay.state !== 'running') return replay;
      const isOver = openOf(replay) === 0;
      const finishedAt = isOver ? now : null;
      const after = {
        ...replay,
        state: 'cancelled',
        reason: 'requested',
        updatedAt: now,
        finishedAt,
      } as const;
      write(after);
      appendAudit(audit);
      return after;
    },

    listOpenReplays(limit: number): Replay[] {
      return listOpen.all(limit).map(toReplay);
    },

    continueReplay(
      epoch: number,
      step: ReplayStep,
      takeLanes: boolean,
      now: number,
    ): ReplayStepCommit | null {
      const job = find.get(step.replayId, step.workspaceId);
      if (job === undefined || job.steps !== step.steps || job.finishedAt !== null) return null;
      if (step.planned.length > 0) space.refuseIntakeWhenFull();
      const replay = replayOf(job);
      const refusedBy = refusedByOf(job);
      const { workspaceId, subscriptionId } = step;
      const { ended, waiting, cancelled } = look(job, replay.state === 'cancelled', now);
      const making = startReplayMaking(epoch, takeLanes, now);
      const wanted = { replaySeq: job.seq, states: step.states };
      const plan = planOf(replay, step, refusedBy, waiting);
      const results = plan.planned.map(({ id, eventId, deliveryId }) =>
        making.make({ id, workspaceId, eventId, subscriptionId, replayOf: deliveryId }, wanted),
      );
      const done = making.done();
      const erased = results.filter((result) => result === 'erased').length;
      const findings: StepFindings = { ended, made: done.made.length, erased, plan, refusedBy };
      const after = afterStep(replay, step, findings, now);
      write(after);
      const stopped = cancelled.map((delivery) => ({ ...delivery, workspaceId, subscriptionId }));
      const all = [...stopped, ...done.cancelled];
      return { ...done, cancelled: all, replay: after, waiting, open: openOf(after) };
    },
  };
}

function replayOf({ seq: _seq, status: _status, deletedAt: _deletedAt, ...row }: JobRow): Replay {
  return toReplay(row);
}

function refusedByOf({ status, deletedAt }: JobRow): StepFindings['refusedBy'] {
  if (deletedAt !== null) return 'subscription_deleted';
  return status === 'active' ? null : 'subscription_inactive';
}
