import type { PendingDelivery } from '../../src/domain/delivery.ts';
import type { LaneCondition, LaneLesson } from '../../src/domain/lane.ts';
import type { Lane } from '../../src/engine/schedule/lane.ts';
import type { PickedDelivery, SchedulerLimits } from '../../src/engine/schedule/scheduler.ts';
import { Scheduler } from '../../src/engine/schedule/scheduler.ts';

/** How a receiver behaves. */
export type Manner = 'healthy' | 'slow' | 'failing' | 'hanging';

/** A subscription as the world knows it, with its unfinished deliveries, whether a lane is open for it or not. */
export interface Subscriber {
  id: string;
  workspaceId: string;
  origin: string;
  manner: Manner;
  pending: Map<string, PendingDelivery>;
  inFlight: number;
  served: number;
}

type Pool = Record<LaneCondition | 'further', number>;
interface Flight {
  pick: PickedDelivery;
  subscriber: Subscriber;
  pools: Pool[];
  slotClass: keyof Pool;
  endsAt: number;
}

/** The rules as decision 2 words them, once more and by other means than the scheduler's. */
const PARTS: Pool = { proven: 1, further: 1 / 2, new: 1 / 4, unhealthy: 1 / 8 };
const FIRST = 2;
const TIMEOUT_MS = 10_000;
const RECORD_MS = 5;

/**
 * A pure scheduler among receivers of all manners, with a clock and an account of slots of its own. After every
 * `pick` it checks that no limit is passed, and that nobody who could be served is left waiting.
 */
export class World {
  readonly limits: SchedulerLimits;
  readonly scheduler: Scheduler;
  readonly subscribers: Subscriber[] = [];
  readonly #byId = new Map<string, Subscriber>();
  /** In order of service. */
  readonly order: Subscriber[] = [];
  now = 1_000_000;
  finished = 0;
  #made = 0;
  readonly #random: () => number;
  readonly #flights: Flight[] = [];
  readonly #records: { at: number; run: () => void }[] = [];
  /** Ids of deliveries from their pick to their record. */
  readonly #unrecorded = new Set<string>();
  readonly #pools = new Map<string, Pool>();

  constructor(limits: SchedulerLimits, random: () => number) {
    this.limits = limits;
    this.#random = random;
    this.scheduler = new Scheduler(limits, () => must(false, 'all of a lane is in memory here'));
  }

  below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  subscribe(workspaceId: string, origin: string, manner: Manner): Subscriber {
    const id = `s${this.subscribers.length}`;
    const subscriber = { id, workspaceId, origin, manner, pending: new Map(), inFlight: 0, served: 0 };
    this.subscribers.push(subscriber);
    this.#byId.set(id, subscriber);
    return subscriber;
  }

  publish(subscriber: Subscriber, count: number): void {
    for (let i = 0; i < count; i++) {
      const delivery: PendingDelivery = {
        id: `d${this.#made++}`,
        subscriptionId: subscriber.id,
        workspaceId: subscriber.workspaceId,
        eventId: 'e',
        eventType: 't.t',
        generation: 0,
        attempts: 0,
        dueAt: this.now,
        firstAttemptAt: null,
      };
      subscriber.pending.set(delivery.id, delivery);
      const lane = this.scheduler.find(subscriber.id) ?? this.open(subscriber);
      this.scheduler.offer(lane, delivery, this.now);
    }
  }

  open(subscriber: Subscriber): Lane {
    const lane = this.scheduler.open(
      {
        subscriptionId: subscriber.id,
        workspaceId: subscriber.workspaceId,
        origin: subscriber.origin,
        suspect: false,
        health: null,
        complete: true,
      },
      this.now,
    );
    for (const delivery of subscriber.pending.values())
      if (!this.#unrecorded.has(delivery.id)) this.scheduler.offer(lane, delivery, this.now);
    return lane;
  }

  /** As when a subscription is changed: with attempts in flight or not. */
  close(subscriber: Subscriber): void {
    const lane = this.scheduler.find(subscriber.id);
    if (lane) this.scheduler.close(lane);
  }

  move(subscriber: Subscriber, origin: string): void {
    subscriber.origin = origin;
    const lane = this.scheduler.find(subscriber.id);
    if (lane) this.scheduler.move(lane, origin, this.now);
  }

  pick(max = Infinity): void {
    const picks = this.scheduler.pick(this.now, max);
    for (const pick of picks) this.#took(pick);
    this.#checkCounts();
    if (picks.length < max) this.#checkNobodyIsForgotten();
  }

  /** Moves time on to whatever happens next; false when nothing will. */
  advance(): boolean {
    const at = Math.min(
      this.scheduler.nextWakeAt(),
      ...this.#flights.map(({ endsAt }) => endsAt),
      ...this.#records.map((record) => record.at),
    );
    if (at === Infinity) return false;
    this.now = Math.max(this.now, at);
    const [ended, flying] = partition(this.#flights, ({ endsAt }) => endsAt <= this.now);
    this.#flights.splice(0, Infinity, ...flying);
    for (const flight of ended) this.#end(flight);
    const [committed, waiting] = partition(this.#records, (record) => record.at <= this.now);
    this.#records.splice(0, Infinity, ...waiting);
    for (const record of committed) record.run();
    return true;
  }

  #took(pick: PickedDelivery): void {
    const subscriber = this.#byId.get(pick.delivery.subscriptionId);
    if (!subscriber) throw new Error('a delivery nobody published');
    const { lane, delivery } = pick;
    const inFlight = this.#flights.filter((flight) => flight.pick.lane === lane).length;
    must(subscriber.pending.has(delivery.id), 'what is finished is attempted');
    must(delivery.dueAt <= this.now, 'attempted before it was due');
    must(lane.health.pausedUntil <= this.now, 'attempted in a pause');
    must(inFlight < lane.health.limit, 'more in flight than the lane may have');
    const slotClass = classOf(lane.health.condition, inFlight);
    const pools = this.#poolsOf(subscriber);
    for (const [pool, capacity] of pools) {
      pool[slotClass] += 1;
      must(usedOf(pool) <= capacity, 'a pool gave more slots than it has');
      must(pool[slotClass] <= partOf(capacity, slotClass), `too many ${slotClass} slots`);
    }
    subscriber.inFlight += 1;
    subscriber.served += 1;
    this.order.push(subscriber);
    this.#unrecorded.add(delivery.id);
    const endsAt = this.now + this.#durationOf(subscriber.manner);
    this.#flights.push({ pick, subscriber, pools: pools.map(([pool]) => pool), slotClass, endsAt });
  }

  #checkCounts(): void {
    const node = this.#pool('node');
    for (const slotClass of Object.keys(PARTS) as (keyof Pool)[]) {
      const counted = this.scheduler.usedBy(slotClass);
      must(
        counted === node[slotClass],
        `${counted} instead of ${node[slotClass]} ${slotClass} slots are counted`,
      );
    }
  }

  /** Whoever has due work, no pause and a slot in every pool was passed over. */
  #checkNobodyIsForgotten(): void {
    for (const subscriber of this.subscribers) {
      const lane = this.scheduler.find(subscriber.id);
      if (!lane || lane.readyAt() > this.now) continue;
      const slotClass = classOf(lane.health.condition, lane.inFlight);
      // A lane that was refused one of these asks again when an attempt of its own ends.
      if (slotClass === 'further') continue;
      const isFree = this.#poolsOf(subscriber).every(
        ([pool, capacity]) => usedOf(pool) < capacity && pool[slotClass] < partOf(capacity, slotClass),
      );
      must(!isFree, `${subscriber.id} (${slotClass}) waits beside free slots`);
    }
  }

  #end({ pick, subscriber, pools, slotClass }: Flight): void {
    for (const pool of pools) pool[slotClass] -= 1;
    subscriber.inFlight -= 1;
    const lesson = this.#lessonOf(subscriber.manner);
    this.scheduler.ended(pick, lesson, this.now);
    const isSuccess = lesson.outcome === 'success';
    this.#records.push({
      at: this.now + this.below(RECORD_MS),
      run: () => {
        const { delivery } = pick;
        this.#unrecorded.delete(delivery.id);
        const dueAt = this.now + 1_000 * 2 ** Math.min(delivery.attempts, 6);
        const retry = isSuccess ? undefined : { ...delivery, attempts: delivery.attempts + 1, dueAt };
        if (retry) subscriber.pending.set(delivery.id, retry);
        else subscriber.pending.delete(delivery.id);
        if (isSuccess) this.finished += 1;
        this.scheduler.recorded(pick, retry, this.now);
        // A lane that was opened meanwhile was not told of what was in flight: the store's load would find it.
        const lane = this.scheduler.find(subscriber.id);
        if (retry && lane && lane !== pick.lane) this.scheduler.offer(lane, retry, this.now);
      },
    });
  }

  #poolsOf({ workspaceId, origin }: Subscriber): [Pool, number][] {
    const { slots, slotsPerWorkspace, slotsPerOrigin } = this.limits;
    return [
      [this.#pool('node'), slots],
      [this.#pool(`workspace ${workspaceId}`), slotsPerWorkspace],
      [this.#pool(`origin ${origin}`), slotsPerOrigin],
    ];
  }

  #pool(name: string): Pool {
    let pool = this.#pools.get(name);
    if (!pool) this.#pools.set(name, (pool = { proven: 0, further: 0, new: 0, unhealthy: 0 }));
    return pool;
  }

  #durationOf(manner: Manner): number {
    if (manner === 'hanging') return TIMEOUT_MS;
    return manner === 'slow' ? 2_000 + this.below(1_000) : 5 + this.below(50);
  }

  #lessonOf(manner: Manner): LaneLesson {
    if (manner === 'hanging') return { outcome: 'timeout', durationMs: TIMEOUT_MS, retryAfterMs: null };
    if (manner !== 'failing') return { outcome: 'success', durationMs: 5, retryAfterMs: null };
    const retryAfterMs = this.#random() < 0.1 ? this.below(5_000) : null;
    return { outcome: 'http_status', durationMs: 5, retryAfterMs };
  }
}

/** Vitest's `expect` takes longer than all the rest of a step. */
function must(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new Error(otherwise);
}

function classOf(condition: LaneCondition, inFlight: number): keyof Pool {
  return condition === 'proven' && inFlight >= FIRST ? 'further' : condition;
}

function partOf(capacity: number, slotClass: keyof Pool): number {
  return Math.max(1, Math.floor(capacity * PARTS[slotClass]));
}

function usedOf(pool: Pool): number {
  return pool.proven + pool.further + pool.new + pool.unhealthy;
}

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}
