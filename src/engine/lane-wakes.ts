import type { Clock } from '../lib/clock.ts';
import { Routine } from '../lib/routine.ts';
import type { CancelledDelivery } from '../store/contract/replays.ts';
import type { SignalStore } from '../store/contract/signals.ts';
import type { Scheduler } from './schedule/scheduler.ts';
import type { EngineLog } from './telemetry.ts';

/** Marks are looked for so often, whether anybody told of them or not. */
const LOOK_INTERVAL_MS = 1_000;
/**
 * Each lane is loaded anew this often though nobody asked: whatever was missed, a signal, a mark or a mistake of ours,
 * costs so much and no more.
 */
const RELOAD_ALL_MS = 30_000;
/** Lanes loaded anew at each look, so that reloading all does not stand in the way of those that have work. */
const RELOADS_PER_LOOK = 500;

export interface LaneWakesDeps {
  store: Pick<SignalStore, 'takeWakes'>;
  /** Null while this node may own nothing. */
  epoch: () => number | null;
  scheduler: Scheduler;
  /** Opens lanes this node owns without knowing. */
  openOwned: () => void;
  /** Takes what was cancelled out of the lanes. */
  withdraw: (cancelled: readonly Pick<CancelledDelivery, 'id' | 'subscriptionId'>[]) => void;
  clock: Clock;
  onWork: () => void;
  log: EngineLog;
}

/**
 * Brings in what other nodes committed to lanes of this one. They leave a mark with each such commit; a lane with a
 * mark is loaded anew. A mark that is taken was committed with its deliveries, so that a load that begins afterwards
 * finds them; one under way is followed by another.
 */
export class LaneWakes {
  readonly #deps: LaneWakesDeps;
  readonly #wakes: Routine;
  readonly #reloads: Routine;
  /** Lanes still to be loaded anew. */
  readonly #toReload = new Set<string>();
  #reloadAllAt = 0;

  constructor(deps: LaneWakesDeps) {
    this.#deps = deps;
    const { clock, log } = deps;
    const after: Clock['after'] = (delayMs, run) => clock.after(delayMs, run);
    this.#wakes = new Routine({
      run: () => this.#takeWakes(),
      waitMs: () => LOOK_INTERVAL_MS,
      after,
      onError: (error) => log.warn({ err: error }, 'marks on lanes could not be taken; trying again'),
    });
    this.#reloads = new Routine({
      run: () => this.#reload(),
      waitMs: () => LOOK_INTERVAL_MS,
      after,
      onError: (error) => log.error({ err: error }, 'lanes could not be loaded anew'),
    });
  }

  start(): void {
    this.#reloadAllAt = this.#deps.clock.monotonic() + RELOAD_ALL_MS;
    this.#wakes.want();
    this.#reloads.want();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#wakes.stop(), this.#reloads.stop()]);
  }

  /** There may be marks. */
  want(): void {
    this.#wakes.want();
  }

  /** A commit may have succeeded whose answer was lost: the store may know of lanes and deliveries that memory does not. */
  unsure(): void {
    this.#deps.openOwned();
    this.#reloadAllAt = -Infinity;
    this.#reloads.want();
  }

  async #takeWakes(): Promise<void> {
    const { store, epoch, scheduler, clock, onWork } = this.#deps;
    const owner = epoch();
    if (owner === null) return;
    const { lanes, cancelled } = await store.takeWakes(owner);
    this.#deps.withdraw(cancelled);
    for (const subscriptionId of lanes) {
      const lane = scheduler.find(subscriptionId);
      if (lane) scheduler.reload(lane, clock.now());
      else this.#deps.openOwned();
    }
    if (lanes.length > 0) onWork();
  }

  #reload(): Promise<void> {
    const { scheduler, clock, onWork } = this.#deps;
    const now = clock.monotonic();
    if (now >= this.#reloadAllAt) {
      this.#reloadAllAt = now + RELOAD_ALL_MS;
      for (const lane of scheduler.lanes()) this.#toReload.add(lane.subscriptionId);
    }
    let left = RELOADS_PER_LOOK;
    for (const subscriptionId of this.#toReload) {
      if (left-- <= 0) break;
      this.#toReload.delete(subscriptionId);
      const lane = scheduler.find(subscriptionId);
      if (lane) scheduler.reload(lane, clock.now());
    }
    onWork();
    return Promise.resolve();
  }
}
