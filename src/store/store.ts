import type { NodeStore } from './contract/nodes.ts';
import type { SignalStore } from './contract/signals.ts';
import type { AccountStore } from './contract/accounts.ts';
import type { RequestCountStore } from './contract/counts.ts';
import type { AuditStore } from './contract/audit.ts';
import type { CatalogueStore } from './contract/catalogue.ts';
import type { SubscriptionStore } from './contract/subscriptions.ts';
import type { ErasureStore } from './contract/erasures.ts';
import type { EventStore } from './contract/events.ts';
import type { LaneStore } from './contract/lanes.ts';
import type { RecordStore } from './contract/records.ts';
import type { HistoryStore } from './contract/history.ts';
import type { ReplayStore } from './contract/replays.ts';
import type { RetentionStore } from './contract/retention.ts';
import type { StatisticsStore } from './contract/statistics.ts';
import type { WorkspaceSettingsStore } from './contract/settings.ts';
import type { BacklogStore } from './contract/backlog.ts';
import type { StreamStore } from './contract/stream.ts';

/**
 * The contract every store keeps; `test/conformance/` is its other half. In all of it:
 *
 * - A resolved promise of a writing call means committed and on disk. A rejected one means nothing of that call
 *   was stored. Each call is atomic by itself; stores commit several calls together (group commit).
 * - Writing calls of one process take effect in the order they were made. Reading calls show at least all that was
 *   answered before they were made; `loadLane`, `findSubscription` and `loadSubscriptions` also what was only called.
 * - Times are milliseconds since the Unix epoch and come from the caller (`now`).
 * - Faults of the store itself reject with {@link StoreUnavailable}; nothing else is thrown on purpose. Where the store
 *   was lost at the very commit, something of the call may be stored all the same: then `onSignal` says `unsure`.
 * - Whatever is asked for by workspace and id is answered only within that workspace.
 */
export interface Store
  extends
    NodeStore,
    SignalStore,
    AccountStore,
    AuditStore,
    RequestCountStore,
    CatalogueStore,
    SubscriptionStore,
    EventStore,
    LaneStore,
    RecordStore,
    HistoryStore,
    ReplayStore,
    ErasureStore,
    RetentionStore,
    StatisticsStore,
    WorkspaceSettingsStore,
    StreamStore,
    BacklogStore {
  /** Resolves when a write has just been committed; the readiness check. Rejects when the store takes none. */
  probe(now: number): Promise<void>;
  /** Waits for what is under way, then closes. Later calls reject. */
  close(): Promise<void>;
}

/** The store cannot take it now (full, closed, unreachable). Nothing was stored; trying again may work. */
export class StoreUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreUnavailable';
  }
}
