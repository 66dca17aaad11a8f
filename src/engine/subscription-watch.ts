import type { Subscription } from '../domain/subscription.ts';
import type { Clock } from '../lib/clock.ts';
import { Routine } from '../lib/routine.ts';
import type { Store } from '../store/store.ts';
import type { SubscriptionIndex } from './fanout/subscription-index.ts';
import type { LaneKeeper } from './lane-keeper.ts';
import { originOf } from './lane-keeper.ts';
import type { Lane } from './schedule/lane.ts';
import type { Scheduler } from './schedule/scheduler.ts';
import type { EngineLog } from './telemetry.ts';

/** With the time of the question itself, a change made on another node is known here within a second. */
const LOOK_INTERVAL_MS = 750;
/** Workspaces in one question. */
const WORKSPACES_PER_CALL = 1_000;

export interface SubscriptionWatchDeps {
  store: Pick<Store, 'findSubscription' | 'listSubscriptionVersions'>;
  index: SubscriptionIndex;
  scheduler: Scheduler;
  lanes: LaneKeeper;
  clock: Clock;
  onWork: () => void;
  log: EngineLog;
}

/**
 * Keeps the lanes of this node in line with their subscriptions, whoever changed them. Only for workspaces that have
 * lanes here: an intake has the store compare the version it matched with, and attempts are made of lanes.
 */
export class SubscriptionWatch {
  readonly #deps: SubscriptionWatchDeps;
  readonly #looks: Routine;
  /** By workspace: the version its lanes here were judged by. */
  #judgedBy = new Map<string, number>();

  constructor(deps: SubscriptionWatchDeps) {
    this.#deps = deps;
    this.#looks = new Routine({
      run: () => this.#look(),
      waitMs: () => LOOK_INTERVAL_MS,
      after: (delayMs, run) => deps.clock.after(delayMs, run),
      onError: (error) =>
        deps.log.warn({ err: error }, 'changes of subscriptions could not be looked for; trying again'),
    });
  }

  /** Looks for changes made on other nodes from now on. */
  start(): void {
    this.#looks.want();
  }

  async stop(): Promise<void> {
    await this.#looks.stop();
  }

  /** A change is committed: from here on nothing is matched or attempted by what was before. */
  changed(workspaceId: string, subscriptionId: string): void {
    const { index, scheduler, lanes } = this.#deps;
    index.forget(workspaceId);
    scheduler.forget(subscriptionId);
    // It may be a free lane that is ready at once now.
    if (scheduler.find(subscriptionId)) void this.#adjust(workspaceId, subscriptionId);
    else lanes.take();
  }

  async #adjust(workspaceId: string, subscriptionId: string): Promise<void> {
    const { store, scheduler, log } = this.#deps;
    try {
      // Not by the index: that would load all of the workspace anew for every change of one.
      const subscription = await store.findSubscription(workspaceId, subscriptionId);
      const lane = scheduler.find(subscriptionId);
      if (lane) this.#judge(lane, subscription);
    } catch (error) {
      log.warn({ err: error, subscriptionId }, 'a lane could not be adjusted to its subscription');
    }
  }

  async #look(): Promise<void> {
    const { store, scheduler } = this.#deps;
    const byWorkspace = Map.groupBy(scheduler.lanes(), (lane) => lane.workspaceId);
    const workspaceIds = [...byWorkspace.keys()];
    const judgedBy = new Map<string, number>();
    for (let i = 0; i < workspaceIds.length; i += WORKSPACES_PER_CALL) {
      const versions = await store.listSubscriptionVersions(workspaceIds.slice(i, i + WORKSPACES_PER_CALL));
      for (const { workspaceId, version } of versions) {
        if (this.#judgedBy.get(workspaceId) !== version)
          await this.#judgeAll(workspaceId, version, byWorkspace.get(workspaceId) ?? []);
        judgedBy.set(workspaceId, version);
      }
    }
    this.#judgedBy = judgedBy;
  }

  async #judgeAll(workspaceId: string, version: number, lanes: readonly Lane[]): Promise<void> {
    const { index } = this.#deps;
    if (index.versionOf(workspaceId) !== version) index.forget(workspaceId);
    const workspace = await index.get(workspaceId);
    for (const lane of lanes) if (!lane.isClosed) this.#judge(lane, workspace.find(lane.subscriptionId));
  }

  #judge(lane: Lane, subscription: Subscription | undefined): void {
    const { scheduler, lanes, clock, onWork } = this.#deps;
    if (subscription?.status !== 'active') {
      lanes.giveBack([lane]);
      scheduler.forget(lane.subscriptionId);
    } else {
      scheduler.limitRate(lane, subscription.rateLimit, clock.now());
      if (lane.url !== subscription.url) {
        scheduler.move(lane, originOf(subscription.url), clock.now());
        lane.url = subscription.url;
      }
    }
    onWork();
  }
}
