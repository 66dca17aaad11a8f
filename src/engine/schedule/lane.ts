import type { PendingDelivery } from '../../domain/delivery.ts';
import type { LaneHealth } from '../../domain/lane.ts';
import { NEW_LANE_HEALTH } from '../../domain/lane.ts';
import type { LaneLoad } from '../../store/contract/lanes.ts';
import { KeyTurns } from './key-turns.ts';
import { LaneWindow } from './lane-window.ts';
import { RateGate } from './rate-gate.ts';
import type { SlotClass } from './slot-pool.ts';

/** Deliveries of each kind held in memory per lane: some rounds of a busy lane, about 50 KiB. */
const WINDOW_MAX = 256;
/** Below this a window is filled up, so that a busy lane never waits for a load. */
const WINDOW_LOW = 64;
/** One attempt in so many of a lane is a retry that is due, however long the queue before it. */
const RETRY_TURN = 4;
/**
 * So many attempts in flight keep a proven lane going at a moderate rate, whatever others hold; all beyond are
 * `further` ones.
 */
const FIRST_IN_FLIGHT = 2;

/** One subscription's queue on this node, with all that is decided by the lane alone. No I/O, no clock. */
export class Lane {
  readonly subscriptionId: string;
  readonly workspaceId: string;
  /** Where its attempts go; lanes of one origin share connections. */
  origin: string;
  /** The URL that `health` is about; null until it is known. */
  url: string | null = null;
  health: LaneHealth;
  /** The node that had it died: one announced attempt at a time, until one is recorded. */
  suspect: boolean;
  isLoading = false;
  /** Another node is to have it: nothing more is attempted or loaded here. */
  isLeaving = false;
  /** Given up by the scheduler: whatever still refers to it does nothing. */
  isClosed = false;
  /** Since when it has had nothing to do. */
  idleSince: number | null = null;

  readonly #first: LaneWindow;
  readonly #retries: LaneWindow;
  /** Ids of what is in the windows, in flight, or ended and not yet recorded. */
  readonly #known = new Set<string>();
  /** Recorded or cancelled while a load was under way, which may have read them as they were before. */
  readonly #recordedDuringLoad = new Set<string>();
  readonly #turns = new KeyTurns();
  #gate: RateGate | null = null;
  #inFlight = 0;
  #unrecorded = 0;
  #turn = 0;

  constructor(lane: {
    subscriptionId: string;
    workspaceId: string;
    origin: string;
    suspect: boolean;
    health: LaneHealth | null;
    complete: boolean;
  }) {
    this.subscriptionId = lane.subscriptionId;
    this.workspaceId = lane.workspaceId;
    this.origin = lane.origin;
    this.suspect = lane.suspect;
    this.health = lane.health ?? NEW_LANE_HEALTH;
    this.#first = new LaneWindow(WINDOW_MAX, lane.complete);
    this.#retries = new LaneWindow(WINDOW_MAX, lane.complete);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** What its next attempt's slot is wanted for. */
  get slotClass(): SlotClass {
    const { condition } = this.health;
    return condition === 'proven' && this.#inFlight >= FIRST_IN_FLIGHT ? 'further' : condition;
  }

  /** Nothing here, in flight, or still to be loaded. */
  get isEmpty(): boolean {
    return (
      this.isSettled && this.#first.isComplete && this.#retries.isComplete && this.nextDueAt === Infinity
    );
  }

  /** Its subscription's limit; null where it has none. */
  get gate(): RateGate | null {
    return this.#gate;
  }

  /** Attempts per second at most from now on; `emptyAt` when nothing is known of those made before. */
  limitRate(perSecond: number | null, emptyAt: number): void {
    if (perSecond === (this.#gate?.perSecond ?? null)) return;
    this.#gate = perSecond === null ? null : new RateGate(perSecond, emptyAt);
  }

  /** Whoever has the lane next knows nothing of the attempts made here, and need not from then on: the bucket is full. */
  get leavesFrom(): number {
    return this.#gate?.fullAt ?? -Infinity;
  }

  /** The lane could be given back. */
  canLeave(now: number): boolean {
    return this.isSettled && this.leavesFrom <= now;
  }

  /** Nothing in flight, unrecorded or being loaded. */
  get isSettled(): boolean {
    return this.#inFlight === 0 && this.#unrecorded === 0 && !this.isLoading;
  }

  /** When the next delivery is due, here or in the store. */
  get nextDueAt(): number {
    return Math.min(
      this.#first.nextDueAt,
      this.#retries.nextDueAt,
      this.#first.horizon,
      this.#retries.horizon,
    );
  }

  /** The earliest time at which an attempt could start; `Infinity` when something else must happen first. */
  readyAt(): number {
    if (this.isLeaving || this.#inFlight >= (this.suspect ? 1 : this.health.limit)) return Infinity;
    const dueAt = Math.min(this.#first.nextDueAt, this.#retries.nextDueAt);
    return Math.max(dueAt, this.health.pausedUntil, this.#gate?.readyAt() ?? 0);
  }

  wantsLoad(now: number): boolean {
    return !this.isLoading && !this.isLeaving && (isThin(this.#first, now) || isThin(this.#retries, now));
  }

  /** When a load will be wanted, if nothing else happens; `Infinity` when all is here. */
  loadAt(): number {
    if (this.isLoading || this.isLeaving) return Infinity;
    return Math.min(
      this.#first.size <= WINDOW_LOW ? this.#first.horizon : Infinity,
      this.#retries.size <= WINDOW_LOW ? this.#retries.horizon : Infinity,
    );
  }

  /** Begins a load; answers how many of each kind to ask for, so that those known already do not fill it. */
  beginLoad(): { firstLimit: number; retryLimit: number } {
    this.isLoading = true;
    this.#first.beginLoad();
    this.#retries.beginLoad();
    const limit = WINDOW_MAX + this.#known.size;
    return { firstLimit: limit, retryLimit: limit };
  }

  endLoad(load: LaneLoad): void {
    this.isLoading = false;
    this.#refill(this.#first, load.first, load.firstComplete);
    this.#refill(this.#retries, load.retries, load.retriesComplete);
    this.#recordedDuringLoad.clear();
  }

  /** Deliveries were committed of which only the store knows: it has to be loaded anew. */
  markIncomplete(): void {
    this.#first.markIncomplete();
    this.#retries.markIncomplete();
  }

  /** The load failed; it will be wanted again. */
  failLoad(): void {
    this.isLoading = false;
    this.#recordedDuringLoad.clear();
    for (const dropped of [...this.#first.clear(), ...this.#retries.clear()]) this.#known.delete(dropped.id);
  }

  /** Takes in a delivery that was just committed, as new or with its next attempt's due time. */
  offer(delivery: PendingDelivery): void {
    if (this.#known.has(delivery.id)) return;
    this.#known.add(delivery.id);
    if (this.#turns.keep(delivery)) return;
    const window = delivery.attempts === 0 ? this.#first : this.#retries;
    const dropped = window.offer(delivery);
    if (dropped) this.#known.delete(dropped.id);
  }

  /** The delivery to attempt now; undefined when all that are due wait for another of their key. */
  take(now: number): PendingDelivery | undefined {
    for (let next = this.#nextDue(now); next !== undefined; next = this.#nextDue(now)) {
      if (this.#turns.keep(next)) continue;
      this.#turns.begin(next);
      this.#inFlight += 1;
      this.#unrecorded += 1;
      return next;
    }
    return undefined;
  }

  #nextDue(now: number): PendingDelivery | undefined {
    const retryIsDue = this.#retries.nextDueAt <= now;
    const firstIsDue = this.#first.nextDueAt <= now;
    this.#turn = (this.#turn + 1) % RETRY_TURN;
    const takeRetry = retryIsDue && (!firstIsDue || this.#turn === 0);
    const window = takeRetry ? this.#retries : this.#first;
    return takeRetry || firstIsDue ? window.take() : undefined;
  }

  /** An attempt ended: its slot is free, its delivery still unrecorded. */
  ended(): void {
    this.#inFlight -= 1;
  }

  /** What came of an attempt is committed; `retry` is its delivery when there is to be another attempt. */
  recorded(delivery: PendingDelivery, retry: PendingDelivery | undefined): void {
    this.#unrecorded -= 1;
    this.#known.delete(delivery.id);
    if (this.isLoading) this.#recordedDuringLoad.add(delivery.id);
    const waiting = this.#turns.end(delivery);
    if (retry) this.offer(retry);
    for (const next of waiting) {
      this.#known.delete(next.id);
      this.offer(next);
    }
  }

  /** It was cancelled. One in flight stays known until it is recorded. */
  withdraw(deliveryId: string): void {
    if (this.isLoading) this.#recordedDuringLoad.add(deliveryId);
    const places = [this.#first, this.#retries, this.#turns];
    if (places.some((place) => place.remove(deliveryId))) this.#known.delete(deliveryId);
  }

  #refill(window: LaneWindow, found: readonly PendingDelivery[], complete: boolean): void {
    const loaded = found.filter((d) => !this.#known.has(d.id) && !this.#recordedDuringLoad.has(d.id));
    for (const delivery of loaded) this.#known.add(delivery.id);
    const free = loaded.filter((delivery) => !this.#turns.keep(delivery));
    const lastDueAt = found.at(-1)?.dueAt ?? Infinity;
    for (const dropped of window.refill(free, lastDueAt, complete)) this.#known.delete(dropped.id);
  }
}

function isThin(window: LaneWindow, now: number): boolean {
  return !window.isComplete && window.size <= WINDOW_LOW && window.horizon <= now;
}
