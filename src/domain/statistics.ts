import { ATTEMPT_OUTCOMES } from './attempt.ts';
import type { AttemptOutcome } from './attempt.ts';

/**
 * Statistics are kept as sums over spans of time: five minutes, for the last hour, and an hour, for the last day and
 * week. A subscription, or a workspace, has so at most 200 rows, whatever its deliveries.
 */
export const SPANS_MS = { short: 5 * 60_000, long: 60 * 60_000 } as const;
export type Span = keyof typeof SPANS_MS;
/** What is asked for reaches back so far; the span that it begins in is part of it. */
export const WINDOWS = {
  '1h': { ms: 60 * 60_000, span: 'short' },
  '24h': { ms: 24 * 60 * 60_000, span: 'long' },
  '7d': { ms: 7 * 24 * 60 * 60_000, span: 'long' },
} as const satisfies Record<string, { ms: number; span: Span }>;
export type WindowName = keyof typeof WINDOWS;
/** After so long nobody asks for a span any more. */
export const SPAN_KEPT_MS: Readonly<Record<Span, number>> = {
  short: WINDOWS['1h'].ms + SPANS_MS.short,
  long: WINDOWS['7d'].ms + SPANS_MS.long,
};

/** Latencies are counted up to each of these, in milliseconds: a quantile is right within a third or so. */
const LATENCY_BOUNDS_MS = [
  5, 10, 20, 35, 50, 75, 100, 150, 200, 300, 400, 500, 700, 1_000, 1_500, 2_000, 3_000, 4_000, 5_000, 7_000,
  10_000, 15_000, 20_000, 30_000,
] as const;

/** What is counted: attempts by outcome, ended deliveries, and latencies of attempts that were answered. */
export const MEASURES: readonly string[] = [
  ...ATTEMPT_OUTCOMES,
  'succeeded',
  'failed',
  ...LATENCY_BOUNDS_MS.map((bound) => `latency_${bound}`),
];
/** Of a workspace, events that were published are counted besides. */
export const WORKSPACE_MEASURES: readonly string[] = [...MEASURES, 'published'];
const SUCCEEDED = ATTEMPT_OUTCOMES.length;
const FAILED = SUCCEEDED + 1;
const LATENCIES = FAILED + 1;
const PUBLISHED = LATENCIES + LATENCY_BOUNDS_MS.length;

/** A number for each of {@link WORKSPACE_MEASURES}; those of a subscription have none published. */
export type Counts = number[];

export function noCounts(): Counts {
  return WORKSPACE_MEASURES.map(() => 0);
}

export function sumOf(all: Iterable<Counts>): Counts {
  const sums = noCounts();
  for (const counts of all) addCounts(sums, counts);
  return sums;
}

/** Adds the second to the first. */
export function addCounts(sums: Counts, counts: Counts): void {
  counts.forEach((each, i) => (sums[i] = (sums[i] ?? 0) + each));
}

/** An attempt, and what became of its delivery. */
export interface CountedAttempt {
  outcome: AttemptOutcome;
  durationMs: number;
  state: 'pending' | 'succeeded' | 'failed' | 'cancelled';
}

/** Adds one attempt. */
export function count(counts: Counts, { outcome, durationMs, state }: CountedAttempt): void {
  add(counts, ATTEMPT_OUTCOMES.indexOf(outcome));
  if (state === 'succeeded') add(counts, SUCCEEDED);
  if (state === 'failed') add(counts, FAILED);
  if (outcome !== 'success' && outcome !== 'http_status') return;
  const found = LATENCY_BOUNDS_MS.findIndex((bound) => durationMs <= bound);
  add(counts, LATENCIES + (found === -1 ? LATENCY_BOUNDS_MS.length - 1 : found));
}

/** Adds one event that was stored for the first time. */
export function countPublished(counts: Counts): void {
  add(counts, PUBLISHED);
}

/** Where the span begins that a moment is in. */
export function startOfSpan(span: Span, at: number): number {
  return Math.floor(at / SPANS_MS[span]) * SPANS_MS[span];
}

/** Where each span of a window begins, the one that `now` is in last. */
export function spansOf(name: WindowName, now: number): number[] {
  const { ms, span } = WINDOWS[name];
  const since = startOfSpan(span, now - ms);
  const count = (startOfSpan(span, now) - since) / SPANS_MS[span] + 1;
  return Array.from({ length: count }, (_, i) => since + i * SPANS_MS[span]);
}

export interface Statistics {
  /** Of deliveries that ended, by success or for good. */
  succeeded: number;
  failed: number;
  /** Of those, the part that succeeded; null where none ended. */
  successRate: number | null;
  /** Attempts by outcome. */
  attempts: Record<AttemptOutcome, number>;
  /** From the start of an attempt to the head of its answer; null where nothing was answered. */
  latencyMs: { p50: number | null; p95: number | null };
}

export function readStatistics(counts: Counts): Statistics {
  const at = (index: number): number => counts[index] ?? 0;
  const [succeeded, failed] = [at(SUCCEEDED), at(FAILED)];
  const latencies = counts.slice(LATENCIES, PUBLISHED);
  return {
    succeeded,
    failed,
    successRate: successRateOf(succeeded, failed),
    attempts: Object.fromEntries(ATTEMPT_OUTCOMES.map((outcome, i) => [outcome, at(i)])) as Record<
      AttemptOutcome,
      number
    >,
    latencyMs: { p50: quantile(latencies, 0.5), p95: quantile(latencies, 0.95) },
  };
}

/** How many events were published. */
export function publishedOf(counts: Counts): number {
  return counts[PUBLISHED] ?? 0;
}

/** Of deliveries that ended; null where none did. */
export function successRateOf(succeeded: number, failed: number): number | null {
  return succeeded + failed === 0 ? null : succeeded / (succeeded + failed);
}

/** As if the latencies between two bounds were spread evenly. */
function quantile(latencies: readonly number[], part: number): number | null {
  const total = latencies.reduce((sum, each) => sum + each, 0);
  if (total === 0) return null;
  let left = total * part;
  let lower = 0;
  for (const [i, bound] of LATENCY_BOUNDS_MS.entries()) {
    const here = latencies[i] ?? 0;
    if (here > 0 && left <= here) return Math.round(lower + (bound - lower) * (left / here));
    left -= here;
    lower = bound;
  }
  return lower;
}

function add(counts: Counts, index: number): void {
  counts[index] = (counts[index] ?? 0) + 1;
}
