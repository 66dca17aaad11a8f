import type { Erasure } from '../../domain/erasure.ts';
import type { ErasureStep, ErasureStepCommit, ErasureStore, NewErasure } from '../contract/erasures.ts';
import type { ErasureRow } from '../erasure-rows.ts';
import { toErasure } from '../erasure-rows.ts';
import { afterErasing, ended } from '../erasure-step.ts';
import { appendAudit } from './audit.ts';
import type { Session } from './database.ts';
import { statement } from './database.ts';
import { eraseEvents, lanesOf } from './erase-events.ts';
import type { StoreParts } from './parts.ts';

/** Of `velahook.erasures r`. */
export const ERASURE_COLUMNS = `r.id, r.workspace_id AS "workspaceId", r.path, r.sealed_value AS "sealedValue", r.state,
  r.until, r.position_at AS "positionAt", r.position_seq AS "positionSeq", r.examined, r.erased, r.cancelled, r.steps,
  r.updated_at AS "updatedAt", r.finished_at AS "finishedAt"`;

const findLocked = statement(`
SELECT ${ERASURE_COLUMNS}, r.created_at AS "createdAt" FROM velahook.erasures r
WHERE r.id = $1 AND r.workspace_id = $2 FOR NO KEY UPDATE`);
// By erasures_open.
const listOpen = statement(`
SELECT ${ERASURE_COLUMNS}, r.created_at AS "createdAt" FROM velahook.erasures r
WHERE r.finished_at IS NULL ORDER BY r.seq LIMIT $1`);
/** Of two that are begun at once, the second waits and then sees the first. */
const lockWorkspace = statement('SELECT FROM velahook.workspaces WHERE id = $1 FOR NO KEY UPDATE');
const countRunning = statement(`
SELECT count(*) AS count FROM velahook.erasures WHERE finished_at IS NULL AND workspace_id = $1`);
// The newest event by events_by_time of each day, once per job. By its own time, whatever the clocks of the nodes say:
// so that every event whose publishing was answered before is looked at.
const insert = statement(`
INSERT INTO velahook.erasures AS r (id, workspace_id, path, sealed_value, state, until, created_at, updated_at)
VALUES ($1, $2, $3, $4, 'running',
  coalesce((SELECT created_at FROM velahook.events WHERE workspace_id = $2 ORDER BY created_at DESC LIMIT 1), 0), $5, $5)
RETURNING ${ERASURE_COLUMNS}, r.created_at AS "createdAt"`);
const update = statement(`
UPDATE velahook.erasures
SET sealed_value = $2, state = $3, position_at = $4, position_seq = $5, examined = $6, erased = $7, cancelled = $8,
    steps = $9, updated_at = $10, finished_at = $11
WHERE id = $1`);

type ErasureCalls = Pick<
  ErasureStore,
  'createErasure' | 'cancelErasure' | 'listOpenErasures' | 'continueErasure'
>;

/** Jobs. A step locks its job first: of two nodes that make the same one, the second waits and finds it made. */
export function erasureCalls({ database, writes, signals }: StoreParts): ErasureCalls {
  return {
    createErasure: (erasure, runningMax, audit) =>
      writes.write(async (session) => {
        const created = await create(session, erasure, runningMax);
        if (created !== 'too_many') await appendAudit(session, audit);
        return created;
      }),

    cancelErasure: (workspaceId, id, now, audit) =>
      writes.write(async (session) => {
        const [row] = await session.rows<ErasureRow>(findLocked, [id, workspaceId]);
        if (row === undefined || row.finishedAt !== null) return row && toErasure(row);
        const after = ended(toErasure(row), 'cancelled', Math.round(now));
        await write(session, after);
        await appendAudit(session, audit);
        return after;
      }),

    async listOpenErasures(limit) {
      return (await database.rows<ErasureRow>(listOpen, [limit])).map(toErasure);
    },

    async continueErasure(step, now) {
      const exclusive = await lanesOf(database, step);
      const made = await writes.write((session) => makeStep(session, step, exclusive, Math.round(now)), {
        exclusive,
      });
      if (made === null) return null;
      signals.wake(made.owners);
      return made.commit;
    },
  };
}

async function create(
  session: Session,
  { id, workspaceId, path, sealedValue, createdAt }: NewErasure,
  runningMax: number,
): Promise<Erasure | 'too_many'> {
  await session.rows(lockWorkspace, [workspaceId]);
  const [running] = await session.rows<{ count: number }>(countRunning, [workspaceId]);
  if ((running?.count ?? 0) >= runningMax) return 'too_many';
  const [row] = await session.rows<ErasureRow>(insert, [
    id,
    workspaceId,
    path,
    sealedValue,
    Math.round(createdAt),
  ]);
  if (row === undefined) throw new Error('The erasure was not inserted.');
  return toErasure(row);
}

async function write(session: Session, erasure: Erasure): Promise<void> {
  const { id, sealedValue, state, position, examined, erased, cancelled } = erasure;
  const place = [position?.createdAt ?? null, position?.seq ?? null];
  const times = [erasure.steps, erasure.updatedAt, erasure.finishedAt];
  await session.run(update, [id, sealedValue, state, ...place, examined, erased, cancelled, ...times]);
}

async function makeStep(
  session: Session,
  step: ErasureStep,
  lanes: readonly string[],
  now: number,
): Promise<{ commit: ErasureStepCommit; owners: number[] } | null> {
  const { workspaceId, erasureId, steps, found } = step;
  const [row] = await session.rows<ErasureRow>(findLocked, [erasureId, workspaceId]);
  if (row === undefined || row.steps !== steps || row.finishedAt !== null) return null;
  const { done, erased, owners } = await eraseEvents(session, workspaceId, found, lanes, now);
  const erasure = afterErasing(toErasure(row), step, done, erased, now);
  await write(session, erasure);
  return { commit: { erasure, erased }, owners };
}
