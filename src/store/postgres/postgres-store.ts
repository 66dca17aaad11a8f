import type { Store } from '../store.ts';
import { accountCalls } from './accounts.ts';
import { announceAttemptCall } from './announce-attempt.ts';
import { ArmedGroupCommit } from './armed-group-commit.ts';
import { auditCalls } from './audit.ts';
import { cancelDeliveryCall } from './cancel-delivery.ts';
import { backlogCalls } from './backlog.ts';
import { cancelStaleCall } from './cancel-stale.ts';
import { catalogueCalls } from './catalogue.ts';
import { commitEventsCall } from './commit-events.ts';
import { Database } from './database.ts';
import { erasureReading } from './erasable.ts';
import { erasureCalls } from './erasures.ts';
import { fanoutCalls } from './fanouts.ts';
import { GroupCommit } from './group-commit.ts';
import { historyCalls } from './history.ts';
import { loadLaneCall } from './load-lane.ts';
import { migrate } from './migrate.ts';
import { nodeCalls } from './nodes.ts';
import { noticeCalls } from './notices.ts';
import { Notifications } from './notifications.ts';
import { makePartitions } from './partitions.ts';
import type { StoreParts } from './parts.ts';
import { refusalOf } from './postgres-errors.ts';
import { probeCall } from './probe.ts';
import { recordCalls } from './record-attempts.ts';
import { requestCountCalls } from './request-counts.ts';
import { releaseLanesCall } from './release-lanes.ts';
import { replayDeliveriesCall } from './replay-deliveries.ts';
import { replayReading } from './replayable.ts';
import { replayCalls } from './replays.ts';
import { retentionCalls } from './retention.ts';
import { signalCalls } from './signals.ts';
import { statisticsCalls } from './statistics.ts';
import { subscriptionCalls } from './subscriptions.ts';
import { streamCalls } from './streams.ts';
import { takeLanesCall } from './take-lanes.ts';
import { workspaceSettingsCalls } from './workspace-settings.ts';

export interface PostgresStoreOptions {
  /** `postgres://user:password@host:port/database?…` */
  url: string;
  /** See {@link NodeRegistration.leaseMs}: longer than the longest attempt. */
  leaseMs: number;
  /** A point where the process ends itself with SIGKILL, for the fault suite. */
  failpoint?: string | null;
  now: () => number;
}

/** Opens the store that many nodes share, migrating it if need be. Rejects with `StoreRefused` or `StoreUnavailable`. */
export async function createPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  const database = new Database(options.url, 'velahook');
  try {
    const client = await database.connect().catch((error: unknown) => {
      throw refusalOf(error) ?? error;
    });
    await migrate(client, options.now()).finally(() => client.end());
    await makePartitions(database, options.now(), true);
    return compose(options, database, await Notifications.open(database));
  } catch (error) {
    await database.close();
    throw error;
  }
}

function compose(options: PostgresStoreOptions, database: Database, signals: Notifications): Store {
  const { leaseMs, now, failpoint = null } = options;
  const onUnknown = (): void => signals.unsure();
  const armed = failpoint === null ? null : new ArmedGroupCommit(database, onUnknown, failpoint);
  const writes = armed ?? new GroupCommit(database, onUnknown);
  const parts: StoreParts = { database, writes, signals, leaseMs, now };
  const close = async (): Promise<void> => {
    await writes.close();
    await signals.close();
    await database.close();
  };
  let closing: Promise<void> | undefined;
  const store: Store = {
    ...nodeCalls(parts),
    ...signalCalls(parts, signals),
    ...accountCalls(parts),
    ...auditCalls(parts),
    ...requestCountCalls(parts),
    ...catalogueCalls(parts),
    ...subscriptionCalls(parts),
    ...noticeCalls(parts),
    commitEvents: commitEventsCall(parts),
    ...fanoutCalls(parts),
    takeLanes: takeLanesCall(parts),
    loadLane: loadLaneCall(parts),
    releaseLanes: releaseLanesCall(parts),
    announceAttempt: announceAttemptCall(parts),
    cancelStale: cancelStaleCall(parts),
    replayDeliveries: replayDeliveriesCall(parts),
    cancelDelivery: cancelDeliveryCall(parts),
    ...replayCalls(parts),
    ...replayReading(parts),
    ...erasureCalls(parts),
    ...erasureReading(parts),
    ...recordCalls(parts),
    ...historyCalls(parts),
    ...retentionCalls(parts),
    ...statisticsCalls(parts),
    ...workspaceSettingsCalls(parts),
    ...streamCalls(parts),
    ...backlogCalls(parts),
    probe: probeCall(parts),
    close: () => (closing ??= close()),
  };
  return armed?.watch(store) ?? store;
}
