import type { AuditEntry } from '../../domain/audit.ts';
import type { DeliveryState, PendingDelivery } from '../../domain/delivery.ts';
import type { Replay, ReplayPosition, ReplaySelection } from '../../domain/replay.ts';
import type { LaneStanding } from './events.ts';
import type { CursorPage, CursorQuery } from './history.ts';

/**
 * Making deliveries again because someone asked, and stopping them.
 *
 * Of an event's deliveries to one subscription only the latest is ever unfinished: a replay of one that is pending
 * cancels it in the same commit. A success of an attempt in flight wins over that.
 */
export interface ReplayStore {
  /** Makes deliveries of stored events, one result each, in order; all in one commit. Lanes as in `commitEvents`. */
  replayDeliveries(
    epoch: number,
    replays: readonly NewReplay[],
    takeLanes: boolean,
    now: number,
    audit?: AuditEntry,
  ): Promise<ReplayCommit>;
  /**
   * Writes `cancelled` on a pending delivery, and leaves a mark for whoever has its lane. Undefined when there is no
   * such delivery.
   */
  cancelDelivery(
    workspaceId: string,
    id: string,
    now: number,
    audit?: AuditEntry,
  ): Promise<CancelResult | undefined>;

  /** Stores a job that has just begun, unless its subscription has a running one or the workspace `runningMax`. */
  createReplay(
    replay: Replay,
    runningMax: number,
    audit?: AuditEntry,
  ): Promise<'created' | 'running' | 'too_many'>;
  findReplay(workspaceId: string, id: string): Promise<Replay | undefined>;
  /** Newest first. */
  listReplays(workspaceId: string, query: CursorQuery): Promise<CursorPage<Replay>>;
  /** A running job makes no more; what it made is cancelled by its next steps. Undefined when there is none. */
  cancelReplay(workspaceId: string, id: string, now: number, audit?: AuditEntry): Promise<Replay | undefined>;
  /** Jobs of all workspaces in which there is something left to be done, oldest first. */
  listOpenReplays(limit: number): Promise<Replay[]>;
  /** How many the selection has after the position: at most `max`, as far as one call looks. */
  countReplayable(
    selection: ReplaySelection,
    after: ReplayPosition | null,
    max?: number,
  ): Promise<ReplayCount & { states: StateCounts }>;
  /** What the selection has after the position, oldest first: at most `limit`, as far as one call looks. */
  listReplayable(
    selection: ReplaySelection,
    after: ReplayPosition | null,
    limit: number,
  ): Promise<ReplayCandidates>;
  /**
   * One step of a job: counts what has ended of what it made, makes what is planned and still selected, and moves on;
   * in one commit. Null, and nothing done, when the job has made `steps` other than the step's already. Lanes as in
   * `commitEvents`.
   */
  continueReplay(
    epoch: number,
    step: ReplayStep,
    takeLanes: boolean,
    now: number,
  ): Promise<ReplayStepCommit | null>;
}

/** A delivery to be made of a stored event. */
export interface NewReplay {
  /** Of the new delivery. */
  id: string;
  workspaceId: string;
  eventId: string;
  subscriptionId: string;
  /** The delivery it replays; null: the event's latest to the subscription, if it has any. */
  replayOf: string | null;
}

/**
 * `gone`: the event is not stored (any more); `erased`: its payload is not; `inactive`: the subscription is not active,
 * or deleted.
 */
export type ReplayResult = 'made' | 'gone' | 'erased' | 'inactive';

export interface ReplayCommit {
  results: ReplayResult[];
  lanes: LaneStanding[];
  /** What was made, as lanes take it. */
  made: PendingDelivery[];
  /** Pending deliveries that were cancelled for it. */
  cancelled: CancelledDelivery[];
}

/** A delivery that was pending and is `cancelled` by now: enough to tell of it. */
export type CancelledDelivery = Pick<
  PendingDelivery,
  'id' | 'workspaceId' | 'subscriptionId' | 'eventId' | 'eventType'
>;

/** `finished`: it had ended before. */
export type CancelResult = { result: 'cancelled'; delivery: CancelledDelivery } | { result: 'finished' };

export interface ReplayCount {
  count: number;
  /** Where to go on; null at the end. */
  next: ReplayPosition | null;
}

/** How many are in each state; those in which none is are left out. */
export type StateCounts = Partial<Record<DeliveryState, number>>;

export interface ReplayCandidates {
  candidates: ReplayCandidate[];
  next: ReplayPosition | null;
}

export interface ReplayCandidate {
  eventId: string;
  /** The latest delivery of the event to the subscription. */
  deliveryId: string;
  deliveryCreatedAt: number;
  /** Of the event's first delivery to the subscription: where the job is when it has made this one. */
  at: ReplayPosition;
}

export interface ReplayStep {
  workspaceId: string;
  replayId: string;
  subscriptionId: string;
  /** How many the job had made when the step was planned. */
  steps: number;
  states: readonly DeliveryState[];
  planned: readonly PlannedReplay[];
  /** Of what is planned only so much is made that no more than this are pending and were never attempted. */
  waitingMax: number;
  /** Where the plan ends; null at the end of the selection. Undefined: nothing was planned, the job stays where it is. */
  position?: ReplayPosition | null;
  /** What was counted since the step before. */
  counted?: ReplayCount;
}

export interface PlannedReplay extends ReplayCandidate {
  /** Of the new delivery. */
  id: string;
}

export interface ReplayStepCommit extends Omit<ReplayCommit, 'results'> {
  /** As it is now. */
  replay: Replay;
  /** Made by it and never attempted so far, those of this step left out. */
  waiting: number;
  /** Made by it and not ended, as far as is known. */
  open: number;
}

/**
 * Of what a job made, those waiting for a retry are looked at so many per step, by turns; those never attempted always.
 */
export const RETRYING_LOOKED_AT = 100;
