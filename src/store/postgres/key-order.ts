import type { PendingDelivery } from '../../domain/delivery.ts';
import { HELD_DUE_AT } from '../../domain/delivery.ts';
import { bigintArray, textArray } from './binary-array.ts';
import type { Session } from './database.ts';
import { statement } from './database.ts';

/** One ordering key of a subscription, of one generation: its pending deliveries are in the order of their numbers. */
export interface KeyInOrder {
  subscriptionId: string;
  generation: number;
  orderKey: string;
}

const GIVEN = `unnest($1::text[], $2::bigint[], $3::text[])
  WITH ORDINALITY AS given (subscription_id, generation, order_key, n)`;
// A seek in `pending_in_order` for each key. (As EXISTS it might be planned to read all that is in order.)
const FIRST_OF_KEY = `
  SELECT d.id, d.due_at FROM velahook.pending_deliveries d
  WHERE d.order_number IS NOT NULL AND d.subscription_id = given.subscription_id
    AND d.generation = given.generation AND d.order_key = given.order_key
  ORDER BY d.order_number LIMIT 1`;
const findBusy = statement(`
SELECT given.n::int - 1 AS n FROM ${GIVEN} CROSS JOIN LATERAL (${FIRST_OF_KEY}) AS first`);
// Whoever else would end one of these deliveries waits for the lane's lock, so that none goes while it is made due.
const makeDue = statement(`
WITH next AS MATERIALIZED (
  SELECT first.id FROM ${GIVEN} CROSS JOIN LATERAL (${FIRST_OF_KEY}) AS first WHERE first.due_at = ${HELD_DUE_AT})
UPDATE velahook.pending_deliveries d SET due_at = $4 FROM next WHERE d.id = next.id
RETURNING d.id, d.subscription_id AS "subscriptionId", d.workspace_id AS "workspaceId", d.event_id AS "eventId",
  d.event_type AS "eventType", d.generation, d.attempts, d.due_at AS "dueAt", d.first_attempt_at AS "firstAttemptAt",
  d.order_key AS "orderKey"`);
const findKeys = statement(`
SELECT DISTINCT subscription_id AS "subscriptionId", generation, order_key AS "orderKey"
FROM velahook.pending_deliveries WHERE id = ANY ($1::text[]) AND order_number IS NOT NULL`);

/** An ordered delivery that is due since another one's end. */
export interface NextOfKey extends PendingDelivery {
  orderKey: string;
}

/** Which of the keys, by their places in the array, have a pending delivery. The caller holds the lanes' exclusive locks. */
export async function findBusyKeys(session: Session, keys: readonly KeyInOrder[]): Promise<Set<number>> {
  const rows = await session.rows<{ n: number }>(findBusy, columnsOf(keys));
  return new Set(rows.map(({ n }) => n));
}

/** The keys of those of the deliveries that are pending and ordered: to be asked for before they are ended. */
export async function keysOfDeliveries(session: Session, ids: readonly string[]): Promise<KeyInOrder[]> {
  return session.rows<KeyInOrder>(findKeys, [textArray(ids)]);
}

/**
 * To be called when a delivery of each key has ended, or may have: makes the next one due, and answers those that were
 * not due before. The caller holds the exclusive locks of the lanes: an intake that is under way would otherwise put
 * its delivery behind one that is gone.
 */
export async function advanceKeys(
  session: Session,
  keys: readonly KeyInOrder[],
  now: number,
): Promise<NextOfKey[]> {
  if (keys.length === 0) return [];
  return session.rows<NextOfKey>(makeDue, [...columnsOf(keys), now]);
}

function columnsOf(keys: readonly KeyInOrder[]): Buffer[] {
  return [
    textArray(keys.map(({ subscriptionId }) => subscriptionId)),
    bigintArray(keys.map(({ generation }) => generation)),
    textArray(keys.map(({ orderKey }) => orderKey)),
  ];
}
