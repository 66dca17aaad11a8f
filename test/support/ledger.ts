import { setTimeout as wait } from 'node:timers/promises';
import type { ReceivedRequest } from './receiver.ts';

/** A line of the receiver's ledger: one request, written before it is answered. */
export interface Arrival {
  /** `path eventId`: one delivery. */
  delivery: string;
  eventId: string;
  /** The number of the attempt. */
  number: number;
  attemptId: string;
  /** Which run of the server sent it: 1, 2, 3, … */
  run: number;
  at: number;
  /** Null while it is held. */
  answeredAt: number | null;
  status: number | null;
}

/** When runs of the server were killed, or stood still, by run, in milliseconds since the Unix epoch. */
export type Deaths = ReadonlyMap<number, number>;

export interface LedgerVerdict {
  arrivals: number;
  delivered: number;
  /** Attempts made again under the same number, by the run that died before recording the first. */
  repeatsByRun: Map<number, number>;
  /** What must not be, in words; empty when all is well. */
  violations: string[];
}

/** So long after its answer an attempt may still be unrecorded when the server dies. */
const RECORD_MS_MAX = 1_000;
const VIOLATIONS_TOLD_MAX = 20;
/** An environment's `User-Agent`, by which the ledger tells which run sent a request. */
export const runAgent = (run: number): string => `run-${run}`;

/**
 * What a receiver got, in order, and whether it should have. The rule for two requests of a delivery that follow
 * each other: the next number after an answer that was no success, or the same number by another run after one that died before
 * it can have recorded the first. Nothing else is a legitimate request.
 */
export class Ledger {
  readonly #arrivals = new Map<string, Arrival[]>();
  readonly #bodies = new Map<string, Buffer>();
  readonly #violations: string[] = [];
  #count = 0;
  #succeeded = 0;

  get count(): number {
    return this.#count;
  }

  /** Deliveries with at least one success. */
  get succeeded(): number {
    return this.#succeeded;
  }

  /** Requests that came and are not answered. */
  get open(): number {
    let open = 0;
    for (const arrivals of this.#arrivals.values())
      for (const arrival of arrivals) if (arrival.answeredAt === null) open += 1;
    return open;
  }

  of(delivery: string): readonly Arrival[] {
    return this.#arrivals.get(delivery) ?? [];
  }

  all(): Arrival[] {
    return [...this.#arrivals.values()].flat();
  }

  /** Writes a request down; to be called before anything is answered. */
  arrived({ path, headers, body, receivedAt }: ReceivedRequest): Arrival {
    const eventId = String(headers['webhook-id']);
    const arrival: Arrival = {
      delivery: `${path} ${eventId}`,
      eventId,
      number: Number(headers['x-webhook-attempt']),
      attemptId: String(headers['x-webhook-delivery-id']),
      run: Number(/run-(\d+)/.exec(headers['user-agent'] ?? '')?.[1] ?? 0),
      at: receivedAt,
      answeredAt: null,
      status: null,
    };
    this.#count += 1;
    const before = this.#arrivals.get(arrival.delivery);
    if (before) before.push(arrival);
    else this.#arrivals.set(arrival.delivery, [arrival]);
    const known = this.#bodies.get(eventId);
    if (known === undefined) this.#bodies.set(eventId, Buffer.from(body));
    else if (!known.equals(body)) this.#violations.push(`${arrival.delivery}: another body than before`);
    return arrival;
  }

  answered(arrival: Arrival, status: number): void {
    const isFirst = isSuccess(status) && !this.of(arrival.delivery).some((each) => isSuccess(each.status));
    if (isFirst) this.#succeeded += 1;
    arrival.status = status;
    arrival.answeredAt = Date.now();
  }

  /** Resolves when so many deliveries have succeeded; rejects, saying how many had, when they do not in time. */
  async waitForSucceeded(count: number, timeoutMs: number): Promise<void> {
    const until = performance.now() + timeoutMs;
    while (this.#succeeded < count) {
      if (performance.now() > until) throw new Error(`${this.#succeeded} of ${count} deliveries succeeded.`);
      await wait(5);
    }
  }

  /**
   * Judges everything that arrived against what was to be delivered: `path eventId` of each delivery. `resumed`: when
   * runs that only stood still went on; what they got after that nobody may attempt again.
   */
  judge(expected: ReadonlySet<string>, deaths: Deaths, resumed: Deaths = new Map()): LedgerVerdict {
    const violations = [...this.#violations];
    const repeatsByRun = new Map<number, number>();
    for (const delivery of expected)
      if (!this.of(delivery).some(({ status }) => isSuccess(status))) violations.push(`${delivery}: lost`);
    for (const [delivery, arrivals] of this.#arrivals) {
      if (!expected.has(delivery)) violations.push(`${delivery}: unexpected`);
      if (arrivals[0]?.number !== 1)
        violations.push(`${delivery}: begins with attempt ${arrivals[0]?.number}`);
      if (new Set(arrivals.map(({ attemptId }) => attemptId)).size < arrivals.length)
        violations.push(`${delivery}: an attempt id twice`);
      arrivals.slice(1).forEach((next, i) => {
        const before = arrivals[i];
        if (!before) return;
        if (isNextAttempt(before, next)) return;
        if (isRepeat(before, next, deaths, resumed))
          repeatsByRun.set(before.run, (repeatsByRun.get(before.run) ?? 0) + 1);
        else violations.push(`${delivery}: ${told(before)}, then ${told(next)}`);
      });
    }
    return {
      arrivals: this.#count,
      delivered: this.#succeeded,
      repeatsByRun,
      violations: violations.slice(0, VIOLATIONS_TOLD_MAX),
    };
  }
}

function isSuccess(status: number | null): boolean {
  return status !== null && status >= 200 && status < 300;
}

function isNextAttempt(before: Arrival, next: Arrival): boolean {
  return next.number === before.number + 1 && before.status !== null && !isSuccess(before.status);
}

function isRepeat(before: Arrival, next: Arrival, deaths: Deaths, resumed: Deaths): boolean {
  const diedAt = deaths.get(before.run) ?? Infinity;
  const isUnrecorded = before.answeredAt === null || before.answeredAt > diedAt - RECORD_MS_MAX;
  const isCut = isUnrecorded && before.at < (resumed.get(before.run) ?? Infinity);
  return next.number === before.number && next.run !== before.run && isCut && next.at >= diedAt;
}

function told({ number, status, run }: Arrival): string {
  return `attempt ${number} of run ${run} (${status ?? 'unanswered'})`;
}
