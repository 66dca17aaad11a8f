import type { LaneHealth } from '../../domain/lane.ts';
import type { SignalStore, WorkspaceVersion } from '../contract/signals.ts';
import type { TakenLane } from '../contract/lanes.ts';
import { statement } from './database.ts';
import type { Notifications } from './notifications.ts';
import type { StoreParts } from './parts.ts';

// The marks are few and have no index: whoever leaves one writes a row and nothing else. Each one's lane by primary key;
// as a join it might be planned to read all lanes of the node, each second, for nothing. What was cancelled in a lane that
// has gone since concerns nobody any more.
const takeMarks = statement(`
DELETE FROM velahook.lane_wakes w
WHERE (SELECT l.owner FROM velahook.lanes l WHERE l.subscription_id = w.subscription_id) = $1
   OR w.delivery_id IS NOT NULL
      AND NOT EXISTS (SELECT FROM velahook.lanes l WHERE l.subscription_id = w.subscription_id)
RETURNING w.subscription_id AS "subscriptionId", w.delivery_id AS id`);

// By `lanes_owned`.
const listOwned = statement(`
SELECT subscription_id AS "subscriptionId", workspace_id AS "workspaceId", suspect, health::jsonb AS health
FROM velahook.lanes WHERE owner = $1`);

const listVersions = statement(`
SELECT id AS "workspaceId", subscription_version AS version FROM velahook.workspaces WHERE id = ANY ($1::text[])`);

/** What nodes tell each other, as far as it is asked for. */
export function signalCalls({ database, writes }: StoreParts, notifications: Notifications): SignalStore {
  return {
    onSignal: (listener) => notifications.onSignal(listener),

    /** A mark is taken by whoever owns its lane at that moment; until somebody does, it stays. */
    async takeWakes(epoch) {
      notifications.listenAs(epoch);
      const marks = await writes.write((session) =>
        session.rows<{ subscriptionId: string; id: string | null }>(takeMarks, [epoch]),
      );
      const lanes = marks.filter(({ id }) => id === null).map(({ subscriptionId }) => subscriptionId);
      const cancelled = marks.flatMap(({ id, subscriptionId }) =>
        id === null ? [] : { id, subscriptionId },
      );
      return { lanes: [...new Set(lanes)], cancelled };
    },

    async listOwnedLanes(epoch) {
      await writes.settled();
      return database.rows<TakenLane & { health: LaneHealth | null }>(listOwned, [epoch]);
    },

    listSubscriptionVersions: (workspaceIds) => database.rows<WorkspaceVersion>(listVersions, [workspaceIds]),
  };
}
