import type { Counts, Span } from '../../domain/statistics.ts';

export interface StatisticsStore {
  /**
   * Adds to what is stored, in one commit. Entries of one subscription or workspace and moment that come together are
   * added up. Of a deleted workspace nothing is kept.
   */
  addStatistics(entries: readonly StatisticsEntry[]): Promise<void>;
  /** The sums of all spans from `since` on; zeros where there are none, or no such subscription. */
  sumStatistics(workspaceId: string, subscriptionId: string, span: Span, since: number): Promise<Counts>;
  /** Counted up to `max`. */
  measureSubscription(workspaceId: string, subscriptionId: string, max: number): Promise<PendingBacklog>;
  /** What there is of a workspace's spans from `since` on, in their order. */
  listStatistics(workspaceId: string, span: Span, since: number): Promise<SpanCounts[]>;
  /** All that is pending in a workspace, counted up to `max`. */
  measureWorkspace(workspaceId: string, max: number): Promise<PendingBacklog>;
  /**
   * How subscriptions fare: their long spans from `since` on, and what is pending of each, counted up to `max`. Those
   * that the workspace has not are left out; in any order. One statement, however many there are.
   */
  listHealth(
    workspaceId: string,
    subscriptionIds: readonly string[],
    since: number,
    max: number,
  ): Promise<HealthRow[]>;
  /** Removes at most `limit` spans that nobody asks for any more; answers how many. */
  removeStatistics(now: number, limit: number): Promise<number>;
}

/** What was counted of a subscription or a workspace in one span. */
export interface StatisticsEntry {
  of: 'subscription' | 'workspace';
  id: string;
  /** When the shorter span began; it is part of the longer one. */
  startAt: number;
  counts: Counts;
}

export interface SpanCounts {
  startAt: number;
  counts: Counts;
}

/** What is pending of a subscription or in a workspace. */
export interface PendingBacklog {
  pending: number;
  /** The `dueAt` of the one that is due first, or null. */
  oldestDueAt: number | null;
}

/** Deliveries that ended in a span. */
export interface EndedInSpan {
  startAt: number;
  succeeded: number;
  failed: number;
}

export interface HealthRow {
  subscriptionId: string;
  /** Those in which something was counted, in any order. */
  spans: EndedInSpan[];
  pending: number;
}
