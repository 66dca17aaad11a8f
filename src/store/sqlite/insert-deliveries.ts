import type { DatabaseSync } from 'node:sqlite';
import { HELD_DUE_AT } from '../../domain/delivery.ts';
import type { EventKey, NewDelivery } from '../contract/events.ts';
import type { KeyOrder } from './key-order.ts';
import type { LaneUpkeep } from './lane-upkeep.ts';
import { command } from './statement.ts';

export interface EventRow {
  eventSeq: number;
  workspaceSeq: number;
  /** Null if it has none. */
  orderingKey: string | null;
}

export type InsertDeliveries = (
  event: EventRow & EventKey,
  deliveries: readonly NewDelivery[],
  lanes: LaneUpkeep,
  now: number,
) => void;

/**
 * Inserts an event's deliveries: at the end of the table, and at one place in each of four indexes, five while
 * pending. Nothing is read, but for ordered subscriptions whether the delivery has to wait; that is one more index.
 */
export function createInsertDeliveries(db: DatabaseSync, keyOrder: KeyOrder): InsertDeliveries {
  const insert = command(
    db,
    `INSERT INTO deliveries
       (id, workspace_seq, subscription_seq, event_seq, generation, state, created_at, due_at, finished_at, order_key)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return (event, deliveries, lanes, now) => {
    for (const { id, subscriptionId, generation, state: wanted, ordered } of deliveries) {
      const target = lanes.find(subscriptionId, event.workspaceSeq);
      if (target === undefined) throw new Error(`The workspace has no subscription ${subscriptionId}.`);
      // The subscription stopped after it was matched; nobody would ever load this delivery or cancel it.
      const state = wanted === 'pending' && generation !== target.generation ? 'cancelled' : wanted;
      const isPending = state === 'pending';
      const { subscriptionSeq } = target;
      const orderKey = isPending && ordered && target.ordered === 1 ? (event.orderingKey ?? '') : null;
      const isHeld = orderKey !== null && keyOrder.isBusy({ subscriptionSeq, generation, orderKey });
      const dueAt = isHeld ? HELD_DUE_AT : now;
      const times = [now, isPending ? dueAt : null, isPending ? null : now] as const;
      const { workspaceSeq, eventSeq } = event;
      insert.run(id, workspaceSeq, subscriptionSeq, eventSeq, generation, state, ...times, orderKey);
      if (!isPending) continue;
      lanes.keep(subscriptionId, event.workspaceId);
      if (ordered && !isHeld) lanes.addHead(subscriptionId, id);
    }
  };
}
