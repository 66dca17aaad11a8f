import type { PendingDelivery } from '../../domain/delivery.ts';
import type { LaneHealth } from '../../domain/lane.ts';
import type { CancelledDelivery } from './replays.ts';

export interface LaneStore {
  /**
   * Makes free lanes that are ready at `readyBy` this epoch's own: shared out evenly over their workspaces, not
   * in plain order of readiness, so that one workspace with many cannot have them all.
   */
  takeLanes(epoch: number, readyBy: number, limit: number): Promise<TakenLanes>;
  /**
   * Unfinished deliveries of a lane, in order of `dueAt`: at most `firstLimit` not yet attempted and
   * `retryLimit` to be retried. What is being attempted right now is among them: the caller knows its own.
   * Of ordered deliveries only the first of each key: those that are held back are not loaded.
   */
  loadLane(subscriptionId: string, firstLimit: number, retryLimit: number): Promise<LaneLoad>;
  /**
   * Gives lanes back. A lane without unfinished deliveries goes; any other is free, with `nextDue` computed anew
   * from its deliveries, in the same commit, so that none is forgotten.
   */
  releaseLanes(epoch: number, lanes: readonly LaneRelease[]): Promise<void>;
  /** Writes down that an attempt of a suspect lane, or of a delivery with deaths, is about to be made; before the POST. */
  announceAttempt(epoch: number, deliveryId: string): Promise<void>;
  /**
   * Writes `cancelled` on at most `limit` pending deliveries whose generation is older than their
   * subscription's; answers them. Deliveries in `exceptIds` (attempts in flight) are left for their record.
   */
  cancelStale(limit: number, exceptIds: readonly string[], now: number): Promise<CancelledDelivery[]>;
}

export interface TakenLanes {
  lanes: TakenLane[];
  /** When the next lane still free is ready, or null when there is none. */
  nextReadyAt: number | null;
  /** Absent where there is one node. */
  share?: LanesShared;
}

/** How the lanes that are owned or ready are shared out over the live nodes. */
export interface LanesShared {
  /** What each would own if all had the same, rounded up. */
  even: number;
  /** What the node owns that owns the fewest. */
  least: number;
}

export interface TakenLane {
  subscriptionId: string;
  workspaceId: string;
  /** The node that had it died: one attempt at a time, announced, until one is recorded. */
  suspect: boolean;
  health: LaneHealth | null;
}

export interface LaneLoad {
  first: PendingDelivery[];
  /** False when there are more than were returned. */
  firstComplete: boolean;
  retries: PendingDelivery[];
  retriesComplete: boolean;
}

export interface LaneRelease {
  subscriptionId: string;
  health: LaneHealth;
}
