import type { LaneHealth } from '../../domain/lane.ts';
import type { LaneStanding } from '../contract/events.ts';
import { atOnce } from './at-once.ts';
import { textArray } from './binary-array.ts';
import type { Session } from './database.ts';
import { statement } from './database.ts';
import type { SignalSender } from './parts.ts';
import type { Transaction } from './transaction.ts';

/** A subscription and its lane as an intake finds them, once its locks are held. */
export interface LaneTarget {
  subscriptionId: string;
  workspaceId: string;
  generation: number;
  ordered: boolean;
  hasLane: boolean;
  /** The epoch that has the lane, or null. */
  owner: number | null;
  suspect: boolean;
}

/** Who keeps lanes. */
export interface LaneKeeping {
  epoch: number;
  /**
   * From `isLiveForShare`, of this transaction. A node that is dead to the others must not own anything: its lanes are
   * freed at any time, perhaps just now.
   */
  isLive: boolean;
  /** Whether free and missing lanes become this epoch's own. */
  takeLanes: boolean;
  now: number;
}

/** What an intake did about its lanes; {@link tellOthers} what is to be told of it, after the commit. */
export interface KeptLanes {
  standings: LaneStanding[];
  /** Other epochs that have a mark to take now. */
  owners: Set<number>;
  /** Whether there are lanes to be taken that were not before. */
  hasFreed: boolean;
}

// By two primary keys. Locks nothing: a lane that somebody holds is only read.
const findTargets = statement(`
SELECT s.id AS "subscriptionId", s.workspace_id AS "workspaceId", s.generation, s.ordered,
       l.subscription_id IS NOT NULL AS "hasLane", l.owner, coalesce(l.suspect, false) AS suspect
FROM velahook.subscriptions s LEFT JOIN velahook.lanes l ON l.subscription_id = s.id
WHERE s.id = ANY ($1::text[])`);

const insertLanes = statement(`
INSERT INTO velahook.lanes (subscription_id, workspace_id, owner, ready_at)
SELECT subscription_id, workspace_id, $3, ${atOnce('$4')}
FROM unnest($1::text[], $2::text[]) AS missing (subscription_id, workspace_id)
ORDER BY subscription_id
ON CONFLICT DO NOTHING
RETURNING subscription_id AS "subscriptionId"`);

// Locked in order, then judged again: of those that somebody else took meanwhile none is answered.
const takeFree = statement(`
WITH free AS MATERIALIZED (
  SELECT subscription_id FROM velahook.lanes
  WHERE subscription_id = ANY ($1::text[]) AND owner IS NULL AND NOT suspect
  ORDER BY subscription_id FOR NO KEY UPDATE)
UPDATE velahook.lanes l SET owner = $2 FROM free WHERE l.subscription_id = free.subscription_id
RETURNING l.subscription_id AS "subscriptionId", l.health::jsonb AS health`);

// Only what is not ready soon enough is locked and written: a popular lane that nobody takes would otherwise make all
// intakes wait for one another. While it is locked, nobody takes it without seeing this commit.
const readyFree = statement(`
WITH free AS MATERIALIZED (
  SELECT subscription_id FROM velahook.lanes
  WHERE subscription_id = ANY ($1::text[]) AND owner IS NULL AND ready_at > greatest(${atOnce('$2')}, paused_until)
  ORDER BY subscription_id FOR NO KEY UPDATE)
UPDATE velahook.lanes l SET ready_at = greatest(${atOnce('$2')}, l.paused_until)
FROM free WHERE l.subscription_id = free.subscription_id
RETURNING l.subscription_id AS "subscriptionId"`);

const leaveWakes = statement(`INSERT INTO velahook.lane_wakes (subscription_id) SELECT unnest($1::text[])`);

/** Subscriptions by id, deleted ones too, with their lanes; those there are not are missing. */
export async function readTargets(
  session: Session,
  subscriptionIds: readonly string[],
): Promise<Map<string, LaneTarget>> {
  if (subscriptionIds.length === 0) return new Map();
  const rows = await session.rows<LaneTarget>(findTargets, [textArray(subscriptionIds)]);
  return new Map(rows.map((row) => [row.subscriptionId, row]));
}

/**
 * Intake's part in lanes: a subscription with unfinished work has a lane row, always, in the same commit. In the
 * common case its owner is this epoch, or another: then no lane is written, and in the first of them nothing is.
 *
 * The caller holds the shared locks: no lane goes away or is given back here. But others take lanes and make new ones
 * all the time. So every lane that this transaction neither owns nor made nor took nor locked gets a mark
 * (`lane_wakes`) in this commit, be it owned or free: whoever has it afterwards, or takes it while this commit is under
 * way and loads it without these deliveries, finds the mark and loads again.
 */
export async function keepLanes(
  session: Transaction,
  { epoch, isLive, takeLanes, now }: LaneKeeping,
  targets: readonly LaneTarget[],
): Promise<KeptLanes> {
  const unowned = targets.filter(({ owner }) => owner === null);
  const taker = takeLanes && isLive ? epoch : null;
  const settled = new Map<string, Pick<LaneStanding, 'standing' | 'health'>>();
  const settle = (ids: { subscriptionId: string }[], standing: LaneStanding['standing']): void =>
    ids.forEach(({ subscriptionId }) => settled.set(subscriptionId, { standing, health: null }));

  if (isLive)
    settle(
      targets.filter(({ owner }) => owner === epoch),
      'held',
    );
  const missing = unowned.filter(({ hasLane }) => !hasLane);
  if (missing.length > 0)
    settle(await makeLanes(session, missing, taker, now), taker === null ? 'free' : 'new');
  const free = unowned.filter(({ hasLane, suspect }) => hasLane && taker !== null && !suspect);
  if (free.length > 0) {
    type Taken = { subscriptionId: string; health: LaneHealth | null };
    for (const { subscriptionId, health } of await session.rows<Taken>(takeFree, [idsOf(free), taker]))
      settled.set(subscriptionId, { standing: 'taken', health });
  }
  const left = unowned.filter(({ hasLane, suspect }) => hasLane && (taker === null || suspect));
  if (left.length > 0) settle(await session.rows(readyFree, [idsOf(left), now]), 'free');
  const hasFreed = [...settled.values()].some(({ standing }) => standing === 'free');

  const marked = targets.filter(({ subscriptionId }) => !settled.has(subscriptionId));
  const owners = await ownersNow(session, marked);
  if (marked.length > 0) session.send(leaveWakes, [idsOf(marked)]);
  const standings = targets.map(({ subscriptionId, workspaceId }): LaneStanding => {
    const owner = owners.get(subscriptionId) ?? null;
    const standing = owner === null ? 'free' : owner === epoch ? 'held' : 'foreign';
    return { subscriptionId, workspaceId, standing, health: null, ...settled.get(subscriptionId) };
  });
  const toTell = [...owners.values()].filter((owner) => owner !== null && owner !== epoch);
  return { standings, owners: new Set(toTell as number[]), hasFreed };
}

export function tellOthers(signals: SignalSender, { owners, hasFreed }: KeptLanes): void {
  signals.wake(owners);
  if (hasFreed) signals.freed();
}

function makeLanes(
  session: Session,
  missing: readonly LaneTarget[],
  owner: number | null,
  now: number,
): Promise<{ subscriptionId: string }[]> {
  const workspaceIds = textArray(missing.map(({ workspaceId }) => workspaceId));
  return session.rows(insertLanes, [idsOf(missing), workspaceIds, owner, now]);
}

/** Who has them; asked again about those that were free or missing a moment ago. */
async function ownersNow(
  session: Session,
  lanes: readonly LaneTarget[],
): Promise<Map<string, number | null>> {
  const owners = new Map(lanes.map(({ subscriptionId, owner }) => [subscriptionId, owner]));
  const unsure = lanes.filter(({ owner }) => owner === null).map(({ subscriptionId }) => subscriptionId);
  for (const [id, { owner }] of await readTargets(session, unsure)) owners.set(id, owner);
  return owners;
}

function idsOf(lanes: readonly LaneTarget[]): Buffer {
  return textArray(lanes.map(({ subscriptionId }) => subscriptionId));
}
