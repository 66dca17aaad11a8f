import type { Counts, Span } from '../domain/statistics.ts';
import {
  addCounts,
  MEASURES,
  noCounts,
  SPANS_MS,
  startOfSpan,
  WORKSPACE_MEASURES,
} from '../domain/statistics.ts';
import type { EndedInSpan, HealthRow, StatisticsEntry } from './contract/statistics.ts';

/** What each of the two tables counts: its columns of counts are named as the measures are. */
export const MEASURES_OF: Readonly<Record<StatisticsEntry['of'], readonly string[]>> = {
  subscription: MEASURES,
  workspace: WORKSPACE_MEASURES,
};
/** For `ON CONFLICT … DO UPDATE SET`, where `s` is what is stored. */
export function addingOf(measures: readonly string[]): string {
  return measures.map((measure) => `${measure} = s.${measure} + excluded.${measure}`).join(', ');
}
/** Columns of a subscription's row that has the measures' names. */
export const SUM_COUNTS = MEASURES.map((measure) => `coalesce(sum(${measure}), 0) AS ${measure}`).join(', ');

export interface StatisticsRow {
  id: string;
  span: Span;
  startAt: number;
  counts: Counts;
}

/** One row for each span of each of a kind, in the order in which they are to be locked. */
export function rowsOf(kind: StatisticsEntry['of'], entries: readonly StatisticsEntry[]): StatisticsRow[] {
  const rows = new Map<string, StatisticsRow>();
  for (const { of, id, startAt: at, counts } of entries) {
    if (of !== kind) continue;
    for (const span of Object.keys(SPANS_MS) as Span[]) {
      const startAt = startOfSpan(span, at);
      const key = `${id} ${span} ${startAt}`;
      const row = rows.get(key) ?? { id, span, startAt, counts: noCounts() };
      addCounts(row.counts, counts);
      rows.set(key, row);
    }
  }
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

export function countsOf(row: Readonly<Record<string, number | string>> | undefined): Counts {
  return WORKSPACE_MEASURES.map((measure) => Number(row?.[measure] ?? 0));
}

/** `spans`: JSON, a list of the values of {@link EndedInSpan} in their order. */
export type StoredHealthRow = Omit<HealthRow, 'spans'> & { spans: string };

export function healthOf({ spans, ...row }: StoredHealthRow): HealthRow {
  const triples = JSON.parse(spans) as [number, number, number][];
  const ended = triples.map(([startAt, succeeded, failed]): EndedInSpan => ({ startAt, succeeded, failed }));
  return { ...row, spans: ended };
}
