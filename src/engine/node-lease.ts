import { TIMEOUT_MS_MAX } from '../domain/subscription.ts';
import type { Clock } from '../lib/clock.ts';
import type { Random } from '../lib/random.ts';
import { Routine } from '../lib/routine.ts';
import type { NodeStore } from '../store/contract/nodes.ts';
import type { EngineLog } from './telemetry.ts';

/**
 * Left of the lease when the last attempt ends, by its timeout at the latest: for clocks that do not run alike, and
 * so that its outcome is still recorded by a live node.
 */
const MARGIN_MS = 3_000;
/** So many renewals in a row may fail before attempts have to wait. */
const RENEWALS_PER_LEASE = 6;
const RETRY_MS = 1_000;
/** On average; each node by itself, so that one that died is found soon however few are left. */
const LOOK_FOR_DEAD_MS = 3_000;

export interface NodeLeaseDeps {
  store: Pick<NodeStore, 'registerNode' | 'renewNode' | 'retireDeadNodes'>;
  clock: Clock;
  random: Random;
  /** See {@link NodeStore.retireDeadNodes}. */
  deathsMax: number;
  /** This node owns nothing any more. It is registered anew once the promise resolves: when nothing is under way. */
  onLost: () => Promise<void>;
  /** Attempts may start, and lanes be taken: the lease was renewed, or the node registered anew. */
  onHeld: () => void;
  /** Lanes of dead nodes are free. */
  onLanesFreed: () => void;
  log: EngineLog;
}

/**
 * This node's standing among those that share the store: its epoch, and for how long it may still act as its owner.
 *
 * The lease is judged by the store's clock, this side of it by monotonic time from when the last renewal that was
 * *confirmed* was *sent*: the store cannot have counted from earlier. So whatever happens in between, a lost answer
 * or a process that stands still, this node thinks its lease over before anybody else does. Where there can be no
 * other node there is nothing to renew, and everything is always allowed.
 */
export class NodeLease {
  readonly #deps: NodeLeaseDeps;
  readonly #renewal: Routine;
  readonly #burial: Routine;
  #epoch = 0;
  /** Null: the lease lasts for ever. */
  #leaseMs: number | null = null;
  #confirmedAt = 0;
  #isLost = false;

  constructor(deps: NodeLeaseDeps) {
    this.#deps = deps;
    const { clock, random, log } = deps;
    this.#renewal = new Routine({
      run: () => this.#renew(),
      waitMs: () => Math.max(RETRY_MS, this.#confirmedAt + this.#renewalMs - clock.monotonic()),
      after: (delayMs, run) => clock.after(delayMs, run),
      onError: (error) =>
        log.warn({ err: error }, 'the lease of this node could not be renewed; trying again'),
    });
    this.#burial = new Routine({
      run: () => this.#retireDead(),
      waitMs: () => LOOK_FOR_DEAD_MS * (0.5 + random.fraction()),
      after: (delayMs, run) => clock.after(delayMs, run),
      onError: (error) => log.warn({ err: error }, 'dead nodes could not be looked for; trying again'),
    });
  }

  /** Of the latest registration; 0 before the first. */
  get epoch(): number {
    return this.#epoch;
  }

  /** The epoch under which this node may own lanes; null when it was lost, or there is none yet. */
  get owner(): number | null {
    return this.#isLost || this.#epoch === 0 ? null : this.#epoch;
  }

  /** Whether other nodes may share the store. */
  get isShared(): boolean {
    return this.#leaseMs !== null;
  }

  /** Whether this node is its lanes' owner, as far as it can know. */
  get isHeld(): boolean {
    return this.mayStart(0);
  }

  /** By the clock's `monotonic()`: an attempt with this timeout that starts later may outlive the lease. */
  startBy(timeoutMs: number): number {
    if (this.#isLost) return -Infinity;
    return this.#leaseMs === null ? Infinity : this.#confirmedAt + this.#leaseMs - MARGIN_MS - timeoutMs;
  }

  /** Whether an attempt that starts now ends within the lease. */
  mayStart(timeoutMs: number): boolean {
    return this.#deps.clock.monotonic() <= this.startBy(timeoutMs);
  }

  /** Registers this node, and keeps it registered until it is stopped. Rejects when the lease would be too short. */
  async start(): Promise<void> {
    await this.#register();
    if (this.#leaseMs === null) return;
    if (this.#leaseMs - this.#renewalMs <= TIMEOUT_MS_MAX + MARGIN_MS)
      throw new Error(`A lease of ${this.#leaseMs} ms is too short for attempts of ${TIMEOUT_MS_MAX} ms.`);
    this.#renewal.wantIn(this.#renewalMs);
    this.#burial.wantIn(LOOK_FOR_DEAD_MS * this.#deps.random.fraction());
  }

  /** The lease is renewed no more. A call that is under way may still be answered; it has no effect here. */
  stop(): void {
    void this.#renewal.stop();
    void this.#burial.stop();
  }

  get #renewalMs(): number {
    return (this.#leaseMs ?? 0) / RENEWALS_PER_LEASE;
  }

  async #register(): Promise<void> {
    const { store, clock, deathsMax, log } = this.#deps;
    const sentAt = clock.monotonic();
    const node = await store.registerNode(clock.now(), deathsMax);
    this.#epoch = node.epoch;
    this.#leaseMs = node.leaseMs;
    this.#confirmedAt = sentAt;
    this.#isLost = false;
    if (node.lanesFreed > 0)
      log.warn(node, 'a node was killed before this one started; its lanes are taken over');
  }

  async #renew(): Promise<void> {
    const { store, clock, onHeld } = this.#deps;
    do {
      const sentAt = clock.monotonic();
      if (!(await store.renewNode(this.#epoch))) return this.#replace();
      this.#confirmedAt = sentAt;
      onHeld();
      // An answer that was long in coming confirms little of the lease: the next is asked for at once.
    } while (!this.#renewal.isStopped && clock.monotonic() - this.#confirmedAt >= this.#renewalMs);
  }

  /** Others took this node for dead. Whatever it had under way ends under the old epoch, which the store judges. */
  async #replace(): Promise<void> {
    const { onLost, onHeld, log } = this.#deps;
    if (this.#renewal.isStopped) return;
    this.#isLost = true;
    log.error({ epoch: this.#epoch }, 'the lease of this node is lost: its lanes are given up');
    await onLost();
    if (this.#renewal.isStopped) return;
    await this.#register();
    log.info({ epoch: this.#epoch }, 'registered anew');
    onHeld();
  }

  async #retireDead(): Promise<void> {
    const { store, clock, deathsMax, onLanesFreed, log } = this.#deps;
    const lanes = await store.retireDeadNodes(clock.now(), deathsMax);
    if (lanes === 0) return;
    log.warn({ lanes }, 'a node has died; its lanes are free');
    onLanesFreed();
  }
}
