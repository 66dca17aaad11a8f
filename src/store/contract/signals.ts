import type { TakenLane } from './lanes.ts';
import type { CancelledDelivery } from './replays.ts';

/**
 * How a node learns what others did. Signals only spare waiting and may be lost: whatever they tell is also found by
 * asking, which each node does every second. The embedded store has nothing to tell.
 */
export interface SignalStore {
  /** Called for every signal from now on; one listener. */
  onSignal(listener: (signal: StoreSignal) => void): void;
  /** Takes away the marks that other nodes left on lanes of this epoch. */
  takeWakes(epoch: number): Promise<LaneMarks>;
  /** All lanes of the epoch: what a node compares its memory with when it cannot be sure of it any more. */
  listOwnedLanes(epoch: number): Promise<TakenLane[]>;
  /** The subscription versions of workspaces; unknown ones are missing. */
  listSubscriptionVersions(workspaceIds: readonly string[]): Promise<WorkspaceVersion[]>;
}

export interface LaneMarks {
  /** Subscriptions whose lanes have new deliveries to be loaded. */
  lanes: string[];
  /** What was cancelled: no attempt of it is to begin any more. */
  cancelled: Pick<CancelledDelivery, 'id' | 'subscriptionId'>[];
}

export type StoreSignal =
  /** There may be marks to take by {@link SignalStore.takeWakes}. */
  | { kind: 'wakes' }
  /** A commit left a lane free and ready: it may be taken. */
  | { kind: 'free' }
  /** A subscription was created, changed, switched off or deleted. */
  | { kind: 'subscription'; workspaceId: string; subscriptionId: string }
  /** Somebody began to listen to a workspace's stream; there is something new in it. */
  | { kind: 'stream-opened' | 'stream-grew'; workspaceId: string }
  /** A workspace's settings were changed. */
  | { kind: 'settings'; workspaceId: string }
  /** A commit's outcome could not be learnt, or signals were lost: memory may be behind the store. */
  | { kind: 'unsure' };

export interface WorkspaceVersion {
  workspaceId: string;
  version: number;
}
