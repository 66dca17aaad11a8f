/**
 * Stage 3 of 5, **schedule**: decides which delivery is attempted next.
 *
 * Reads: deliveries as intake commits them, loads of lanes, ends of attempts. Writes: nothing; it asks its owner
 * to load, and is asked for lanes to give back. Next: dispatch, in the order {@link Scheduler.pick} gives.
 * A crash here loses nothing: all of it is made again from the store's lanes and deliveries.
 */
import { LRUCache } from 'lru-cache';
import TinyQueue from 'tinyqueue';
import type { PendingDelivery } from '../../domain/delivery.ts';
import type { LaneCondition, LaneHealth, LaneLesson } from '../../domain/lane.ts';
import { afterOutcome, NEW_LANE_HEALTH, trustedHealth } from '../../domain/lane.ts';
import type { LaneLoad } from '../../store/contract/lanes.ts';
import type { WaitingPlaces } from './fair-ring.ts';
import { FairRing } from './fair-ring.ts';
import { Lane } from './lane.ts';
import type { SlotClass } from './slot-pool.ts';
import type { RateGate } from './rate-gate.ts';
import { SlotPool } from './slot-pool.ts';

export interface SchedulerLimits {
  /** Attempts in flight on this node. */
  slots: number;
  /** Of them, at most so many of one workspace. */
  slotsPerWorkspace: number;
  /** Of them, at most so many to one origin: as many as it is given connections. */
  slotsPerOrigin: number;
}

/** An attempt that has its slots and is to be made now. */
export interface PickedDelivery {
  lane: Lane;
  delivery: PendingDelivery;
  /** What its slots are counted under, and where; the lane's own may change meanwhile. */
  slotClass: SlotClass;
  origin: string;
  /** Has a token reserved for it until it starts; null where the lane has no limit. */
  gate: RateGate | null;
}

export interface LaneOpening {
  subscriptionId: string;
  workspaceId: string;
  origin: string;
  suspect: boolean;
  health: LaneHealth | null;
  /** No unfinished delivery of it is in the store but what is offered after this. */
  complete: boolean;
  /** Attempts per second at most; null or absent: no limit. */
  rateLimit?: number | null;
}

interface Wake {
  at: number;
  lane: Lane;
}

/** In the order they are asked: those that may hold few slots would otherwise wait for them for ever. */
const CONDITIONS: readonly LaneCondition[] = ['unhealthy', 'new', 'proven'];
/** Lanes given back whose receivers are remembered, so that a quiet subscription need not prove itself anew. */
const HEALTH_REMEMBERED_MAX = 20_000;

/** Who is next over all lanes this node owns. Pure but for its state: every call is given the time. */
export class Scheduler {
  readonly #limits: SchedulerLimits;
  readonly #wantLoad: (lane: Lane) => void;
  readonly #lanes = new Map<string, Lane>();
  /** Where each lane waits: for its turn, or, its turn having come too early, for a slot of its origin. */
  readonly #waiting: WaitingPlaces = new Map();
  readonly #rings: Record<LaneCondition, FairRing>;
  readonly #node: SlotPool;
  readonly #workspaces = new Map<string, SlotPool>();
  /** Those with an attempt in flight or a lane that waits for one. */
  readonly #origins = new Map<string, OriginSlots>();
  /** Those with a slot given back, until nobody waits there or all are taken again. */
  readonly #originsFreed = new Set<string>();
  readonly #wakes = new TinyQueue<Wake>([], (a, b) => a.at - b.at);
  /** When each lane is to be looked at again; wakes that say otherwise are stale. */
  readonly #wakeAt = new Map<Lane, number>();
  readonly #remembered = new LRUCache<string, LaneHealth>({ max: HEALTH_REMEMBERED_MAX });

  /** `wantLoad` is called when a lane's deliveries should be loaded; the lane has begun its load then. */
  constructor(limits: SchedulerLimits, wantLoad: (lane: Lane) => void) {
    this.#limits = limits;
    this.#wantLoad = wantLoad;
    this.#node = new SlotPool(limits.slots);
    this.#rings = ringPerCondition(this.#waiting);
  }

  get laneCount(): number {
    return this.#lanes.size;
  }

  get inFlight(): number {
    return this.#node.used;
  }

  find(subscriptionId: string): Lane | undefined {
    return this.#lanes.get(subscriptionId);
  }

  lanes(): IterableIterator<Lane> {
    return this.#lanes.values();
  }

  /** Slots of the node in use for attempts of a class: for metrics and tests. */
  usedBy(slotClass: SlotClass): number {
    return this.#node.usedBy(slotClass);
  }

  open(opening: LaneOpening, now: number): Lane {
    const known = opening.health ?? this.#remembered.get(opening.subscriptionId);
    const health = known ? trustedHealth(known, now) : null;
    const lane = new Lane({ ...opening, health });
    // Lanes are given back with a full bucket; what a dead node has started last, nobody knows.
    lane.limitRate(opening.rateLimit ?? null, lane.suspect ? now : -Infinity);
    this.#lanes.set(lane.subscriptionId, lane);
    this.#look(lane, now);
    return lane;
  }

  /** Forgets a lane: nothing of it is attempted any more; attempts in flight still end here. */
  close(lane: Lane): void {
    lane.isClosed = true;
    if (this.#lanes.get(lane.subscriptionId) === lane) this.#lanes.delete(lane.subscriptionId);
    this.#remembered.set(lane.subscriptionId, lane.health);
    this.#waiting.delete(lane);
    this.#wakeAt.delete(lane);
  }

  /** What was learned of a lane given back holds no more: its subscription changed. */
  forget(subscriptionId: string): void {
    this.#remembered.delete(subscriptionId);
  }

  /** The subscription's URL changed: another receiver, of which nothing is known, perhaps of another origin. */
  move(lane: Lane, origin: string, now: number): void {
    lane.origin = origin;
    lane.health = NEW_LANE_HEALTH;
    this.#waiting.delete(lane);
    this.#look(lane, now);
  }

  /** The subscription's limit changed: how many attempts were made before says nothing about it. */
  limitRate(lane: Lane, perSecond: number | null, now: number): void {
    lane.limitRate(perSecond, now);
    this.#look(lane, now);
  }

  /** The attempt is handed to dispatch now. */
  started(pick: PickedDelivery, now: number): void {
    if (pick.gate === null) return;
    pick.gate.start(now);
    pick.gate = null;
    this.#look(pick.lane, now);
  }

  offer(lane: Lane, delivery: PendingDelivery, now: number): void {
    lane.offer(delivery);
    this.#look(lane, now);
  }

  loaded(lane: Lane, load: LaneLoad, now: number): void {
    lane.endLoad(load);
    this.#look(lane, now);
  }

  loadFailed(lane: Lane, now: number): void {
    lane.failLoad();
    this.#look(lane, now);
  }

  /** A delivery was cancelled: no attempt of it is made, unless one is in flight. */
  withdraw(lane: Lane, deliveryId: string, now: number): void {
    lane.withdraw(deliveryId);
    this.#look(lane, now);
  }

  /** Only the store knows all of the lane: what another node committed to it is not here. */
  reload(lane: Lane, now: number): void {
    lane.markIncomplete();
    this.#look(lane, now);
  }

  /** When {@link pick} should be called next though nothing else happens; `Infinity` if never. */
  nextWakeAt(): number {
    for (let wake = this.#wakes.peek(); wake; wake = this.#wakes.peek()) {
      if (this.#wakeAt.get(wake.lane) === wake.at) return wake.at;
      this.#wakes.pop();
    }
    return Infinity;
  }

  /** Takes slots for as many attempts as may start now, at most `max`, in the order they are to be made. */
  pick(now: number, max: number): PickedDelivery[] {
    this.#wake(now);
    const picks: PickedDelivery[] = [];
    while (picks.length < max) {
      const pick = this.#pickOne(now);
      if (pick) picks.push(pick);
      else if (!this.#admitWaiting(now)) break;
    }
    return picks;
  }

  /**
   * An attempt ended with an outcome of the receiver's: gives its slots back and judges the lane, if there is a lesson:
   * there is none in what another receiver answered, that the lane had before its URL was changed.
   */
  ended(pick: PickedDelivery, lesson: LaneLesson | null, now: number): void {
    if (lesson !== null) pick.lane.health = afterOutcome(pick.lane.health, lesson, now);
    this.#free(pick, now);
  }

  /** No attempt was made, through no fault of the receiver: the lane rests until `resumeAt`. */
  notMade(pick: PickedDelivery, resumeAt: number, now: number): void {
    const { lane } = pick;
    lane.health = { ...lane.health, pausedUntil: Math.max(lane.health.pausedUntil, resumeAt) };
    this.#free(pick, now);
    lane.recorded(pick.delivery, pick.delivery);
    this.#look(lane, now);
  }

  /** The delivery is not to be attempted at all: its subscription stopped. */
  dropped(pick: PickedDelivery, now: number): void {
    this.#free(pick, now);
    pick.lane.recorded(pick.delivery, undefined);
    this.#look(pick.lane, now);
  }

  /** What came of an attempt is committed. */
  recorded(pick: PickedDelivery, retry: PendingDelivery | undefined, now: number): void {
    pick.lane.recorded(pick.delivery, retry);
    pick.lane.suspect = false;
    this.#look(pick.lane, now);
  }

  #pickOne(now: number): PickedDelivery | undefined {
    for (const condition of CONDITIONS) {
      if (!this.#node.hasRoom(condition)) continue;
      const pick = this.#pickFrom(condition, now);
      if (pick) return pick;
    }
    return undefined;
  }

  #pickFrom(condition: LaneCondition, now: number): PickedDelivery | undefined {
    const ring = this.#rings[condition];
    const hasRoom = (workspaceId: string): boolean => this.#workspaceSlots(workspaceId).hasRoom(condition);
    for (let lane = ring.next(hasRoom); lane; lane = ring.next(hasRoom)) {
      if (lane.readyAt() > now) continue;
      const origin = this.#originOf(lane.origin);
      const pools = [this.#node, this.#workspaceSlots(lane.workspaceId), origin.slots];
      const { slotClass } = lane;
      if (!pools.every((pool) => pool.hasRoom(slotClass))) {
        // A lane that wants a further slot has attempts in flight: the end of any of them brings it back. For any
        // other there is room on the node and in the workspace, or it would not have had its turn.
        if (slotClass !== 'further') origin.waiting[condition].add(lane);
        continue;
      }
      const delivery = lane.take(now);
      if (!delivery) {
        this.#look(lane, now);
        continue;
      }
      const { gate } = lane;
      gate?.reserve();
      for (const pool of pools) pool.take(slotClass);
      this.#origins.set(lane.origin, origin);
      lane.idleSince = null;
      this.#look(lane, now);
      return { lane, delivery, slotClass, origin: lane.origin, gate };
    }
    return undefined;
  }

  #free(pick: PickedDelivery, now: number): void {
    const { lane, slotClass, origin } = pick;
    lane.ended();
    pick.gate?.cancel();
    pick.gate = null;
    this.#node.give(slotClass);
    const workspace = this.#workspaceSlots(lane.workspaceId);
    workspace.give(slotClass);
    if (workspace.used === 0) this.#workspaces.delete(lane.workspaceId);
    for (const each of CONDITIONS) this.#rings[each].workspaceFreed(lane.workspaceId);
    this.#originOf(origin).slots.give(slotClass);
    this.#originsFreed.add(origin);
    this.#look(lane, now);
  }

  /**
   * Lets lanes that wait for an origin have their turn again, as many as it has slots for. An origin with a free slot
   * is asked until nobody waits there: so it does not matter what becomes of those it let go.
   */
  #admitWaiting(now: number): boolean {
    let isAnyAdmitted = false;
    for (const name of this.#originsFreed) {
      const { slots, waiting } = this.#originOf(name);
      let isAdmitting = false;
      for (const condition of CONDITIONS) {
        for (let room = slots.roomFor(condition); room > 0; room--) {
          const lane = waiting[condition].next();
          if (!lane) break;
          this.#look(lane, now);
          isAdmitting = true;
        }
      }
      isAnyAdmitted ||= isAdmitting;
      if (isAdmitting) continue;
      this.#originsFreed.delete(name);
      const isUnused = slots.used === 0 && CONDITIONS.every((condition) => waiting[condition].isEmpty);
      if (isUnused) this.#origins.delete(name);
    }
    return isAnyAdmitted;
  }

  /** Decides what a lane does next: wait for its turn, for a time, or for something else to happen. */
  #look(lane: Lane, now: number): void {
    if (lane.isClosed) return;
    if (lane.wantsLoad(now)) this.#wantLoad(lane);
    const readyAt = lane.readyAt();
    if (readyAt <= now) {
      const { condition } = lane.health;
      const atOrigin = this.#origins.get(lane.origin)?.waiting[condition];
      if (atOrigin === undefined || this.#waiting.get(lane) !== atOrigin) this.#rings[condition].add(lane);
      return;
    }
    // It may still wait for its turn, which is then passed over.
    const at = Math.min(readyAt, lane.loadAt());
    if (at === Infinity) {
      this.#wakeAt.delete(lane);
    } else if (this.#wakeAt.get(lane) !== at) {
      this.#wakeAt.set(lane, at);
      this.#wakes.push({ at, lane });
    }
  }

  #wake(now: number): void {
    for (let wake = this.#wakes.peek(); wake && wake.at <= now; wake = this.#wakes.peek()) {
      this.#wakes.pop();
      if (this.#wakeAt.get(wake.lane) !== wake.at) continue;
      this.#wakeAt.delete(wake.lane);
      this.#look(wake.lane, now);
    }
  }

  #workspaceSlots(workspaceId: string): SlotPool {
    let slots = this.#workspaces.get(workspaceId);
    if (!slots) {
      slots = new SlotPool(this.#limits.slotsPerWorkspace);
      this.#workspaces.set(workspaceId, slots);
    }
    return slots;
  }

  /** To be kept in `#origins` while it is in use. */
  #originOf(name: string): OriginSlots {
    return (
      this.#origins.get(name) ?? {
        slots: new SlotPool(this.#limits.slotsPerOrigin),
        waiting: ringPerCondition(this.#waiting),
      }
    );
  }
}

interface OriginSlots {
  slots: SlotPool;
  /** Lanes whose turn came when there was no slot for their condition. */
  waiting: Record<LaneCondition, FairRing>;
}

function ringPerCondition(places: WaitingPlaces): Record<LaneCondition, FairRing> {
  return { proven: new FairRing(places), new: new FairRing(places), unhealthy: new FairRing(places) };
}
