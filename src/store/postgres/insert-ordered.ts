import { HELD_DUE_AT } from '../../domain/delivery.ts';
import { atOnce } from './at-once.ts';
import { bigintArray, textArray } from './binary-array.ts';
import { statement } from './database.ts';
import type { DeliveryRow } from './delivery-rows.ts';
import { deliveryColumns } from './delivery-rows.ts';
import { findBusyKeys } from './key-order.ts';
import type { Transaction } from './transaction.ts';

// Numbered in the order given; nobody else gives out numbers for these lanes until the transaction ends.
const insert = statement(`
INSERT INTO velahook.pending_deliveries
  (id, seq, workspace_id, subscription_id, event_id, event_created_at, event_seq, event_type, generation,
   created_at, due_at, order_key, order_number)
SELECT id, nextval('velahook.seq'), workspace_id, subscription_id, event_id, event_created_at, event_seq, event_type,
       generation, $9, CASE WHEN due_at > $9 THEN due_at ELSE ${atOnce('$9')} END, order_key, nextval('velahook.order_number')
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[],
            $10::bigint[], $11::text[])
  AS made (id, workspace_id, subscription_id, event_id, event_type, event_created_at, event_seq, generation, due_at,
           order_key)`);

/**
 * Inserts deliveries of ordered subscriptions at the end of their keys; answers the ids of those that are due, since
 * nothing of their key was pending. The caller holds the lanes' exclusive locks.
 */
export async function insertOrdered(
  session: Transaction,
  rows: readonly DeliveryRow[],
  now: number,
): Promise<string[]> {
  const keys = rows.map(({ subscriptionId, generation, event }) => ({
    subscriptionId,
    generation,
    orderKey: event.orderingKey ?? '',
  }));
  const busy = await findBusyKeys(session, keys);
  const begun = new Set<string>();
  const heads: string[] = [];
  const dueAts = rows.map(({ id }, i) => {
    const key = JSON.stringify(keys[i]);
    const isHeld = busy.has(i) || begun.has(key);
    begun.add(key);
    if (!isHeld) heads.push(id);
    return isHeld ? HELD_DUE_AT : now;
  });
  session.send(insert, [
    ...deliveryColumns(rows),
    now,
    bigintArray(dueAts),
    textArray(keys.map(({ orderKey }) => orderKey)),
  ]);
  return heads;
}
