import type { Statistics, WindowName } from '../domain/statistics.ts';
import { readStatistics, startOfSpan, WINDOWS } from '../domain/statistics.ts';
import type { Engine } from '../engine/engine.ts';
import type { Clock } from '../lib/clock.ts';
import type { PendingBacklog, StatisticsStore } from '../store/contract/statistics.ts';
import type { SubscriptionStore } from '../store/contract/subscriptions.ts';
import { findSubscription } from './find-subscription.ts';
import { isoOf, isoOrNull } from './subscription-view.ts';

/** A backlog is counted so far: beyond it, how far beyond is for the metrics. */
export const BACKLOG_COUNTED_MAX = 10_000;

export interface StatisticsView {
  windows: Record<WindowName, Statistics & { since: string }>;
  backlog: BacklogView;
}

export interface BacklogView {
  pending: number;
  /** There are more than were counted. */
  isMore: boolean;
  oldestDueAt: string | null;
}

export interface SubscriptionStatisticsDeps {
  store: Pick<SubscriptionStore, 'findSubscription'> &
    Pick<StatisticsStore, 'sumStatistics' | 'measureSubscription'>;
  engine: Pick<Engine, 'flushStatistics'>;
  clock: Clock;
}

/** How a subscription fares. At most 350 rows and some thousand index entries are read, whatever its history. */
export class SubscriptionStatistics {
  readonly #deps: SubscriptionStatisticsDeps;

  constructor(deps: SubscriptionStatisticsDeps) {
    this.#deps = deps;
  }

  /** With all that this node has counted, and what others had half a minute ago. */
  async get(workspaceId: string, id: string): Promise<StatisticsView> {
    const { store, engine, clock } = this.#deps;
    await findSubscription(store, workspaceId, id);
    await engine.flushStatistics();
    const now = clock.now();
    const window = async (name: WindowName): Promise<Statistics & { since: string }> => {
      const { ms, span } = WINDOWS[name];
      const since = startOfSpan(span, now - ms);
      const counts = await store.sumStatistics(workspaceId, id, span, since);
      return { since: isoOf(since), ...readStatistics(counts) };
    };
    const windows = { '1h': await window('1h'), '24h': await window('24h'), '7d': await window('7d') };
    const backlog = await store.measureSubscription(workspaceId, id, BACKLOG_COUNTED_MAX + 1);
    return { windows, backlog: viewBacklog(backlog) };
  }
}

/** Of what was counted up to one more than {@link BACKLOG_COUNTED_MAX}. */
export function viewBacklog({ pending, oldestDueAt }: PendingBacklog): BacklogView {
  return {
    pending: Math.min(pending, BACKLOG_COUNTED_MAX),
    isMore: pending > BACKLOG_COUNTED_MAX,
    oldestDueAt: isoOrNull(oldestDueAt),
  };
}
