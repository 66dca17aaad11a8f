import type { Counts, Span } from '../../domain/statistics.ts';

export interface StatisticsStore {
  /** Adds to what is stored. Entries of one subscription and moment that come together are added up. */
  addStatistics(entries: readonly StatisticsEntry[]): Promise<void>;
  /** The sums of all spans from `since` on; zeros where there are none, or no such subscription. */
  sumStatistics(workspaceId: string, subscriptionId: string, span: Span, since: number): Promise<Counts>;
  /** Counted up to `max`. */
  measureSubscription(workspaceId: string, subscriptionId: string, max: number): Promise<SubscriptionBacklog>;
  /** Removes at most `limit` spans that nobody asks for any more; answers how many. */
  removeStatistics(now: number, limit: number): Promise<number>;
}

/** What was counted of a subscription in one span. */
export interface StatisticsEntry {
  subscriptionId: string;
  /** When the shorter span began; it is part of the longer one. */
  startAt: number;
  counts: Counts;
}

export interface SubscriptionBacklog {
  pending: number;
  /** The `dueAt` of the one that is due first, or null. */
  oldestDueAt: number | null;
}
