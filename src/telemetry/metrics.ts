import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { AttemptOutcome } from '../domain/attempt.ts';
import type { DeliveryState } from '../domain/delivery.ts';
import type { EngineStatus } from '../engine/engine.ts';
import type { Backlog } from '../store/contract/history.ts';

/** From a fast local receiver to the longest timeout. */
const ATTEMPT_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const BATCH_SIZES = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000];

/** Where the gauges are read when somebody asks for the metrics. */
interface MetricsSources {
  engine(): EngineStatus;
  backlog(): Promise<Backlog>;
  now(): number;
}

/**
 * What Velahook counts. Labels have few, fixed values: no URL, event type, workspace or token is one, because
 * whoever can make them up could make up a million time series.
 */
export interface Metrics {
  eventsCommitted(stored: number, duplicates: number, conflicts: number): void;
  attemptEnded(outcome: AttemptOutcome, durationMs: number): void;
  /** A fault of ours kept an attempt from being made. */
  attemptNotMade(): void;
  deliveryEnded(state: DeliveryState, count: number): void;
  recordsCommitted(count: number): void;
  /** `route` is the route's pattern, never the path. */
  requestAnswered(route: string, method: string, status: number): void;
  authenticationFailed(): void;
  /** Wires the gauges, once the engine runs. */
  watch(sources: MetricsSources): void;
  /** Prometheus text, and its content type. */
  collect(): Promise<string>;
  readonly contentType: string;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name, help, labelNames, registers });
  const events = counter('velahook_events_total', 'Publish requests by what became of them', ['result']);
  const attempts = counter('velahook_attempts_total', 'Attempts by outcome', ['outcome']);
  const notMade = counter('velahook_attempts_not_made_total', 'Attempts kept back by a fault of ours');
  const ends = counter('velahook_deliveries_ended_total', 'Deliveries by final state', ['state']);
  const requests = counter('velahook_http_requests_total', 'API requests', ['route', 'method', 'status']);
  const refused = counter('velahook_authentication_failures_total', 'Requests with a missing or wrong token');
  const attemptSeconds = new Histogram({
    name: 'velahook_attempt_duration_seconds',
    help: 'From the start of an attempt to the response head or the failure',
    buckets: ATTEMPT_SECONDS,
    registers,
  });
  const batches = new Histogram({
    name: 'velahook_commit_batch_size',
    help: 'Events or records per group commit',
    labelNames: ['stage'],
    buckets: BATCH_SIZES,
    registers,
  });
  const setGauges = createGauges(registers);
  let sources: MetricsSources | undefined;
  return {
    eventsCommitted(stored, duplicates, conflicts) {
      events.inc({ result: 'stored' }, stored);
      events.inc({ result: 'duplicate' }, duplicates);
      events.inc({ result: 'conflict' }, conflicts);
      batches.observe({ stage: 'intake' }, stored + duplicates + conflicts);
    },
    attemptEnded(outcome, durationMs) {
      attempts.inc({ outcome });
      attemptSeconds.observe(durationMs / 1000);
    },
    attemptNotMade: () => notMade.inc(),
    deliveryEnded: (state, count) => ends.inc({ state }, count),
    recordsCommitted: (count) => batches.observe({ stage: 'record' }, count),
    requestAnswered: (route, method, status) => requests.inc({ route, method, status: String(status) }),
    authenticationFailed: () => refused.inc(),
    watch(wired) {
      sources = wired;
    },
    async collect() {
      // The counters matter most when the store is in trouble: then they are answered without its gauges.
      if (sources !== undefined) await setGauges(sources).catch(() => undefined);
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}

/** Gauges are set when they are asked for; without sources, or when the store cannot tell, they are not there. */
function createGauges(registers: Registry[]): (sources: MetricsSources) => Promise<void> {
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const eventsWaiting = gauge('velahook_events_waiting', 'Events waiting for their commit');
  const inFlight = gauge('velahook_attempts_in_flight', 'Attempts under way');
  const lanesOwned = gauge('velahook_lanes_owned', 'Lanes this node owns');
  const lanesUnhealthy = gauge('velahook_lanes_unhealthy', 'Owned lanes that are only probed');
  const recordsWaiting = gauge('velahook_records_waiting', 'Ended attempts waiting for their commit');
  const pending = gauge(
    'velahook_deliveries_pending',
    'Deliveries that are not finished; of very many an estimate',
  );
  const oldest = gauge('velahook_oldest_due_seconds', 'How long the longest due delivery has waited');
  return async (sources) => {
    const status = sources.engine();
    eventsWaiting.set(status.eventsWaiting);
    inFlight.set(status.attemptsInFlight);
    lanesOwned.set(status.lanesOwned);
    lanesUnhealthy.set(status.lanesUnhealthy);
    recordsWaiting.set(status.recordsWaiting);
    const backlog = await sources.backlog();
    pending.set(backlog.pending);
    oldest.set(backlog.oldestDueAt === null ? 0 : Math.max(0, sources.now() - backlog.oldestDueAt) / 1000);
  };
}
