import type { DeliveryState } from '../../domain/delivery.ts';
import type { Replay } from '../../domain/replay.ts';
import type { ReplayStep, ReplayStepCommit, ReplayStore } from '../contract/replays.ts';
import { RETRYING_LOOKED_AT } from '../contract/replays.ts';
import type { ReplayRow } from '../replay-rows.ts';
import { toReplay } from '../replay-rows.ts';
import type { EndedReplays, StepFindings } from '../replay-step.ts';
import { afterStep, endOf, openOf, planOf } from '../replay-step.ts';
import { appendAudit } from './audit.ts';
import { textArray } from './binary-array.ts';
import type { Cancelled } from './cancel-delivery.ts';
import { cancelPending } from './cancel-delivery.ts';
import type { Session } from './database.ts';
import { statement } from './database.ts';
import { tellOthers } from './lane-upkeep.ts';
import type { StoreParts } from './parts.ts';
import type { MadeReplays } from './replay-deliveries.ts';
import { makeReplays } from './replay-deliveries.ts';
import type { Transaction } from './transaction.ts';

/** Of `velahook.replays r`. */
export const REPLAY_COLUMNS = `r.id, r.workspace_id AS "workspaceId", r.subscription_id AS "subscriptionId", r.since,
  r.until, r.event_types AS "eventTypes", r.states, r.state, r.reason, r.position_at AS "positionAt",
  r.position_seq AS "positionSeq", r.is_exhausted AS "isExhausted", r.counted_at AS "countedAt",
  r.counted_seq AS "countedSeq", r.is_counted AS "isCounted", r.count, r.made, r.succeeded, r.failed, r.cancelled, r.erased,
  r.steps, r.updated_at AS "updatedAt", r.finished_at AS "finishedAt"`;
/** More than a job ever has waiting. */
const WAITING_MAX = 10_000;

const findLocked = statement(`
SELECT ${REPLAY_COLUMNS}, r.created_at AS "createdAt", s.status, s.generation, s.deleted_at AS "deletedAt"
FROM velahook.replays r JOIN velahook.subscriptions s ON s.id = r.subscription_id
WHERE r.id = $1 AND r.workspace_id = $2 FOR NO KEY UPDATE OF r`);
// By replays_open.
const listOpen = statement(`
SELECT ${REPLAY_COLUMNS}, r.created_at AS "createdAt" FROM velahook.replays r
WHERE r.finished_at IS NULL ORDER BY r.seq LIMIT $1`);
/** Of two that are begun at once, the second waits and then sees the first. */
const lockWorkspace = statement('SELECT FROM velahook.workspaces WHERE id = $1 FOR NO KEY UPDATE');
const listRunning = statement(`
SELECT subscription_id AS "subscriptionId" FROM velahook.replays
WHERE finished_at IS NULL AND state = 'running' AND workspace_id = $1`);
const insert = statement(`
INSERT INTO velahook.replays (id, workspace_id, subscription_id, since, until, event_types, states, state, count,
  counted_at, counted_seq, is_counted, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'running', $8, $9, $10, $11, $12, $13)`);
const update = statement(`
UPDATE velahook.replays
SET state = $2, reason = $3, position_at = $4, position_seq = $5, is_exhausted = $6, counted_at = $7, counted_seq = $8,
    is_counted = $9, count = $10, made = $11, succeeded = $12, failed = $13, cancelled = $14, erased = $15,
    steps = $16, updated_at = $17, finished_at = $18
WHERE id = $1`);
// Two ranges of replayed_open; each delivery by primary key, if it has ended in the one day it was made on.
const listMade = statement(`
SELECT o.delivery_id AS id, o.was_attempted AS "wasAttempted", p.attempts, p.generation, f.state AS "endedAs"
FROM ((SELECT delivery_id, was_attempted, created_at FROM velahook.replayed_deliveries
       WHERE replay_id = $1 AND is_open AND NOT was_attempted ORDER BY looked_at LIMIT $2)
      UNION ALL
      (SELECT delivery_id, was_attempted, created_at FROM velahook.replayed_deliveries
       WHERE replay_id = $1 AND is_open AND was_attempted ORDER BY looked_at LIMIT $3)) o
  LEFT JOIN velahook.pending_deliveries p ON p.id = o.delivery_id
  LEFT JOIN velahook.finished_deliveries f ON f.id = o.delivery_id AND f.created_at = o.created_at`);
const close = statement(
  'UPDATE velahook.replayed_deliveries SET is_open = false WHERE delivery_id = ANY ($1::text[])',
);
const lookedAt = statement(`
UPDATE velahook.replayed_deliveries SET was_attempted = true, looked_at = $2 WHERE delivery_id = ANY ($1::text[])`);

interface JobRow extends ReplayRow {
  status: string;
  generation: number;
  deletedAt: number | null;
}

interface MadeRow {
  id: string;
  wasAttempted: boolean;
  /** Null unless pending. */
  attempts: number | null;
  generation: number | null;
  endedAs: DeliveryState | null;
}

/** What a job made, as a step finds it. */
interface Looked {
  ended: EndedReplays;
  waiting: number;
  cancelled: Cancelled;
}

type ReplayCalls = Pick<ReplayStore, 'createReplay' | 'cancelReplay' | 'listOpenReplays' | 'continueReplay'>;

/** Jobs. A step locks its job first: of two nodes that make the same one, the second waits and finds it made. */
export function replayCalls({ database, writes, signals }: StoreParts): ReplayCalls {
  return {
    createReplay: (replay, runningMax, audit) =>
      writes.write(async (session) => {
        const outcome = await create(session, replay, runningMax);
        if (outcome === 'created') await appendAudit(session, audit);
        return outcome;
      }),

    cancelReplay: (workspaceId, id, now, audit) =>
      writes.write(async (session) => {
        const [job] = await session.rows<JobRow>(findLocked, [id, workspaceId]);
        if (job === undefined) return undefined;
        const replay = replayOf(job);
        if (replay.state !== 'running') return replay;
        const updatedAt = Math.round(now);
        const finishedAt = openOf(replay) === 0 ? updatedAt : null;
        const after = { ...replay, state: 'cancelled', reason: 'requested', updatedAt, finishedAt } as const;
        await writeReplay(session, after);
        await appendAudit(session, audit);
        return after;
      }),

    async listOpenReplays(limit) {
      return (await database.rows<ReplayRow>(listOpen, [limit])).map(toReplay);
    },

    async continueReplay(epoch, step, takeLanes, now) {
      const made = await writes.write(
        (session) => makeStep(session, epoch, step, takeLanes, Math.round(now)),
        { exclusive: [step.subscriptionId] },
      );
      if (made === null) return null;
      tellOthers(signals, made.kept);
      signals.wake(made.owners);
      return made.commit;
    },
  };
}

async function create(
  session: Session,
  replay: Replay,
  runningMax: number,
): Promise<'created' | 'running' | 'too_many'> {
  const { id, workspaceId, subscriptionId, since, until, eventTypes, states, count, countedTo } = replay;
  await session.rows(lockWorkspace, [workspaceId]);
  const running = await session.rows<{ subscriptionId: string }>(listRunning, [workspaceId]);
  if (running.some((other) => other.subscriptionId === subscriptionId)) return 'running';
  if (running.length >= runningMax) return 'too_many';
  const types = eventTypes === null ? null : JSON.stringify(eventTypes);
  const what = [id, workspaceId, subscriptionId, Math.round(since), Math.round(until), types];
  const counted = [count, countedTo?.createdAt ?? null, countedTo?.seq ?? null, replay.isCounted];
  const times = [Math.round(replay.createdAt), Math.round(replay.updatedAt)];
  await session.run(insert, [...what, JSON.stringify(states), ...counted, ...times]);
  return 'created';
}

async function writeReplay(session: Session, replay: Replay): Promise<void> {
  const { id, state, reason, position, countedTo } = replay;
  const places = [position?.createdAt ?? null, position?.seq ?? null, replay.isExhausted];
  const counted = [countedTo?.createdAt ?? null, countedTo?.seq ?? null, replay.isCounted];
  const progress = [replay.count, replay.made, replay.succeeded, replay.failed, replay.cancelled];
  const times = [replay.erased, replay.steps, replay.updatedAt, replay.finishedAt];
  await session.run(update, [id, state, reason, ...places, ...counted, ...progress, ...times]);
}

interface MadeStep {
  commit: ReplayStepCommit;
  kept: MadeReplays['kept'];
  owners: number[];
}

async function makeStep(
  session: Transaction,
  epoch: number,
  step: ReplayStep,
  takeLanes: boolean,
  now: number,
): Promise<MadeStep | null> {
  const { replayId, workspaceId, subscriptionId, states, steps } = step;
  const [job] = await session.rows<JobRow>(findLocked, [replayId, workspaceId]);
  if (job === undefined || job.steps !== steps || job.finishedAt !== null) return null;
  const before = replayOf(job);
  const refusedBy = refusedByOf(job);
  const { ended, waiting, cancelled } = await look(session, job, now);
  const plan = planOf(before, step, refusedBy, waiting);
  const { planned } = plan;
  const replays = planned.map(({ id, eventId, deliveryId }) => {
    return { id, workspaceId, eventId, subscriptionId, replayOf: deliveryId };
  });
  const wanted = { replayId, planned, states };
  const done = await makeReplays(session, epoch, replays, takeLanes, now, wanted);
  const erased = done.results.filter((result) => result === 'erased').length;
  const findings: StepFindings = { ended, made: done.made.length, erased, plan, refusedBy };
  const replay = afterStep(before, step, findings, now);
  await writeReplay(session, replay);
  const stopped = [...cancelled.deliveries, ...done.cancelled.deliveries];
  const lanes = done.kept.standings;
  return {
    commit: { replay, waiting, open: openOf(replay), lanes, made: done.made, cancelled: stopped },
    kept: done.kept,
    owners: [...cancelled.owners, ...done.cancelled.owners],
  };
}

/** Counts what has ended; of a cancelled job, cancels what has not. */
async function look(session: Session, job: JobRow, now: number): Promise<Looked> {
  const cancels = job.state === 'cancelled';
  const limits = [cancels ? RETRYING_LOOKED_AT : WAITING_MAX, RETRYING_LOOKED_AT];
  const made = await session.rows<MadeRow>(listMade, [job.id, ...limits]);
  const ended: EndedReplays = { succeeded: 0, failed: 0, cancelled: 0 };
  const pending = cancels ? made.filter(({ attempts }) => attempts !== null).map(({ id }) => id) : [];
  const cancelled = await cancelPending(session, pending, now);
  const stopped = new Set(cancelled.deliveries.map(({ id }) => id));
  const over: string[] = [];
  const attempted: string[] = [];
  for (const { id, wasAttempted, attempts, generation, endedAs } of made) {
    // Of an older generation: cancelled in truth.
    const isStopped = stopped.has(id) || (attempts !== null && generation !== job.generation);
    if (isStopped || attempts === null) {
      ended[isStopped ? 'cancelled' : endOf(endedAs)] += 1;
      over.push(id);
    } else if (wasAttempted || attempts > 0) attempted.push(id);
  }
  if (over.length > 0) await session.run(close, [textArray(over)]);
  if (attempted.length > 0) await session.run(lookedAt, [textArray(attempted), job.steps]);
  return { ended, waiting: made.length - over.length - attempted.length, cancelled };
}

function replayOf(row: JobRow): Replay {
  const { status: _status, generation: _generation, deletedAt: _deletedAt, ...replay } = row;
  return toReplay(replay);
}

function refusedByOf({ status, deletedAt }: JobRow): StepFindings['refusedBy'] {
  if (deletedAt !== null) return 'subscription_deleted';
  return status === 'active' ? null : 'subscription_inactive';
}
