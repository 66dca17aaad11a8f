import type { AuditEntry } from '../domain/audit.ts';
import type { EndReason } from '../domain/delivery.ts';
import type { CancelledDelivery, ReplayCommit, ReplayResult } from '../store/contract/replays.ts';
import type { Store } from '../store/store.ts';
import type { Activity } from './activity/activity.ts';
import type { CancelOutcome, ReplayOutcome, ReplayRequest } from './engine.ts';
import type { CommittedLanes, LaneKeeper } from './lane-keeper.ts';
import type { Membership } from './membership.ts';
import type { EngineMetrics } from './telemetry.ts';

export interface ReplayerDeps {
  store: Pick<Store, 'replayDeliveries' | 'cancelDelivery'>;
  membership: Pick<Membership, 'commit' | 'lanes'>;
  newDeliveryId: () => string;
  now: () => number;
  /** Something may have become due. */
  onWork: () => void;
  activity: Pick<Activity, 'deliveriesCancelled'>;
  metrics: EngineMetrics;
}

/** Makes deliveries again and cancels them: in the store, then in the memory of the lanes that this node owns. */
export class Replayer {
  readonly #deps: ReplayerDeps;

  constructor(deps: ReplayerDeps) {
    this.#deps = deps;
  }

  /** All in one commit. */
  async replay(requests: readonly ReplayRequest[], audit?: AuditEntry): Promise<ReplayOutcome[]> {
    const { store, newDeliveryId, now } = this.#deps;
    const replays = requests.map((request) => ({ ...request, id: newDeliveryId() }));
    const commit = await this.commit(replays, (epoch, takeLanes) =>
      store.replayDeliveries(epoch, replays, takeLanes, now(), audit),
    );
    return replays.map(({ id }, i): ReplayOutcome => {
      const result: ReplayResult | undefined = commit.results[i];
      return result === 'made' ? { result, deliveryId: id } : { result: result ?? 'gone' };
    });
  }

  async cancel(workspaceId: string, deliveryId: string, audit?: AuditEntry): Promise<CancelOutcome> {
    const { store, now } = this.#deps;
    const found = await store.cancelDelivery(workspaceId, deliveryId, now(), audit);
    if (found?.result === 'cancelled') this.withdraw([found.delivery]);
    return found?.result;
  }

  /** Commits as the node that this is, and brings what was made and what was cancelled into the lanes here. */
  async commit<Made extends Omit<ReplayCommit, 'results'>>(
    to: readonly { subscriptionId: string }[],
    run: (epoch: number, takeLanes: boolean) => Promise<Made>,
  ): Promise<Made & CommittedLanes> {
    const { membership, onWork } = this.#deps;
    const lanes: LaneKeeper = membership.lanes;
    const takeLanes = lanes.hasRoomFor(to);
    const commit = await membership.commit((epoch) => run(epoch, takeLanes));
    lanes.admit(commit, commit.made);
    this.withdraw(commit.cancelled);
    if (commit.made.length > 0) onWork();
    return commit;
  }

  /** What was cancelled in the store goes out of the lanes here; elsewhere, marks tell of it. */
  withdraw(cancelled: readonly CancelledDelivery[], reason: EndReason | null = null): void {
    if (cancelled.length === 0) return;
    const { membership, metrics, activity } = this.#deps;
    membership.lanes.withdraw(cancelled);
    metrics.deliveryEnded('cancelled', cancelled.length);
    activity.deliveriesCancelled(cancelled, reason);
  }
}
