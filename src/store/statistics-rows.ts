import type { Counts, Span } from '../domain/statistics.ts';
import { MEASURES, noCounts, SPANS_MS, startOfSpan } from '../domain/statistics.ts';
import type { StatisticsEntry } from './contract/statistics.ts';

/** The table's columns of counts are named as the measures are. */
export const COUNT_COLUMNS = MEASURES.join(', ');
/** For `ON CONFLICT … DO UPDATE SET`, where `s` is what is stored. */
export const ADD_COUNTS = MEASURES.map((measure) => `${measure} = s.${measure} + excluded.${measure}`).join(
  ', ',
);
/** Columns of a row that has the measures' names. */
export const SUM_COUNTS = MEASURES.map((measure) => `coalesce(sum(${measure}), 0) AS ${measure}`).join(', ');

export interface StatisticsRow {
  subscriptionId: string;
  span: Span;
  startAt: number;
  counts: Counts;
}

/** One row for each span of each subscription, in the order in which they are to be locked. */
export function rowsOf(entries: readonly StatisticsEntry[]): StatisticsRow[] {
  const rows = new Map<string, StatisticsRow>();
  for (const { subscriptionId, startAt: at, counts } of entries) {
    for (const span of Object.keys(SPANS_MS) as Span[]) {
      const startAt = startOfSpan(span, at);
      const key = `${subscriptionId} ${span} ${startAt}`;
      const row = rows.get(key) ?? { subscriptionId, span, startAt, counts: noCounts() };
      row.counts = row.counts.map((sum, i) => sum + (counts[i] ?? 0));
      rows.set(key, row);
    }
  }
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

export function countsOf(row: Readonly<Record<string, number>> | undefined): Counts {
  return MEASURES.map((measure) => Number(row?.[measure] ?? 0));
}
