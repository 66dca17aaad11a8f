import type { DatabaseSync } from 'node:sqlite';
import type { LaneHealth } from '../../domain/lane.ts';
import type { TakenLane } from '../contract/lanes.ts';
import type { LaneMarks, WorkspaceVersion } from '../contract/signals.ts';
import { queryAll } from './statement.ts';
import type { Workspaces } from './workspaces.ts';

/** `SignalStore` where there is one node: nobody has left any marks. */
export function signalHandlers(db: DatabaseSync, workspaces: Workspaces) {
  const listOwned = queryAll<
    Omit<TakenLane, 'suspect' | 'health'> & { suspect: number; health: string | null }
  >(
    db,
    `SELECT s.id AS subscriptionId, w.id AS workspaceId, l.suspect, l.health
     FROM lanes l JOIN subscriptions s ON s.seq = l.subscription_seq JOIN workspaces w ON w.seq = l.workspace_seq
     WHERE l.owner = ?`,
  );
  return {
    takeWakes(): LaneMarks {
      return { lanes: [], cancelled: [] };
    },

    listOwnedLanes(epoch: number): TakenLane[] {
      return listOwned.all(epoch).map(({ suspect, health, ...lane }) => ({
        ...lane,
        suspect: suspect === 1,
        health: health === null ? null : (JSON.parse(health) as LaneHealth),
      }));
    },

    listSubscriptionVersions(workspaceIds: readonly string[]): WorkspaceVersion[] {
      return workspaceIds.flatMap((workspaceId) => {
        const found = workspaces.find(workspaceId);
        return found === undefined ? [] : [{ workspaceId, version: found.subscriptionVersion }];
      });
    },
  };
}
