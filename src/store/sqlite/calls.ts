import type { AccountStore } from '../contract/accounts.ts';
import type { AuditStore } from '../contract/audit.ts';
import type { ErasureStore } from '../contract/erasures.ts';
import type { HistoryStore } from '../contract/history.ts';
import type { ReplayStore } from '../contract/replays.ts';
import type { StatisticsStore } from '../contract/statistics.ts';
import type { Store } from '../store.ts';

/** The same methods without promises: how a worker thread, which may block, offers them. */
type Blocking<T> = {
  [M in keyof T]: T[M] extends (...args: infer Args) => Promise<infer Answer>
    ? (...args: Args) => Answer
    : never;
};

/** Reads that may take long: none of them stands in the way of a commit, or sees one that is not answered yet. */
export type ReaderCalls = Blocking<
  HistoryStore &
    Pick<Store, 'listSubscriptions' | 'loadCatalogue'> &
    Pick<AuditStore, 'listAudit'> &
    Pick<AccountStore, 'listWorkspaces' | 'listTokens'> &
    Pick<ReplayStore, 'findReplay' | 'listReplays' | 'countReplayable' | 'listReplayable'> &
    Pick<ErasureStore, 'findErasure' | 'listErasures' | 'listErasable'> &
    Omit<StatisticsStore, 'addStatistics' | 'removeStatistics'>
>;

/** Everything else runs where the commits do: in the order it was called. */
export type WriterCalls = Blocking<
  Omit<Store, keyof ReaderCalls | 'probe' | 'close' | 'onSignal' | 'takeRequests'>
> & {
  /** Writes something that needs space. */
  writeProbe(now: number): void;
  /** Gives that space back. */
  clearProbe(): void;
  setMaxBytes(bytes: number): void;
};

/**
 * Where each call runs: on the `reader`'s thread, or on the writer's, as a `write` in a group's transaction or as a
 * `read` between its writes. The hot small reads are the writer's so that they see every call made before them;
 * each is an index look-up with a bound.
 */
const CALL_PLACES = {
  registerNode: 'write',
  renewNode: 'read',
  retireDeadNodes: 'read',
  retireNode: 'write',
  takeWakes: 'read',
  listOwnedLanes: 'read',
  listSubscriptionVersions: 'read',
  ensureWorkspace: 'write',
  countWorkspaces: 'read',
  createFirstWorkspace: 'write',
  createWorkspace: 'write',
  findWorkspace: 'read',
  listWorkspaces: 'reader',
  updateWorkspace: 'write',
  deleteWorkspace: 'write',
  ensureToken: 'write',
  findTokenByHash: 'read',
  createToken: 'write',
  findToken: 'read',
  listTokens: 'reader',
  revokeToken: 'write',
  changeTokenScopes: 'write',
  touchTokens: 'write',
  findAdminToken: 'read',
  ensureAdminToken: 'write',
  appendAudit: 'write',
  listAudit: 'reader',
  removeAudit: 'write',
  loadCatalogue: 'reader',
  listCatalogueVersions: 'read',
  changeCatalogue: 'write',
  createSubscription: 'write',
  updateSubscription: 'write',
  deleteSubscription: 'write',
  findSubscription: 'read',
  listSubscriptions: 'reader',
  loadSubscriptions: 'read',
  forgetRotated: 'write',
  listSealings: 'read',
  listFailing: 'read',
  deactivateSubscription: 'write',
  noticeFailing: 'write',
  listNotices: 'read',
  removeNotices: 'write',
  commitEvents: 'write',
  continueFanout: 'write',
  listUnfinishedFanouts: 'read',
  loadBodies: 'read',
  takeLanes: 'write',
  loadLane: 'read',
  releaseLanes: 'write',
  announceAttempt: 'write',
  cancelStale: 'write',
  recordAttempts: 'write',
  replayDeliveries: 'write',
  cancelDelivery: 'write',
  createReplay: 'write',
  cancelReplay: 'write',
  listOpenReplays: 'read',
  continueReplay: 'write',
  findReplay: 'reader',
  listReplays: 'reader',
  countReplayable: 'reader',
  listReplayable: 'reader',
  createErasure: 'write',
  cancelErasure: 'write',
  listOpenErasures: 'read',
  continueErasure: 'write',
  findErasure: 'reader',
  listErasures: 'reader',
  listErasable: 'reader',
  findEvent: 'reader',
  listEvents: 'reader',
  findDelivery: 'reader',
  findDeliveryByAttempt: 'reader',
  listDeliveries: 'reader',
  listAttempts: 'reader',
  measureBacklog: 'reader',
  keepHistory: 'write',
  addStatistics: 'write',
  removeStatistics: 'write',
  sumStatistics: 'reader',
  measureSubscription: 'reader',
  listStatistics: 'reader',
  measureWorkspace: 'reader',
  listHealth: 'reader',
  findSettings: 'read',
  changeSettings: 'write',
  listDelayed: 'read',
  listRecovered: 'read',
  noticeDelayed: 'write',
  noticeRecovered: 'write',
  listenTo: 'write',
  listListened: 'read',
  appendToStreams: 'write',
  readStream: 'read',
  writeProbe: 'write',
  clearProbe: 'write',
  setMaxBytes: 'read',
} as const satisfies Record<keyof WriterCalls, 'write' | 'read'> & Record<keyof ReaderCalls, 'reader'>;

export type CallName = keyof typeof CALL_PLACES;

export const READER_CALLS = namesOf('reader') as (keyof ReaderCalls)[];
export const WRITER_CALLS = [...namesOf('write'), ...namesOf('read')] as (keyof WriterCalls)[];

export function isWrite(name: CallName): boolean {
  return CALL_PLACES[name] === 'write';
}

function namesOf(place: 'write' | 'read' | 'reader'): string[] {
  return Object.entries(CALL_PLACES).flatMap(([name, where]) => (where === place ? [name] : []));
}
