import type { DatabaseSync } from 'node:sqlite';
import { accountHandlers } from './accounts.ts';
import { adminTokenHandlers } from './admin-token.ts';
import { createAnnounceAttempt } from './announce-attempt.ts';
import { auditHandlers, createAppendAudit } from './audit.ts';
import { backlogHandlers } from './backlog.ts';
import type { WriterCalls } from './calls.ts';
import { createCancelDelivery, createWriteCancelled, createWriteStaleCancelled } from './cancel-delivery.ts';
import { createCancelStale } from './cancel-stale.ts';
import { catalogueHandlers } from './catalogue.ts';
import { createCommitEvents } from './commit-events.ts';
import { erasureHandlers } from './erasures.ts';
import { fanoutHandlers } from './fanouts.ts';
import { createInsertDeliveries } from './insert-deliveries.ts';
import { createKeepHistory } from './keep-history.ts';
import { createKeyOrder } from './key-order.ts';
import { createLaneUpkeep } from './lane-upkeep.ts';
import { createLoadLane } from './load-lane.ts';
import { nodeHandlers } from './nodes.ts';
import { noticeHandlers } from './notices.ts';
import { createRecordAttempts } from './record-attempts.ts';
import { createReleaseLanes } from './release-lanes.ts';
import { createReplayDeliveries, createReplayMaking } from './replay-deliveries.ts';
import { replayHandlers } from './replays.ts';
import { createListSealings } from './sealings.ts';
import { signalHandlers } from './signals.ts';
import type { Space } from './space.ts';
import { streamHandlers } from './streams.ts';
import { statisticsHandlers } from './statistics.ts';
import { subscriptionHandlers } from './subscriptions.ts';
import { createLeaveNotice, createSwitchOff } from './switch-off.ts';
import { createTakeLanes } from './take-lanes.ts';
import { workspaceSettingsHandlers } from './workspace-settings.ts';
import { createEnsureToken, tokenHandlers } from './tokens.ts';
import { createWorkspaces } from './workspaces.ts';

/** Prepares every statement of the writing connection; its calls are made inside a group's transaction. */
export function writerHandlers(db: DatabaseSync, space: Space): WriterCalls {
  const workspaces = createWorkspaces(db);
  const appendAudit = createAppendAudit(db);
  const ensureToken = createEnsureToken(db);
  const leaveNotice = createLeaveNotice(db);
  const switchOff = createSwitchOff(db, workspaces, leaveNotice, appendAudit);
  const startLaneUpkeep = createLaneUpkeep(db);
  const keyOrder = createKeyOrder(db);
  const insertDeliveries = createInsertDeliveries(db, keyOrder);
  const writeCancelled = createWriteCancelled(db, keyOrder);
  const startReplayMaking = createReplayMaking(db, startLaneUpkeep, insertDeliveries, writeCancelled);
  return {
    ...nodeHandlers(db, keyOrder),
    ...signalHandlers(db, workspaces),
    ...accountHandlers(db, appendAudit, ensureToken),
    ...tokenHandlers(db, appendAudit, ensureToken),
    ...adminTokenHandlers(db),
    ...auditHandlers(db, appendAudit),
    ...subscriptionHandlers(db, workspaces, switchOff, appendAudit),
    ...catalogueHandlers(db, workspaces, appendAudit),
    listSealings: createListSealings(db),
    ...noticeHandlers(db, leaveNotice),
    commitEvents: createCommitEvents(db, workspaces, space, startLaneUpkeep, insertDeliveries),
    ...fanoutHandlers(db, startLaneUpkeep, insertDeliveries),
    takeLanes: createTakeLanes(db),
    loadLane: createLoadLane(db),
    releaseLanes: createReleaseLanes(db),
    announceAttempt: createAnnounceAttempt(db),
    cancelStale: createCancelStale(db, createWriteStaleCancelled(db)),
    replayDeliveries: createReplayDeliveries(startReplayMaking, space, appendAudit),
    cancelDelivery: createCancelDelivery(db, writeCancelled, appendAudit),
    ...replayHandlers(db, startReplayMaking, writeCancelled, space, appendAudit),
    ...erasureHandlers(db, writeCancelled, appendAudit),
    recordAttempts: createRecordAttempts(db, switchOff, keyOrder, startLaneUpkeep),
    ...statisticsHandlers(db),
    keepHistory: createKeepHistory(db),
    ...workspaceSettingsHandlers(db, appendAudit),
    ...streamHandlers(db, workspaces),
    ...backlogHandlers(db, workspaces),
    writeProbe: (now) => space.writeProbe(now),
    clearProbe: () => space.clearProbe(),
    setMaxBytes: (bytes) => space.setMaxBytes(bytes),
  };
}
