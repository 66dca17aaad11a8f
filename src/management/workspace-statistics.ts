import type { Counts, Statistics, WindowName } from '../domain/statistics.ts';
import { noCounts, publishedOf, readStatistics, spansOf, sumOf, WINDOWS } from '../domain/statistics.ts';
import type { Engine } from '../engine/engine.ts';
import type { Clock } from '../lib/clock.ts';
import type { StatisticsStore } from '../store/contract/statistics.ts';
import type { BacklogView } from './statistics.ts';
import { BACKLOG_COUNTED_MAX, viewBacklog } from './statistics.ts';
import { isoOf } from './subscription-view.ts';

export interface WorkspaceStatisticsView {
  window: WindowName;
  since: string;
  totals: Statistics & { published: number };
  series: SpanView[];
  backlog: BacklogView;
}

/** One span of the series. */
export interface SpanView extends Pick<Statistics, 'succeeded' | 'failed' | 'latencyMs'> {
  at: string;
  published: number;
  failedAttempts: number;
}

export interface WorkspaceStatisticsDeps {
  store: Pick<StatisticsStore, 'listStatistics' | 'measureWorkspace'>;
  engine: Pick<Engine, 'flushStatistics'>;
  clock: Clock;
}

/** How a workspace fares. At most 170 rows, and some thousand index entries of what is pending, are read. */
export class WorkspaceStatistics {
  readonly #deps: WorkspaceStatisticsDeps;

  constructor(deps: WorkspaceStatisticsDeps) {
    this.#deps = deps;
  }

  /** With all that this node has counted, and what others had half a minute ago. */
  async get(workspaceId: string, window: WindowName): Promise<WorkspaceStatisticsView> {
    const { store, engine, clock } = this.#deps;
    await engine.flushStatistics();
    const spans = spansOf(window, clock.now());
    const [since = 0] = spans;
    const rows = await store.listStatistics(workspaceId, WINDOWS[window].span, since);
    const stored = new Map(rows.map(({ startAt, counts }) => [startAt, counts]));
    // What nodes whose clocks are ahead have counted is shown when it is time: the totals are those of the series.
    const series = spans.map((startAt) => ({ startAt, counts: stored.get(startAt) ?? noCounts() }));
    const total = sumOf(series.map(({ counts }) => counts));
    return {
      window,
      since: isoOf(since),
      totals: { published: publishedOf(total), ...readStatistics(total) },
      series: series.map(({ startAt, counts }) => viewSpan(startAt, counts)),
      backlog: viewBacklog(await store.measureWorkspace(workspaceId, BACKLOG_COUNTED_MAX + 1)),
    };
  }
}

function viewSpan(startAt: number, counts: Counts): SpanView {
  const { succeeded, failed, attempts, latencyMs } = readStatistics(counts);
  const { success: _succeeded, ...failures } = attempts;
  const failedAttempts = Object.values(failures).reduce((sum, each) => sum + each, 0);
  return { at: isoOf(startAt), published: publishedOf(counts), succeeded, failed, failedAttempts, latencyMs };
}
