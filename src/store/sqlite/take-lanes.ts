import type { DatabaseSync } from 'node:sqlite';
import type { LaneHealth } from '../../domain/lane.ts';
import type { TakenLane, TakenLanes } from '../contract/lanes.ts';
import { createNodeCheck } from './nodes.ts';
import { command, queryAll, queryOne } from './statement.ts';

interface FreeLane {
  subscriptionSeq: number;
  subscriptionId: string;
  workspaceId: string;
  suspect: number;
  health: string | null;
}

const FREE_LANE = `l.subscription_seq AS subscriptionSeq, s.id AS subscriptionId, w.id AS workspaceId, l.suspect, l.health
  FROM lanes l JOIN subscriptions s ON s.seq = l.subscription_seq JOIN workspaces w ON w.seq = l.workspace_seq`;

/**
 * Hands free, ready lanes to a node.
 *
 * When fewer are ready than were asked for, all of them go, by `lanes_free`. Otherwise they are shared out over the
 * workspaces that have some, found by a skip scan of `lanes_free_of_workspace`: one seek per workspace, however many
 * lanes it has. The next call goes on with the workspace after the last one served, so that more workspaces than
 * lanes asked for all have their turn.
 */
export function createTakeLanes(db: DatabaseSync) {
  const isLive = createNodeCheck(db);
  const countReady = queryOne<{ count: number }>(
    db,
    `SELECT count(*) AS count
     FROM (SELECT 1 FROM lanes WHERE owner IS NULL AND ready_at <= ? ORDER BY ready_at LIMIT ?)`,
  );
  const listReady = queryAll<FreeLane>(
    db,
    `SELECT ${FREE_LANE} WHERE l.owner IS NULL AND l.ready_at <= ? ORDER BY l.ready_at LIMIT ?`,
  );
  const listReadyOfWorkspace = queryAll<FreeLane>(
    db,
    `SELECT ${FREE_LANE}
     WHERE l.owner IS NULL AND l.workspace_seq = ? AND l.ready_at <= ? ORDER BY l.ready_at LIMIT ?`,
  );
  const nextWorkspace = queryOne<{ workspaceSeq: number; readyAt: number }>(
    db,
    `SELECT workspace_seq AS workspaceSeq, ready_at AS readyAt FROM lanes
     WHERE owner IS NULL AND workspace_seq > ? ORDER BY workspace_seq, ready_at LIMIT 1`,
  );
  const takeLane = command(db, 'UPDATE lanes SET owner = ?2 WHERE subscription_seq = ?1');
  const nextReady = queryOne<{ readyAt: number | null }>(
    db,
    'SELECT min(ready_at) AS readyAt FROM lanes WHERE owner IS NULL',
  );
  let lastServed = 0;

  const take = (epoch: number, lanes: readonly FreeLane[]): TakenLane[] =>
    lanes.map(({ subscriptionSeq, subscriptionId, workspaceId, suspect, health }) => {
      takeLane.run(subscriptionSeq, epoch);
      return {
        subscriptionId,
        workspaceId,
        suspect: suspect === 1,
        health: health === null ? null : (JSON.parse(health) as LaneHealth),
      };
    });

  /** At most `limit` workspaces with a ready lane, beginning after the last one served. */
  const workspacesInTurn = (readyBy: number, limit: number): number[] => {
    const workspaces: number[] = [];
    const collect = (after: number, until: number): void => {
      let next = nextWorkspace.get(after);
      while (next !== undefined && next.workspaceSeq <= until && workspaces.length < limit) {
        if (next.readyAt <= readyBy) workspaces.push(next.workspaceSeq);
        next = nextWorkspace.get(next.workspaceSeq);
      }
    };
    collect(lastServed, Number.MAX_SAFE_INTEGER);
    collect(0, lastServed);
    return workspaces;
  };

  const takeShared = (epoch: number, readyBy: number, limit: number): TakenLane[] => {
    const taken: TakenLane[] = [];
    let workspaces = workspacesInTurn(readyBy, limit);
    // Who only asks whether somebody waits has no part in the turns.
    if (limit > 0) lastServed = workspaces.at(-1) ?? 0;
    while (taken.length < limit && workspaces.length > 0) {
      const share = Math.max(1, Math.floor((limit - taken.length) / workspaces.length));
      workspaces = workspaces.filter((workspaceSeq) => {
        const left = Math.min(share, limit - taken.length);
        if (left === 0) return false;
        const ready = listReadyOfWorkspace.all(workspaceSeq, readyBy, left);
        taken.push(...take(epoch, ready));
        return ready.length === left;
      });
    }
    return taken;
  };

  return (epoch: number, readyBy: number, limit: number): TakenLanes => {
    if (!isLive(epoch)) return { lanes: [], nextReadyAt: null };
    const ready = countReady.get(readyBy, limit + 1)?.count ?? 0;
    const lanes =
      ready <= limit ? take(epoch, listReady.all(readyBy, limit)) : takeShared(epoch, readyBy, limit);
    return { lanes, nextReadyAt: nextReady.get()?.readyAt ?? null };
  };
}
