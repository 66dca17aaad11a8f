import type { Clock } from '../lib/clock.ts';
import type { Random } from '../lib/random.ts';
import type { Store } from '../store/store.ts';
import type { StoreSignal } from '../store/contract/signals.ts';
import type { SubscriptionIndex } from './fanout/subscription-index.ts';
import type { CommittedLanes } from './lane-keeper.ts';
import { LaneKeeper } from './lane-keeper.ts';
import { LaneWakes } from './lane-wakes.ts';
import { NodeLease } from './node-lease.ts';
import type { Scheduler } from './schedule/scheduler.ts';
import { SubscriptionWatch } from './subscription-watch.ts';
import type { EngineLog } from './telemetry.ts';

export interface MembershipDeps {
  store: Store;
  scheduler: Scheduler;
  index: SubscriptionIndex;
  clock: Clock;
  random: Random;
  /** See {@link Store.retireDeadNodes}. */
  deathsMax: number;
  /** Something may have become due, or may start now. */
  onWork: () => void;
  /** Resolves when no delivery is between its pick and its record. */
  nothingInFlight: () => Promise<void>;
  log: EngineLog;
}

/**
 * This node among those that share the store: its lease, the lanes it owns by it, and what it learns of the others.
 * The only node of an embedded store is the same with nobody to learn of.
 */
export class Membership {
  readonly lease: NodeLease;
  readonly lanes: LaneKeeper;
  readonly #deps: MembershipDeps;
  readonly #wakes: LaneWakes;
  readonly #watch: SubscriptionWatch;
  #doubts = 0;
  #isStarted = false;

  constructor(deps: MembershipDeps) {
    this.#deps = deps;
    const { onWork } = deps;
    this.lease = new NodeLease({
      ...deps,
      onLost: () => this.#lost(),
      onHeld: () => {
        this.lanes.take();
        onWork();
      },
      onLanesFreed: () => this.lanes.take(),
    });
    const owner = { ...deps, epoch: () => this.lease.owner };
    this.lanes = new LaneKeeper(owner);
    this.#wakes = new LaneWakes({
      ...owner,
      openOwned: () => this.lanes.openOwned(),
      withdraw: (cancelled) => this.lanes.withdraw(cancelled),
    });
    this.#watch = new SubscriptionWatch({ ...deps, lanes: this.lanes });
  }

  /** Registers the node and takes its first lanes. */
  async start(): Promise<void> {
    await this.lease.start();
    this.lanes.start();
    if (!this.lease.isShared) return;
    this.#isStarted = true;
    this.#wakes.start();
    this.#watch.start();
  }

  /** Takes no more lanes; those it has stay its own until it leaves. */
  async stop(): Promise<void> {
    await Promise.all([this.lanes.stop(), this.#wakes.stop(), this.#watch.stop()]);
  }

  /** Gives its lanes back, with what they know of their receivers, and is no node any more. */
  async leave(): Promise<void> {
    await this.lanes.giveBackAll();
    this.lease.stop();
    const { store, clock } = this.#deps;
    if (this.lease.epoch > 0) await store.retireNode(this.lease.epoch, clock.now());
  }

  /** Makes a commit as the node that this is now; tells how far its word on lanes can be relied on. */
  async commit<Answer extends Pick<CommittedLanes, 'lanes'>>(
    run: (epoch: number) => Promise<Answer>,
  ): Promise<Answer & CommittedLanes> {
    const { epoch } = this.lease;
    const doubts = this.#doubts;
    const answer = await run(epoch);
    return { ...answer, epoch, isDoubtful: doubts !== this.#doubts };
  }

  /** To be called when a change of a subscription is committed, wherever. */
  subscriptionChanged(workspaceId: string, subscriptionId: string): void {
    this.#watch.changed(workspaceId, subscriptionId);
  }

  /** What other nodes tell of what they committed. */
  heard(signal: StoreSignal): void {
    if (!this.#isStarted) return;
    switch (signal.kind) {
      case 'wakes':
        return this.#wakes.want();
      case 'free':
        return this.lanes.take();
      case 'subscription':
        return this.subscriptionChanged(signal.workspaceId, signal.subscriptionId);
      case 'settings':
        return this.#deps.index.forget(signal.workspaceId);
      case 'unsure':
        this.#doubts += 1;
        return this.#wakes.unsure();
    }
  }

  /**
   * The lanes are free for others by now. Attempts in flight end and are recorded under their epoch before this node
   * owns anything again: a lane taken anew must not be loaded with what is still being attempted here.
   */
  async #lost(): Promise<void> {
    this.lanes.dropAll();
    await this.#deps.nothingInFlight();
  }
}
