import { LAST_CHANCE_AFTER_MS } from '../../domain/delivery.ts';
import type { Session } from './database.ts';
import { statement } from './database.ts';
import { advanceKeys, keysOfDeliveries } from './key-order.ts';
import { finishDeliveries } from './finish-deliveries.ts';

/** Lanes freed in one commit, so that a node with 100,000 of them does not hold up anybody's commit. */
const FREED_AT_ONCE = 500;
/** Any number no other advisory lock of ours has ("VEDY" as bytes). */
const BURIAL_LOCK = 0x56_45_44_59;

const tryBurialLock = statement(`SELECT pg_try_advisory_xact_lock(${BURIAL_LOCK}) AS "isMine"`);
/**
 * `FOR UPDATE` against `isLiveForShare` and renewals; both see `retired` when they come second. One that commits
 * right now was live when it began: it is left for the next look.
 */
const retireDead = statement(`
UPDATE velahook.nodes SET retired = true
WHERE epoch = ANY (ARRAY(
  SELECT epoch FROM velahook.nodes WHERE NOT retired AND lease_until <= clock_timestamp()
  FOR UPDATE SKIP LOCKED))
RETURNING epoch`);
const countDeaths = statement(`
UPDATE velahook.announcements SET epoch = NULL, deaths = deaths + 1
WHERE epoch = ANY ($1::bigint[]) RETURNING delivery_id AS "deliveryId", deaths`);
/** Those that wait already stay before those that are new. One being attempted (by an epoch) has its last chance now. */
const listLastChances = statement(`
SELECT a.delivery_id AS "deliveryId", s.timeout_ms AS "timeoutMs"
FROM velahook.announcements a
  JOIN velahook.pending_deliveries p ON p.id = a.delivery_id
  JOIN velahook.subscriptions s ON s.id = p.subscription_id
WHERE a.deaths = $1 AND a.epoch IS NULL
ORDER BY p.due_at, p.id`);
/** Locks a few rows in order of their ids. */
const postpone = statement(`
WITH given AS (SELECT * FROM unnest($1::text[], $2::bigint[]) AS given (id, due_at)),
  locked AS MATERIALIZED (
    SELECT id FROM velahook.pending_deliveries WHERE id = ANY ($1::text[]) ORDER BY id FOR UPDATE)
UPDATE velahook.pending_deliveries p SET due_at = greatest(p.due_at, given.due_at)
FROM given JOIN locked USING (id) WHERE p.id = given.id`);
const listEndangeredLanes = statement(`
SELECT p.subscription_id AS id
FROM velahook.announcements a JOIN velahook.pending_deliveries p ON p.id = a.delivery_id
WHERE a.deaths >= $1 AND p.order_number IS NOT NULL`);
const listRetiredNodes = statement(`SELECT epoch FROM velahook.nodes WHERE retired ORDER BY epoch`);
const lockUnretired = statement(`SELECT 1 FROM velahook.nodes WHERE epoch = $1 AND NOT retired FOR UPDATE`);
const retire = statement(`UPDATE velahook.nodes SET retired = true WHERE epoch = $1`);
const endAnnouncements = statement(`UPDATE velahook.announcements SET epoch = NULL WHERE epoch = $1`);
/**
 * By `lanes_owned`. `SKIP LOCKED`, so that any number of nodes may free the lanes of one that died: each lane is
 * freed once, and nobody waits, neither for another of them nor for a transaction the dead one left hanging.
 */
const freeLanes = statement(`
UPDATE velahook.lanes SET owner = NULL, suspect = $2, ready_at = $3
WHERE subscription_id = ANY (ARRAY(
  SELECT subscription_id FROM velahook.lanes WHERE owner = $1 LIMIT ${FREED_AT_ONCE} FOR UPDATE SKIP LOCKED))`);
/** Nothing can have come to be owned since it was retired. */
const deleteNode = statement(`
DELETE FROM velahook.nodes
WHERE epoch = $1 AND retired AND NOT EXISTS (SELECT FROM velahook.lanes WHERE owner = $1)`);

/**
 * Retires every node whose lease is over and counts the deaths, in one commit: both happen once, whoever else is
 * looking. Before any lane is free: the next owner's announcement would otherwise write over the dead one's.
 *
 * The caller holds the exclusive locks of the lanes that {@link listEndangered} names.
 */
export async function buryDeadNodes(session: Session, now: number, deathsMax: number): Promise<void> {
  // One at a time, so that the last chances of all are spread; who comes second need not wait for the first.
  const [lock] = await session.rows<{ isMine: boolean }>(tryBurialLock);
  if (!lock?.isMine) return;
  const dead = await session.rows<{ epoch: number }>(retireDead);
  if (dead.length === 0) return;
  const deaths = await session.rows<{ deliveryId: string; deaths: number }>(countDeaths, [
    dead.map(({ epoch }) => epoch),
  ]);
  const deadly = deaths
    .filter((delivery) => delivery.deaths >= deathsMax)
    .map(({ deliveryId }) => deliveryId);
  const ending = { state: 'failed', failureReason: 'crashed_nodes', finishedAt: now } as const;
  if (deadly.length > 0) {
    const keys = await keysOfDeliveries(session, deadly);
    await finishDeliveries(session, deadly, ending);
    await advanceKeys(session, keys, now);
  }
  if (deaths.some((delivery) => delivery.deaths === deathsMax - 1))
    await spreadLastChances(session, now, deathsMax);
}

/**
 * Subscriptions of which an ordered delivery fails when one more node dies: then the next of its key is made due. To be
 * asked before {@link buryDeadNodes}, which may not take locks of lanes once it has others.
 */
export async function listEndangered(session: Session, deathsMax: number): Promise<string[]> {
  const rows = await session.rows<{ id: string }>(listEndangeredLanes, [deathsMax - 1]);
  return rows.map(({ id }) => id);
}

/** Late, and the timeout of each apart: see {@link LAST_CHANCE_AFTER_MS}. */
async function spreadLastChances(session: Session, now: number, deathsMax: number): Promise<void> {
  const chances = await session.rows<{ deliveryId: string; timeoutMs: number }>(listLastChances, [
    deathsMax - 1,
  ]);
  let dueAt = now + LAST_CHANCE_AFTER_MS;
  const dueAts = chances.map(({ timeoutMs }) => {
    const due = dueAt;
    dueAt += timeoutMs;
    return due;
  });
  await session.run(postpone, [chances.map(({ deliveryId }) => deliveryId), dueAts]);
}

/** Nodes that may still own lanes that are to be freed. */
export async function listRetired(session: Session): Promise<number[]> {
  return (await session.rows<{ epoch: number }>(listRetiredNodes)).map(({ epoch }) => epoch);
}

export interface FreedLanes {
  freed: number;
  /** None was left to be had. */
  isDone: boolean;
}

/**
 * Frees the next lanes of a retired node, as suspect. Its row goes when it owns none: not before, so that another
 * node finds what was left undone.
 */
export async function freeLanesOfDead(session: Session, epoch: number, now: number): Promise<FreedLanes> {
  const freed = await session.run(freeLanes, [epoch, true, now]);
  if (freed === FREED_AT_ONCE) return { freed, isDone: false };
  await session.run(deleteNode, [epoch]);
  return { freed, isDone: true };
}

/**
 * Frees the next lanes of a node that ends in good order, not as suspect, and retires it with the last of them:
 * retired before, others would take it for dead. Nothing it announced counts as a death then. One that was found dead
 * all the same is left to whoever found it.
 */
export async function endNode(session: Session, epoch: number, now: number): Promise<FreedLanes> {
  if ((await session.rows(lockUnretired, [epoch])).length === 0) return { freed: 0, isDone: true };
  const freed = await session.run(freeLanes, [epoch, false, now]);
  if (freed === FREED_AT_ONCE) return { freed, isDone: false };
  await session.run(endAnnouncements, [epoch]);
  await session.run(retire, [epoch]);
  await session.run(deleteNode, [epoch]);
  return { freed, isDone: true };
}
