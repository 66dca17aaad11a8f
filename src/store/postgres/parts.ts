import type { Database } from './database.ts';
import type { GroupCommit } from './group-commit.ts';

/** What each part of the store works with. */
export interface StoreParts {
  /** Reads, each with a connection of its own. */
  database: Database;
  /** Everything that writes, in order. */
  writes: GroupCommit;
  /** Tells other nodes what was committed; each waits a moment, so that many go as one. */
  signals: SignalSender;
  /** How long a node's lease lives from each renewal. */
  leaseMs: number;
  /** Wall time, in milliseconds. */
  now: () => number;
}

/** To be called after the commit, never before: whoever hears of it looks at once. */
export interface SignalSender {
  /** Marks (`lane_wakes`) were left on lanes of these epochs. */
  wake(owners: Iterable<number>): void;
  /** Lanes became free and ready. */
  freed(): void;
  /** A subscription was created, changed, switched off or deleted. */
  subscriptionChanged(workspaceId: string, subscriptionId: string): void;
  settingsChanged(workspaceId: string): void;
  streamOpened(workspaceId: string): void;
  streamsGrew(workspaceIds: readonly string[]): void;
}
