import type { NewNotice } from './subscriptions.ts';

/** A workspace whose deliveries wait for longer than they should. */
export interface DelayedWorkspace {
  workspaceId: string;
  oldestDueAt: number;
  /** How many of its subscriptions have a delivery that is as late. */
  subscriptions: number;
}

/** Telling workspaces of their backlog: once when it begins, and once when it is over, whichever node finds it first. */
export interface BacklogStore {
  /** Workspaces that have not been told, with a delivery that was due before; those with the oldest first. */
  listDelayed(dueBefore: number, limit: number): Promise<DelayedWorkspace[]>;
  /** Workspaces that were told, and have no delivery any more that was due before. */
  listRecovered(dueBefore: number, limit: number): Promise<string[]>;
  /** Writes down that it was told, with the notice that tells it; false, and nothing, when it was told before. */
  noticeDelayed(workspaceId: string, notice: NewNotice, now: number): Promise<boolean>;
  /** The same for the end of it. */
  noticeRecovered(workspaceId: string, notice: NewNotice, now: number): Promise<boolean>;
}
