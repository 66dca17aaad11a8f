import { atOnce } from './at-once.ts';
import { statement } from './database.ts';
import type { DeliveriesOfEvent, DeliveryRow } from './delivery-rows.ts';
import { deliveryColumns } from './delivery-rows.ts';
import { insertOrdered } from './insert-ordered.ts';
import type { LaneTarget } from './lane-upkeep.ts';
import type { Transaction } from './transaction.ts';

// Numbered in the order given, which is the order of commit: an array is scanned from its beginning.
const ROWS = `
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[])
  AS made (id, workspace_id, subscription_id, event_id, event_type, event_created_at, event_seq, generation)`;

// Into five indexes; in all but two of them near the end, or next to others of its lane. The id is new, so nobody waits.
const insertPending = statement(`
INSERT INTO velahook.pending_deliveries
  (id, seq, workspace_id, subscription_id, event_id, event_created_at, event_seq, event_type, generation,
   created_at, due_at)
SELECT id, nextval('velahook.seq'), workspace_id, subscription_id, event_id, event_created_at, event_seq, event_type,
       generation, $9, ${atOnce('$9')}
${ROWS}`);

const insertFinished = statement(`
INSERT INTO velahook.finished_deliveries
  (id, seq, workspace_id, subscription_id, event_id, event_created_at, event_seq, event_type, generation,
   state, attempts, created_at, finished_at)
SELECT id, nextval('velahook.seq'), workspace_id, subscription_id, event_id, event_created_at, event_seq, event_type,
       generation, $10, 0, $9, $9
${ROWS}`);

/** What got pending deliveries; and those of `ordered` deliveries that are due, by id. */
export interface InsertedDeliveries {
  targets: LaneTarget[];
  heads: string[];
}

/**
 * Inserts deliveries of any number of events, and answers the targets of those that are pending, each once, in order.
 * An ordered one is put at the end of its key. One of an older generation than its subscription's is stored as `cancelled`: nobody would ever load it or cancel it.
 * Throws when a subscription is not of the event's workspace.
 *
 * The caller holds the lanes' locks, of those that get an ordered delivery the exclusive ones: the generations stay what
 * they were when the targets were read.
 */
export async function insertDeliveries(
  session: Transaction,
  events: readonly DeliveriesOfEvent[],
  targets: ReadonlyMap<string, LaneTarget>,
  now: number,
): Promise<InsertedDeliveries> {
  const rows: Record<'pending' | 'ordered' | 'skipped' | 'cancelled', DeliveryRow[]> = {
    pending: [],
    ordered: [],
    skipped: [],
    cancelled: [],
  };
  const heads: string[] = [];
  const withWork = new Map<string, LaneTarget>();
  for (const event of events) {
    for (const delivery of event.deliveries) {
      const target = targets.get(delivery.subscriptionId);
      if (target?.workspaceId !== event.workspaceId)
        throw new Error(`The workspace has no subscription ${delivery.subscriptionId}.`);
      const isStale = delivery.state === 'pending' && delivery.generation !== target.generation;
      const state = isStale ? 'cancelled' : delivery.state;
      const isOrdered = state === 'pending' && delivery.ordered === true && target.ordered;
      rows[isOrdered ? 'ordered' : state].push({ ...delivery, event });
      if (state === 'pending') withWork.set(delivery.subscriptionId, target);
      // Its subscription is not ordered any more.
      if (state === 'pending' && delivery.ordered && !isOrdered) heads.push(delivery.id);
    }
  }
  if (rows.pending.length > 0) session.send(insertPending, [...deliveryColumns(rows.pending), now]);
  if (rows.ordered.length > 0) heads.push(...(await insertOrdered(session, rows.ordered, now)));
  for (const state of ['skipped', 'cancelled'] as const)
    if (rows[state].length > 0) session.send(insertFinished, [...deliveryColumns(rows[state]), now, state]);
  return { targets: [...withWork.values()], heads };
}
