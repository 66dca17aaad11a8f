import { spansOf, successRateOf } from '../domain/statistics.ts';
import type { Engine } from '../engine/engine.ts';
import type { Clock } from '../lib/clock.ts';
import type { HealthRow, StatisticsStore } from '../store/contract/statistics.ts';
import { isoOf } from './subscription-view.ts';

/** What is pending of each is counted so far: of a page of a hundred, as much as of one subscription alone. */
export const HEALTH_BACKLOG_COUNTED_MAX = 100;

/** How a subscription fares, for a list of them. */
export interface SubscriptionHealth {
  /** Of the deliveries that ended in the last 24 hours; null where none did. */
  successRate: number | null;
  /** The same 24 hours, hour by hour. */
  series: { at: string; succeeded: number; failed: number }[];
  backlog: { pending: number; isMore: boolean };
}

export interface SubscriptionHealthsDeps {
  store: Pick<StatisticsStore, 'listHealth'>;
  engine: Pick<Engine, 'flushStatistics'>;
  clock: Clock;
}

/** How the subscriptions of a page fare: one question for all of them. */
export class SubscriptionHealths {
  readonly #deps: SubscriptionHealthsDeps;

  constructor(deps: SubscriptionHealthsDeps) {
    this.#deps = deps;
  }

  /** The same items, each with its health: with all that this node has counted, and what others had half a minute ago. */
  async addTo<Item extends { _id: string }>(
    workspaceId: string,
    items: readonly Item[],
  ): Promise<(Item & { health: SubscriptionHealth })[]> {
    const { store, engine, clock } = this.#deps;
    if (items.length === 0) return [];
    await engine.flushStatistics();
    const spans = spansOf('24h', clock.now());
    const ids = items.map(({ _id }) => _id);
    const rows = await store.listHealth(workspaceId, ids, spans[0] ?? 0, HEALTH_BACKLOG_COUNTED_MAX + 1);
    const rowOf = new Map(rows.map((row) => [row.subscriptionId, row]));
    return items.map((item) => ({ ...item, health: viewHealth(spans, rowOf.get(item._id)) }));
  }
}

/** `row`: undefined of one that was deleted since. */
function viewHealth(spans: readonly number[], row: HealthRow | undefined): SubscriptionHealth {
  const ended = new Map(row?.spans.map((span) => [span.startAt, span]));
  const series = spans.map((startAt) => {
    const { succeeded = 0, failed = 0 } = ended.get(startAt) ?? {};
    return { at: isoOf(startAt), succeeded, failed };
  });
  const totalOf = (of: 'succeeded' | 'failed'): number => series.reduce((sum, span) => sum + span[of], 0);
  const pending = row?.pending ?? 0;
  return {
    successRate: successRateOf(totalOf('succeeded'), totalOf('failed')),
    series,
    backlog: {
      pending: Math.min(pending, HEALTH_BACKLOG_COUNTED_MAX),
      isMore: pending > HEALTH_BACKLOG_COUNTED_MAX,
    },
  };
}
