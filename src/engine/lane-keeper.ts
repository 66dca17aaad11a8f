import type { PendingDelivery } from '../domain/delivery.ts';
import type { Clock } from '../lib/clock.ts';
import { Routine } from '../lib/routine.ts';
import type { LaneRelease, TakenLane } from '../store/contract/lanes.ts';
import type { LaneStanding, NewDelivery } from '../store/contract/events.ts';
import type { CancelledDelivery } from '../store/contract/replays.ts';
import type { Store } from '../store/store.ts';
import type { SubscriptionIndex } from './fanout/subscription-index.ts';
import { LaneShare } from './lane-share.ts';
import type { Lane } from './schedule/lane.ts';
import type { Scheduler } from './schedule/scheduler.ts';
import type { EngineLog } from './telemetry.ts';

/** Lanes one node owns at once; each costs up to about 60 KiB when busy, 1 KiB when not. */
const LANES_OWNED_MAX = 10_000;
const LANES_PER_CALL = 500;
/** Lanes that nobody told us of are found this soon. */
const LOOK_INTERVAL_MS = 1_000;
/** Once there was a lane this node owned without knowing, all of them are listed this often. */
const LIST_INTERVAL_MS = 30_000;
/** A lane with nothing due for this long is given back; one without any work a little earlier. */
const GIVE_BACK_AHEAD_MS = 30_000;
const IDLE_MS = 10_000;
/** When no more can be owned, lanes that only wait for this long make room for others. */
const MAKE_ROOM_AHEAD_MS = 2_000;
/** If even that is not enough while others wait, so many busy ones give way at each look. */
const GIVE_WAY_LANES = 200;
/** Clocks of nodes that differ by more are a mistake to be noticed. */
const CLOCKS_APART_MS_MAX = 24 * 3_600_000;
/** A lane that others are to have is given back this soon after its last attempt was recorded. */
const LEAVE_INTERVAL_MS = 50;

export interface LaneKeeperDeps {
  store: Pick<Store, 'takeLanes' | 'loadLane' | 'releaseLanes' | 'listOwnedLanes'>;
  /** Under which this node owns its lanes; null while it may own none. */
  epoch: () => number | null;
  scheduler: Scheduler;
  index: SubscriptionIndex;
  clock: Clock;
  /** {@link LANES_OWNED_MAX} unless a test has fewer. */
  lanesMax?: number;
  /** Something may have become due. */
  onWork: () => void;
  log: EngineLog;
}

/** What a commit says of lanes. */
export interface CommittedLanes {
  lanes: readonly LaneStanding[];
  /** Of the node that made it. */
  epoch: number;
  /** It was long in being answered: deliveries of it may be here, or be done, already. */
  isDoubtful: boolean;
}

/** Which lanes this node owns, and bringing their deliveries into memory: the scheduler's link to the store. */
export class LaneKeeper {
  readonly #deps: LaneKeeperDeps;
  #taking: Promise<void> | undefined;
  #takeAgain = false;
  #cancelLook: (() => void) | undefined;
  #isStopped = false;
  /** Lanes closed here whose release is not committed yet. */
  readonly #onTheirWayBack = new Set<string>();
  /** Lanes taken that are not open yet: what is known of them comes with their opening. */
  readonly #onTheirWayIn = new Set<string>();
  readonly #listing: Routine;
  #isListing = false;
  /** Closed or given back while the lanes of this node are being listed: the list may have been made before. */
  readonly #leftDuringListing = new Set<string>();
  readonly #share = new LaneShare();
  /** Lanes that others are to have, while attempts of theirs are under way. */
  #leaving: readonly Lane[] = [];

  constructor(deps: LaneKeeperDeps) {
    this.#deps = deps;
    const { clock, log } = deps;
    this.#listing = new Routine({
      run: () => this.#openOwned(),
      waitMs: () => LIST_INTERVAL_MS,
      after: (delayMs, run) => clock.after(delayMs, run),
      onError: (error) => {
        log.warn({ err: error }, 'the lanes of this node could not be listed; trying again');
        clock.after(LOOK_INTERVAL_MS, () => this.openOwned());
      },
    });
  }

  /** Whether a commit of these deliveries may make their lanes this node's own. */
  hasRoomFor(deliveries: Iterable<Pick<NewDelivery, 'subscriptionId'>>): boolean {
    if (!this.#hasRoom) return false;
    const room = Math.min(this.#room, this.#roomOfShare);
    const unknown = new Set<string>();
    for (const { subscriptionId } of deliveries) {
      if (this.#deps.scheduler.find(subscriptionId)) continue;
      unknown.add(subscriptionId);
      if (unknown.size > room) return false;
    }
    return true;
  }

  get #hasRoom(): boolean {
    return this.#deps.epoch() !== null && this.#room > 0 && this.#roomOfShare > 0;
  }

  get #room(): number {
    return (this.#deps.lanesMax ?? LANES_OWNED_MAX) - this.#deps.scheduler.laneCount;
  }

  get #roomOfShare(): number {
    return this.#share.roomBeside(this.#deps.scheduler.laneCount);
  }

  start(): void {
    this.#look();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelLook?.();
    await Promise.all([this.#taking, this.#listing.stop()]);
  }

  /** Closes all lanes: they are this node's no more. */
  dropAll(): void {
    for (const lane of this.#deps.scheduler.lanes()) this.#close(lane);
  }

  /**
   * Puts deliveries that were just committed into their lanes, as far as this node owns them: those of the epoch the
   * commit was made under, if that still is this node's.
   */
  admit({ epoch, lanes, isDoubtful }: CommittedLanes, deliveries: readonly PendingDelivery[]): void {
    if (epoch !== this.#deps.epoch()) return;
    const { scheduler, clock } = this.#deps;
    const now = clock.now();
    const foreign = new Set<string>();
    const heads = new Set<string>();
    let isAnyFree = false;
    for (const { standing, heads: due = [], ...lane } of lanes) {
      for (const id of due) heads.add(id);
      if (standing === 'foreign') foreign.add(lane.subscriptionId);
      else if (standing === 'free') isAnyFree = true;
      else if (isDoubtful) this.#bringIn(lane.subscriptionId);
      else if (standing !== 'held') this.#open({ ...lane, suspect: false }, standing === 'new');
      // It may be on its way in, or given back since: to take the commit's word for it would make two owners.
      else if (!scheduler.find(lane.subscriptionId)) this.openOwned();
    }
    for (const delivery of isDoubtful ? [] : deliveries) {
      // The store has left a mark for whoever owns it by now.
      if (foreign.has(delivery.subscriptionId)) continue;
      // Others of its key come first; the end of the last of them makes it due.
      if (delivery.orderKey !== undefined && !heads.has(delivery.id)) continue;
      const lane = scheduler.find(delivery.subscriptionId);
      if (lane) scheduler.offer(lane, delivery, now);
      else isAnyFree = true;
    }
    // Left free, or given back while the commit was under way: then it is ready in the store.
    if (isAnyFree && this.#hasRoom) this.take();
  }

  /** A record has made it due: the next of its key. Of a lane that is not here the store has told its owner. */
  nextOfKey(delivery: PendingDelivery): void {
    const { scheduler, clock } = this.#deps;
    const lane = scheduler.find(delivery.subscriptionId);
    if (lane) scheduler.offer(lane, delivery, clock.now());
  }

  /**
   * Deliveries were cancelled: of those of its lanes no attempt begins any more. What waited behind an ordered one is
   * due now, and is in the store.
   */
  withdraw(cancelled: readonly Pick<CancelledDelivery, 'id' | 'subscriptionId'>[]): void {
    const { scheduler, clock } = this.#deps;
    const now = clock.now();
    const lanes = new Set<Lane>();
    for (const { id, subscriptionId } of cancelled) {
      const lane = scheduler.find(subscriptionId);
      if (!lane) continue;
      scheduler.withdraw(lane, id, now);
      lanes.add(lane);
    }
    for (const lane of lanes) scheduler.reload(lane, now);
  }

  /** Its deliveries may have been loaded, attempted and finished before their commit was answered: no word of it counts. */
  #bringIn(subscriptionId: string): void {
    const { scheduler, clock } = this.#deps;
    const lane = scheduler.find(subscriptionId);
    if (lane) scheduler.reload(lane, clock.now());
    else this.openOwned();
  }

  /** Loads a lane's deliveries; the scheduler wants them. */
  load(lane: Lane): void {
    const { store, scheduler, clock, onWork, log } = this.#deps;
    const { firstLimit, retryLimit } = lane.beginLoad();
    store.loadLane(lane.subscriptionId, firstLimit, retryLimit).then(
      (load) => {
        const now = clock.now();
        scheduler.loaded(lane, { ...load, first: dueAtOnce(load.first, now) }, now);
        onWork();
      },
      (error: unknown) => {
        log.warn({ err: error, subscriptionId: lane.subscriptionId }, 'a lane could not be loaded');
        clock.after(LOOK_INTERVAL_MS, () => scheduler.loadFailed(lane, clock.now()));
      },
    );
  }

  /** Takes free lanes that are ready; once more when it is under way already. */
  take(): void {
    if (this.#taking) {
      this.#takeAgain = true;
      return;
    }
    this.#taking = this.#takeReady().finally(() => {
      this.#taking = undefined;
      if (this.#takeAgain && !this.#isStopped) {
        this.#takeAgain = false;
        this.take();
      }
    });
  }

  /** Closes all lanes and gives them back, with what they know of their receivers; the last thing before the end. */
  async giveBackAll(): Promise<void> {
    const { scheduler, clock } = this.#deps;
    const lanes = [...scheduler.lanes()];
    // About a second at most, and only where a limited lane has just made an attempt.
    const restMs = Math.max(0, ...lanes.map((lane) => lane.leavesFrom - clock.now()));
    if (restMs > 0) await new Promise<void>((resolve) => clock.after(restMs, resolve));
    await Promise.all(this.giveBack(lanes));
  }

  /** Closes lanes and gives them back; the promises resolve when that is committed or given up. */
  giveBack(lanes: readonly Lane[]): Promise<void>[] {
    const releasing: Promise<void>[] = [];
    for (let i = 0; i < lanes.length; i += LANES_PER_CALL) {
      const releases: LaneRelease[] = lanes.slice(i, i + LANES_PER_CALL).map((lane) => {
        this.#close(lane);
        this.#onTheirWayBack.add(lane.subscriptionId);
        return { subscriptionId: lane.subscriptionId, health: lane.health };
      });
      releasing.push(this.#release(releases));
    }
    return releasing;
  }

  /**
   * Opens what this node owns without knowing: lanes of a commit whose answer was lost, or is still on its way. The
   * store is asked, now and then again from time to time: what a commit said of a lane is no proof that it is still so.
   */
  openOwned(): void {
    this.#listing.want();
  }

  async #openOwned(): Promise<void> {
    const { store, scheduler } = this.#deps;
    const epoch = this.#deps.epoch();
    if (epoch === null) return;
    this.#isListing = true;
    try {
      const owned = await store.listOwnedLanes(epoch);
      const unknown = owned.filter(
        ({ subscriptionId: id }) =>
          !scheduler.find(id) &&
          !this.#onTheirWayIn.has(id) &&
          !this.#onTheirWayBack.has(id) &&
          !this.#leftDuringListing.has(id),
      );
      if (unknown.length > 0) await this.#openTaken(epoch, unknown);
    } finally {
      this.#isListing = false;
      this.#leftDuringListing.clear();
    }
  }

  #close(lane: Lane): void {
    this.#deps.scheduler.close(lane);
    if (this.#isListing) this.#leftDuringListing.add(lane.subscriptionId);
  }

  async #release(releases: readonly LaneRelease[]): Promise<void> {
    const { store, scheduler, clock, log } = this.#deps;
    const epoch = this.#deps.epoch();
    for (;;) {
      try {
        // An epoch that was lost meanwhile has nothing to give back: whoever found it dead has freed its lanes.
        // Nor has one that did give it back, and was not told so, and has it again.
        const left = releases.filter(({ subscriptionId }) => !scheduler.find(subscriptionId));
        if (epoch !== null && epoch === this.#deps.epoch()) await store.releaseLanes(epoch, left);
        for (const { subscriptionId } of releases) {
          this.#onTheirWayBack.delete(subscriptionId);
          if (this.#isListing) this.#leftDuringListing.add(subscriptionId);
        }
        return;
      } catch (error) {
        if (this.#isStopped) return;
        log.warn({ err: error, lanes: releases.length }, 'lanes could not be given back; trying again');
        await new Promise<void>((resolve) => clock.after(LOOK_INTERVAL_MS, resolve));
      }
    }
  }

  #look(): void {
    if (this.#isStopped) return;
    this.#giveBackIdle();
    this.#giveToOthers();
    if (this.#room > 0) this.take();
    else void this.#giveWay();
    // The wall clock may have been set forward: what is due by it is due, though no timer has fired.
    this.#deps.onWork();
    this.#lookIn(LOOK_INTERVAL_MS);
  }

  #lookIn(delayMs: number): void {
    this.#cancelLook?.();
    this.#cancelLook = this.#deps.clock.after(delayMs, () => this.#look());
  }

  async #takeReady(): Promise<void> {
    const { store, clock, log } = this.#deps;
    try {
      for (;;) {
        const epoch = this.#deps.epoch();
        const isWithinShare = this.#roomOfShare > 0;
        const room = isWithinShare ? Math.min(this.#room, this.#roomOfShare) : this.#room;
        const limit = Math.min(LANES_PER_CALL, room);
        if (epoch === null || limit <= 0 || this.#isStopped) return;
        const now = clock.now();
        const taken = await store.takeLanes(epoch, isWithinShare ? now : this.#share.leftBy(now), limit);
        this.#share.told(taken.share);
        if (!isWithinShare && taken.lanes.length > 0) this.#share.othersLeftSome(clock.monotonic());
        await this.#openTaken(epoch, taken.lanes);
        if (taken.lanes.length === limit) continue;
        // What is ready was not counted before.
        if (!isWithinShare && this.#roomOfShare > 0) continue;
        const waitMs = taken.nextReadyAt === null ? Infinity : taken.nextReadyAt - clock.now();
        if (waitMs < LOOK_INTERVAL_MS && isWithinShare) this.#lookIn(Math.max(waitMs, 0));
        return;
      }
    } catch (error) {
      log.warn({ err: error }, 'free lanes could not be taken; trying again');
    }
  }

  /** Unless the epoch they were taken under is lost meanwhile. */
  async #openTaken(epoch: number, lanes: readonly TakenLane[]): Promise<void> {
    for (const lane of lanes) this.#onTheirWayIn.add(lane.subscriptionId);
    await this.#loadWorkspaces(lanes);
    for (const lane of lanes) {
      this.#onTheirWayIn.delete(lane.subscriptionId);
      if (epoch === this.#deps.epoch()) this.#open(lane, false);
    }
    if (lanes.length > 0) this.#deps.onWork();
  }

  /** A lane that was taken is opened whatever happens here: nobody else would serve it. */
  async #loadWorkspaces(lanes: readonly TakenLane[]): Promise<void> {
    for (const workspaceId of new Set(lanes.map((lane) => lane.workspaceId))) {
      try {
        await this.#deps.index.get(workspaceId);
      } catch (error) {
        this.#deps.log.warn({ err: error, workspaceId }, 'subscriptions could not be loaded');
      }
    }
  }

  #open(taken: TakenLane, complete: boolean): void {
    const { scheduler, index, clock } = this.#deps;
    if (scheduler.find(taken.subscriptionId)) return;
    const subscription = index.peek(taken.workspaceId)?.find(taken.subscriptionId);
    // Without a subscription there is nothing to attempt: the hand-over finds that out, and asks again.
    const origin = subscription ? originOf(subscription.url) : '';
    const { rateLimit = null } = subscription ?? {};
    const lane = scheduler.open({ ...taken, origin, complete, rateLimit }, clock.now());
    lane.url = subscription?.url ?? null;
  }

  /**
   * More lanes are busy than one node can own. While others wait in the store, lanes of the workspace that owns the
   * most give way, those first that have been open longest: what is taken next is shared out over workspaces.
   */
  async #giveWay(): Promise<void> {
    const { store, scheduler, clock, log } = this.#deps;
    try {
      const now = clock.now();
      const epoch = this.#deps.epoch();
      if (epoch === null) return;
      const { nextReadyAt } = await store.takeLanes(epoch, now, 0);
      if (nextReadyAt === null || nextReadyAt > now || this.#isStopped) return;
      const byWorkspace = Map.groupBy(scheduler.lanes(), (lane) => lane.workspaceId);
      const [largest = []] = [...byWorkspace.values()].sort((a, b) => b.length - a.length);
      this.giveBack(largest.filter((lane) => lane.canLeave(now)).slice(0, GIVE_WAY_LANES));
      this.take();
    } catch (error) {
      log.warn({ err: error }, 'busy lanes could not give way; trying again');
    }
  }

  /** Lanes that have been open longest leave: they rest until their attempts in flight have ended. */
  #giveToOthers(): void {
    const { scheduler, clock } = this.#deps;
    if (this.#leaving.length > 0) return;
    const excess = this.#share.excess(scheduler.laneCount, clock.monotonic());
    if (excess <= 0) return;
    this.#leaving = [...scheduler.lanes()].slice(0, excess);
    for (const lane of this.#leaving) lane.isLeaving = true;
    this.#giveBackLeaving();
  }

  #giveBackLeaving(): void {
    const open = this.#leaving.filter((lane) => !lane.isClosed);
    const now = this.#deps.clock.now();
    this.giveBack(open.filter((lane) => lane.canLeave(now)));
    this.#leaving = open.filter((lane) => !lane.isClosed);
    if (this.#leaving.length === 0 || this.#isStopped) return;
    this.#deps.clock.after(LEAVE_INTERVAL_MS, () => this.#giveBackLeaving());
  }

  #giveBackIdle(): void {
    const { scheduler, clock } = this.#deps;
    const now = clock.now();
    const idle: Lane[] = [];
    for (const lane of scheduler.lanes()) {
      if (!lane.canLeave(now)) continue;
      if (lane.isEmpty) {
        lane.idleSince ??= now;
        if (now - lane.idleSince >= IDLE_MS) idle.push(lane);
      } else if (lane.nextDueAt > now + GIVE_BACK_AHEAD_MS) {
        idle.push(lane);
      } else if (this.#room <= 0 && lane.health.pausedUntil > now + MAKE_ROOM_AHEAD_MS) {
        idle.push(lane);
      }
    }
    if (idle.length > 0) this.giveBack(idle);
  }
}

/** The scheme, host and port of a subscription's URL: lanes of one origin share connections. */
export function originOf(url: string): string {
  return new URL(url).origin;
}

/**
 * A first attempt is due at once. One that seems not to be was committed by a node whose clock is ahead of ours, unless
 * it is held back on purpose: behind another of its key, which is for longer than clocks differ, or because nodes died of
 * it, so that its last chance comes late and alone.
 */
function dueAtOnce(first: readonly PendingDelivery[], now: number): PendingDelivery[] {
  return first.map((delivery) => {
    const isAhead = delivery.dueAt > now && delivery.dueAt <= now + CLOCKS_APART_MS_MAX;
    return isAhead && (delivery.deaths ?? 0) === 0 ? { ...delivery, dueAt: now } : delivery;
  });
}
