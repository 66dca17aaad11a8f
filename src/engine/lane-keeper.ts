import type { PendingDelivery } from '../domain/delivery.ts';
import type { Clock } from '../lib/clock.ts';
import type { LaneRelease, LaneStanding, Store, TakenLane } from '../store/store.ts';
import type { SubscriptionIndex } from './fanout/subscription-index.ts';
import type { Lane } from './schedule/lane.ts';
import type { Scheduler } from './schedule/scheduler.ts';
import type { EngineLog } from './telemetry.ts';

/** Lanes one node owns at once; each costs up to about 60 KiB when busy, 1 KiB when not. */
const LANES_OWNED_MAX = 10_000;
const LANES_PER_CALL = 500;
/** Lanes that nobody told us of are found this soon. */
const LOOK_INTERVAL_MS = 1_000;
/** A lane with nothing due for this long is given back; one without any work a little earlier. */
const GIVE_BACK_AHEAD_MS = 30_000;
const IDLE_MS = 10_000;
/** When no more can be owned, lanes that only wait for this long make room for others. */
const MAKE_ROOM_AHEAD_MS = 2_000;
/** If even that is not enough while others wait, so many busy ones give way at each look. */
const GIVE_WAY_LANES = 200;

export interface LaneKeeperDeps {
  store: Pick<Store, 'takeLanes' | 'loadLane' | 'releaseLanes'>;
  epoch: () => number;
  scheduler: Scheduler;
  index: SubscriptionIndex;
  clock: Clock;
  /** {@link LANES_OWNED_MAX} unless a test has fewer. */
  lanesMax?: number;
  /** Something may have become due. */
  onWork: () => void;
  log: EngineLog;
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

  constructor(deps: LaneKeeperDeps) {
    this.#deps = deps;
  }

  /** Whether a commit may make further lanes this node's own. */
  get hasRoom(): boolean {
    return this.#room > 0;
  }

  get #room(): number {
    return (this.#deps.lanesMax ?? LANES_OWNED_MAX) - this.#deps.scheduler.laneCount;
  }

  start(): void {
    this.#look();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelLook?.();
    await this.#taking;
  }

  /** Puts deliveries that were just committed into their lanes, as far as this node owns them. */
  admit(standings: readonly LaneStanding[], deliveries: readonly PendingDelivery[]): void {
    const { scheduler, clock } = this.#deps;
    const now = clock.now();
    for (const { standing, ...lane } of standings) {
      // Held by this node and yet not in memory: unless it is on its way, it must be loaded.
      const isOnItsWay =
        this.#onTheirWayBack.has(lane.subscriptionId) || this.#onTheirWayIn.has(lane.subscriptionId);
      const isLost = standing === 'held' && !isOnItsWay;
      if (standing === 'new' || standing === 'taken' || isLost)
        this.#open({ ...lane, suspect: false }, standing === 'new');
    }
    let isElsewhere = false;
    for (const delivery of deliveries) {
      const lane = scheduler.find(delivery.subscriptionId);
      if (lane) scheduler.offer(lane, delivery, now);
      else isElsewhere = true;
    }
    // Left free, or given back while the commit was under way: then it is ready in the store.
    if (isElsewhere && this.hasRoom) this.take();
  }

  /** Loads a lane's deliveries; the scheduler wants them. */
  load(lane: Lane): void {
    const { store, scheduler, clock, onWork, log } = this.#deps;
    const { firstLimit, retryLimit } = lane.beginLoad();
    store.loadLane(lane.subscriptionId, firstLimit, retryLimit).then(
      (load) => {
        scheduler.loaded(lane, load, clock.now());
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
    await Promise.all(this.giveBack([...this.#deps.scheduler.lanes()]));
  }

  /** Closes lanes and gives them back; the promises resolve when that is committed or given up. */
  giveBack(lanes: readonly Lane[]): Promise<void>[] {
    const releasing: Promise<void>[] = [];
    for (let i = 0; i < lanes.length; i += LANES_PER_CALL) {
      const releases: LaneRelease[] = lanes.slice(i, i + LANES_PER_CALL).map((lane) => {
        this.#deps.scheduler.close(lane);
        this.#onTheirWayBack.add(lane.subscriptionId);
        return { subscriptionId: lane.subscriptionId, health: lane.health };
      });
      releasing.push(this.#release(releases));
    }
    return releasing;
  }

  async #release(releases: readonly LaneRelease[]): Promise<void> {
    const { store, clock, epoch, log } = this.#deps;
    for (;;) {
      try {
        await store.releaseLanes(epoch(), releases);
        for (const { subscriptionId } of releases) this.#onTheirWayBack.delete(subscriptionId);
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
    if (this.hasRoom) this.take();
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
    const { store, clock, epoch, onWork, log } = this.#deps;
    try {
      for (;;) {
        const limit = Math.min(LANES_PER_CALL, this.#room);
        if (limit <= 0 || this.#isStopped) return;
        const now = clock.now();
        const taken = await store.takeLanes(epoch(), now, limit);
        for (const lane of taken.lanes) this.#onTheirWayIn.add(lane.subscriptionId);
        await this.#loadWorkspaces(taken.lanes);
        for (const lane of taken.lanes) {
          this.#onTheirWayIn.delete(lane.subscriptionId);
          this.#open(lane, false);
        }
        if (taken.lanes.length > 0) onWork();
        if (taken.lanes.length === limit) continue;
        const waitMs = taken.nextReadyAt === null ? Infinity : taken.nextReadyAt - clock.now();
        if (waitMs < LOOK_INTERVAL_MS) this.#lookIn(Math.max(waitMs, 0));
        return;
      }
    } catch (error) {
      log.warn({ err: error }, 'free lanes could not be taken; trying again');
    }
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
    const lane = scheduler.open({ ...taken, origin, complete }, clock.now());
    lane.url = subscription?.url ?? null;
  }

  /**
   * More lanes are busy than one node can own. While others wait in the store, lanes of the workspace that owns the
   * most give way, those first that have been open longest: what is taken next is shared out over workspaces.
   */
  async #giveWay(): Promise<void> {
    const { store, scheduler, clock, epoch, log } = this.#deps;
    try {
      const now = clock.now();
      const { nextReadyAt } = await store.takeLanes(epoch(), now, 0);
      if (nextReadyAt === null || nextReadyAt > now || this.#isStopped) return;
      const byWorkspace = Map.groupBy(scheduler.lanes(), (lane) => lane.workspaceId);
      const [largest = []] = [...byWorkspace.values()].sort((a, b) => b.length - a.length);
      this.giveBack(largest.filter((lane) => lane.isSettled).slice(0, GIVE_WAY_LANES));
      this.take();
    } catch (error) {
      log.warn({ err: error }, 'busy lanes could not give way; trying again');
    }
  }

  #giveBackIdle(): void {
    const { scheduler, clock } = this.#deps;
    const now = clock.now();
    const idle: Lane[] = [];
    for (const lane of scheduler.lanes()) {
      if (!lane.isSettled) continue;
      if (lane.isEmpty) {
        lane.idleSince ??= now;
        if (now - lane.idleSince >= IDLE_MS) idle.push(lane);
      } else if (lane.nextDueAt > now + GIVE_BACK_AHEAD_MS) {
        idle.push(lane);
      } else if (!this.hasRoom && lane.health.pausedUntil > now + MAKE_ROOM_AHEAD_MS) {
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
