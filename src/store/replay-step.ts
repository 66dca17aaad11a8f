import type { DeliveryState } from '../domain/delivery.ts';
import type { Replay, ReplayEnd, ReplayPosition } from '../domain/replay.ts';
import type { PlannedReplay, ReplayStep } from './contract/replays.ts';

/** Of what a job made, how much has ended, and how. */
export type EndedReplays = Record<'succeeded' | 'failed' | 'cancelled', number>;

/** What a step has found and done. */
export interface StepFindings {
  ended: EndedReplays;
  made: number;
  /** Planned, and not made because the event was erased. */
  erased: number;
  plan: StepPlan;
  /** Why the subscription takes no replay, or null. */
  refusedBy: Exclude<ReplayEnd, 'requested'> | null;
}

/**
 * How a delivery that is not pending counts. One whose history is gone has ended so long ago that nobody saw it: it
 * counts as the worst that it can have been.
 */
export function endOf(state: DeliveryState | null): keyof EndedReplays {
  return state === 'succeeded' || state === 'cancelled' ? state : 'failed';
}

/** What a step makes, and where the job is then: null at the end of the selection, undefined where it was. */
export interface StepPlan {
  planned: readonly PlannedReplay[];
  position: ReplayPosition | null | undefined;
}

const NOTHING: StepPlan = { planned: [], position: undefined };

/**
 * As much of the plan as there is room for beside the `waiting` ones; nothing when the job makes no more or its
 * subscription takes no replay. Pure.
 */
export function planOf(
  { state, isExhausted }: Replay,
  { planned, position, waitingMax }: ReplayStep,
  refusedBy: StepFindings['refusedBy'],
  waiting: number,
): StepPlan {
  if (state !== 'running' || isExhausted || refusedBy !== null) return NOTHING;
  const room = Math.max(0, waitingMax - waiting);
  if (planned.length <= room) return { planned, position };
  const some = planned.slice(0, room);
  return { planned: some, position: some.at(-1)?.at };
}

/** Made and not counted as ended. */
export function openOf({ made, succeeded, failed, cancelled }: Replay): number {
  return made - succeeded - failed - cancelled;
}

/** The job as a step leaves it. Pure. */
export function afterStep(before: Replay, step: ReplayStep, findings: StepFindings, now: number): Replay {
  const { ended, made, erased, refusedBy } = findings;
  const { position } = findings.plan;
  const { counted } = step;
  const after: Replay = {
    ...before,
    made: before.made + made,
    succeeded: before.succeeded + ended.succeeded,
    failed: before.failed + ended.failed,
    cancelled: before.cancelled + ended.cancelled,
    erased: before.erased + erased,
    steps: before.steps + 1,
    updatedAt: now,
  };
  if (position) after.position = position;
  if (position === null) after.isExhausted = true;
  if (counted !== undefined && !before.isCounted) {
    after.count += counted.count;
    after.countedTo = counted.next ?? before.countedTo;
    after.isCounted = counted.next === null;
  }
  if (before.state === 'running' && refusedBy !== null)
    Object.assign(after, { state: 'cancelled', reason: refusedBy });
  return openOf(after) === 0 ? finished(after, now) : after;
}

/** With nothing open a job that makes no more is over. What was selected and not made was not to be made any more. */
function finished(replay: Replay, now: number): Replay {
  if (replay.state === 'cancelled') return { ...replay, finishedAt: now };
  if (!replay.isExhausted) return replay;
  const count = replay.made + replay.erased;
  return { ...replay, state: 'done', count, isCounted: true, finishedAt: now };
}
