import type { DeliveryState } from './delivery.ts';
import type { Subscription } from './subscription.ts';

export const REPLAY_ID_PREFIX = 'rpl_';

/** Deliveries of one event that one call makes: one commit, some 25 ms of the store's time. */
export const REPLAYED_AT_ONCE_MAX = 1_000;
/** Replays of a workspace that run at once; each keeps some hundred deliveries pending. */
export const REPLAYS_RUNNING_MAX = 20;

/**
 * What a replay selects, of one subscription. Of each event only the first delivery to the subscription says when it
 * was, and only the latest one how it stands: an event is replayed once, however often it was before.
 */
export interface ReplaySelection {
  workspaceId: string;
  subscriptionId: string;
  /** First deliveries made at or after, and before. */
  since: number;
  until: number;
  /** Null: all. */
  eventTypes: readonly string[] | null;
  /** Of the latest delivery; `pending` means waiting for a retry: what was never attempted is on its way. */
  states: readonly DeliveryState[];
}

/** All but `succeeded`. */
export const REPLAYED_STATES_DEFAULT = [
  'pending',
  'failed',
  'cancelled',
  'skipped',
] as const satisfies readonly DeliveryState[];

/** What a subscription missed: what a replay selects of the time unless it is told more. */
export function missedBy(
  { workspaceId, id: subscriptionId }: Pick<Subscription, 'workspaceId' | 'id'>,
  since: number,
  until: number,
): ReplaySelection {
  return {
    workspaceId,
    subscriptionId,
    since,
    until,
    eventTypes: null,
    states: REPLAYED_STATES_DEFAULT,
  };
}

/** `cancelled` while what it made ends, too; {@link Replay.finishedAt} says when there is nothing left to be done. */
export type ReplayState = 'running' | 'done' | 'cancelled';

/** Why a replay was cancelled. */
export type ReplayEnd = 'requested' | 'subscription_inactive' | 'subscription_deleted';

/** How far a replay has come, in deliveries. */
export interface ReplayProgress {
  /** Selected, as far as has been counted. */
  count: number;
  made: number;
  /** Of those made; the rest of them is pending. */
  succeeded: number;
  failed: number;
  cancelled: number;
  /** Events selected of which nothing could be made, since their payload was erased. */
  erased: number;
}

/** A place in the order in which deliveries were made: by time, then as the store numbers them. */
export interface ReplayPosition {
  createdAt: number;
  seq: number;
}

/** A job that makes deliveries again, a few at a time. Times in milliseconds since the Unix epoch. */
export interface Replay extends ReplaySelection, ReplayProgress {
  id: string;
  state: ReplayState;
  reason: ReplayEnd | null;
  /** Everything up to here has been made; null at the beginning. */
  position: ReplayPosition | null;
  /** Nothing is left to be made. */
  isExhausted: boolean;
  /** Everything up to here has been counted; null at the beginning. */
  countedTo: ReplayPosition | null;
  isCounted: boolean;
  /** Grows with each step: of two nodes that make the same one, the second finds it made. */
  steps: number;
  createdAt: number;
  updatedAt: number;
  finishedAt: number | null;
}
