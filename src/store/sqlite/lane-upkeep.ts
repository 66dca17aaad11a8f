import type { DatabaseSync } from 'node:sqlite';
import type { LaneHealth } from '../../domain/lane.ts';
import type { LaneStanding } from '../contract/events.ts';
import { createNodeCheck } from './nodes.ts';
import { command, queryOne } from './statement.ts';

/** A subscription as an intake call sees it. */
export interface LaneTarget {
  subscriptionSeq: number;
  workspaceSeq: number;
  generation: number;
  ordered: number;
}

interface TargetRow extends LaneTarget {
  hasLane: number;
  owner: number | null;
  suspect: number;
  health: string | null;
}

/** The lanes of one intake call. */
export interface LaneUpkeep {
  /** Undefined when the workspace has no such subscription. Deleted ones are found. */
  find(subscriptionId: string, workspaceSeq: number): LaneTarget | undefined;
  /** To be told of every subscription that got a pending delivery; does its work once per subscription. */
  keep(subscriptionId: string, workspaceId: string): void;
  /** Of a kept subscription: an ordered delivery that is due. */
  addHead(subscriptionId: string, deliveryId: string): void;
  standings(): LaneStanding[];
}

export type StartLaneUpkeep = (epoch: number, takeLanes: boolean, now: number) => LaneUpkeep;

/**
 * Intake's part in lanes: a subscription with unfinished work has a lane row, always, in the same commit.
 *
 * One look-up by id (unique index, then two primary keys) per subscription and call. A lane this epoch holds, which
 * is the common case, is not written at all.
 */
export function createLaneUpkeep(db: DatabaseSync): StartLaneUpkeep {
  const isLive = createNodeCheck(db);
  const findTarget = queryOne<TargetRow>(
    db,
    `SELECT s.seq AS subscriptionSeq, s.workspace_seq AS workspaceSeq, s.generation, s.ordered,
            l.subscription_seq IS NOT NULL AS hasLane, l.owner, l.suspect, l.health
     FROM subscriptions s LEFT JOIN lanes l ON l.subscription_seq = s.seq
     WHERE s.id = ?`,
  );
  const insertLane = command(
    db,
    'INSERT INTO lanes (subscription_seq, workspace_seq, owner, ready_at) VALUES (?, ?, ?, ?)',
  );
  const takeLane = command(db, 'UPDATE lanes SET owner = ?2 WHERE subscription_seq = ?1');
  const readyLane = command(
    db,
    'UPDATE lanes SET ready_at = min(ready_at, max(?2, paused_until)) WHERE subscription_seq = ?1',
  );

  return (epoch, takeLanes, now) => {
    // A node that has retired must not own anything: nobody would free it before the next start.
    const taker = takeLanes && isLive(epoch) ? epoch : null;
    const found = new Map<string, TargetRow | undefined>();
    const standings = new Map<string, LaneStanding>();

    const stand = (target: TargetRow): Pick<LaneStanding, 'standing' | 'health'> => {
      if (target.hasLane === 0) {
        insertLane.run(target.subscriptionSeq, target.workspaceSeq, taker, now);
        return { standing: taker === null ? 'free' : 'new', health: null };
      }
      if (target.owner !== null)
        return { standing: target.owner === epoch ? 'held' : 'foreign', health: null };
      if (taker === null || target.suspect === 1) {
        readyLane.run(target.subscriptionSeq, now);
        return { standing: 'free', health: null };
      }
      takeLane.run(target.subscriptionSeq, taker);
      const health = target.health === null ? null : (JSON.parse(target.health) as LaneHealth);
      return { standing: 'taken', health };
    };

    const find = (subscriptionId: string): TargetRow | undefined => {
      if (!found.has(subscriptionId)) found.set(subscriptionId, findTarget.get(subscriptionId));
      return found.get(subscriptionId);
    };

    return {
      find(subscriptionId, workspaceSeq) {
        const target = find(subscriptionId);
        return target?.workspaceSeq === workspaceSeq ? target : undefined;
      },
      keep(subscriptionId, workspaceId) {
        const target = find(subscriptionId);
        if (target === undefined || standings.has(subscriptionId)) return;
        standings.set(subscriptionId, { subscriptionId, workspaceId, ...stand(target) });
      },
      addHead(subscriptionId, deliveryId) {
        const standing = standings.get(subscriptionId);
        if (standing) standing.heads = [...(standing.heads ?? []), deliveryId];
      },
      standings: () => [...standings.values()],
    };
  };
}
