import type { LaneStore, TakenLane, TakenLanes } from '../contract/lanes.ts';
import type { Session } from './database.ts';
import { statement } from './database.ts';
import { isLiveForShare } from './node-lease.ts';
import { LaneShare } from './lane-share.ts';
import type { StoreParts } from './parts.ts';

/** A ready lane that could not be taken is locked by another node's transaction: worth another look this soon. */
const LOCKED_MS = 50;

// By `lanes_free`: its first entry.
const nextReady = statement('SELECT min(ready_at) AS "readyAt" FROM velahook.lanes WHERE owner IS NULL');

const countReady = statement(`
SELECT count(*) AS count
FROM (SELECT FROM velahook.lanes WHERE owner IS NULL AND ready_at <= $1 ORDER BY ready_at LIMIT $2) AS ready`);

// Whatever another node is taking or making ready at this moment is passed over, never waited for.
const take = (ready: string): string => `
WITH ready AS MATERIALIZED (${ready})
UPDATE velahook.lanes l SET owner = $1 FROM ready WHERE l.subscription_id = ready.subscription_id
RETURNING l.subscription_id AS "subscriptionId", l.workspace_id AS "workspaceId", l.suspect, l.health::jsonb AS health`;

// By `lanes_free`.
const takeReady = statement(
  take(`
  SELECT subscription_id FROM velahook.lanes WHERE owner IS NULL AND ready_at <= $2
  ORDER BY ready_at LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED`),
);

// By `lanes_free_of_workspace`: one seek per workspace.
const takeShare = statement(
  take(`
  SELECT l.subscription_id
  FROM unnest($4::text[]) AS turn (workspace_id)
  CROSS JOIN LATERAL (
    SELECT subscription_id FROM velahook.lanes
    WHERE owner IS NULL AND workspace_id = turn.workspace_id AND ready_at <= $2
    ORDER BY ready_at LIMIT $5 FOR NO KEY UPDATE SKIP LOCKED) AS l
  LIMIT $3`),
);

// A skip scan of `lanes_free_of_workspace`: from each workspace one seek to the next, however many lanes they have. No
// step is made beyond the last workspace that is answered.
const nextWorkspaces = statement(`
WITH RECURSIVE free AS (
  (SELECT workspace_id, ready_at FROM velahook.lanes
   WHERE owner IS NULL AND workspace_id > $1 ORDER BY workspace_id, ready_at LIMIT 1)
  UNION ALL
  SELECT next.workspace_id, next.ready_at FROM free CROSS JOIN LATERAL (
    SELECT workspace_id, ready_at FROM velahook.lanes
    WHERE owner IS NULL AND workspace_id > free.workspace_id ORDER BY workspace_id, ready_at LIMIT 1) AS next)
SELECT workspace_id AS id FROM free WHERE ready_at <= $2 LIMIT $3`);

interface Taking {
  lanes: TakenLane[];
  nextReadyAt: number | null;
  /** The workspace that was served last. */
  last: string;
}

/**
 * Hands free, ready lanes to a node. When nothing is ready, which is so nearly every second, that is one statement.
 *
 * When fewer are ready than were asked for, all of them go. Otherwise they are shared out over the workspaces that have
 * some: in plain order of readiness one with 50,000 ready lanes would have all of the next hundred calls. The next call
 * goes on with the workspace after the last one served, so that more workspaces than lanes asked for all have their turn.
 */
export function takeLanesCall({ database, writes, now }: StoreParts): LaneStore['takeLanes'] {
  let lastServed = '';
  const laneShare = new LaneShare(database);

  const takeShared = async (
    session: Session,
    epoch: number,
    readyBy: number,
    limit: number,
  ): Promise<Omit<Taking, 'nextReadyAt'>> => {
    const lanes: TakenLane[] = [];
    let turns = await workspacesInTurn(session, lastServed, readyBy, limit);
    const last = turns.at(-1) ?? '';
    while (lanes.length < limit && turns.length > 0) {
      const left = limit - lanes.length;
      const share = Math.max(1, Math.floor(left / turns.length));
      const taken = await session.rows<TakenLane>(takeShare, [epoch, readyBy, left, turns, share]);
      lanes.push(...taken);
      const byWorkspace = Map.groupBy(taken, ({ workspaceId }) => workspaceId);
      turns = turns.filter((id) => byWorkspace.get(id)?.length === share);
    }
    return { lanes, last };
  };

  const takeSome = async (
    session: Session,
    epoch: number,
    readyBy: number,
    limit: number,
  ): Promise<Taking> => {
    const nothing = { lanes: [], last: lastServed };
    const nextReadyAt = await whenReady(session);
    if (nextReadyAt === null || nextReadyAt > readyBy) return { ...nothing, nextReadyAt };
    if (!(await isLiveForShare(session, epoch))) return { ...nothing, nextReadyAt: null };
    // Who only asks whether somebody waits has no part in the turns.
    if (limit === 0) return { ...nothing, nextReadyAt };
    const [ready] = await session.rows<{ count: number }>(countReady, [readyBy, limit + 1]);
    const { lanes, last } =
      (ready?.count ?? 0) > limit
        ? await takeShared(session, epoch, readyBy, limit)
        : { lanes: await session.rows<TakenLane>(takeReady, [epoch, readyBy, limit]), last: lastServed };
    const after = await whenReady(session);
    const isLocked = after !== null && after <= readyBy && lanes.length < limit;
    return { lanes, last, nextReadyAt: isLocked ? readyBy + LOCKED_MS : after };
  };

  return async (epoch, by, limit): Promise<TakenLanes> => {
    const readyBy = Math.round(by);
    // Taking changes nothing about it.
    const share = await laneShare.measure(now());
    const { lanes, nextReadyAt, last } = await writes.write((session) =>
      takeSome(session, epoch, readyBy, limit),
    );
    lastServed = last;
    laneShare.nextReadyAt(nextReadyAt);
    if (lanes.length > 0) laneShare.forget();
    return { lanes, nextReadyAt, ...(share !== null && { share }) };
  };
}

async function whenReady(session: Session): Promise<number | null> {
  const [next] = await session.rows<{ readyAt: number | null }>(nextReady);
  return next?.readyAt ?? null;
}

/** At most `limit` workspaces with a ready lane, beginning after `lastServed`. */
async function workspacesInTurn(
  session: Session,
  lastServed: string,
  readyBy: number,
  limit: number,
): Promise<string[]> {
  const after = await session.rows<{ id: string }>(nextWorkspaces, [lastServed, readyBy, limit]);
  const fromStart =
    after.length < limit && lastServed !== ''
      ? await session.rows<{ id: string }>(nextWorkspaces, ['', readyBy, limit - after.length])
      : [];
  // The second scan may run into the first.
  return [...new Set([...after, ...fromStart].map(({ id }) => id))];
}
