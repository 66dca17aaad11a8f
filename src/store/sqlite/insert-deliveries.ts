import type { DatabaseSync } from 'node:sqlite';
import type { EventKey, NewDelivery } from '../contract/events.ts';
import type { LaneUpkeep } from './lane-upkeep.ts';
import { command } from './statement.ts';

export interface EventRow {
  eventSeq: number;
  workspaceSeq: number;
}

export type InsertDeliveries = (
  event: EventRow & EventKey,
  deliveries: readonly NewDelivery[],
  lanes: LaneUpkeep,
  now: number,
) => void;

/**
 * Inserts an event's deliveries: at the end of the table, and at one place in each of four indexes, five while
 * pending. Nothing is read.
 */
export function createInsertDeliveries(db: DatabaseSync): InsertDeliveries {
  const insert = command(
    db,
    `INSERT INTO deliveries
       (id, workspace_seq, subscription_seq, event_seq, generation, state, created_at, due_at, finished_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return (event, deliveries, lanes, now) => {
    for (const { id, subscriptionId, generation, state: wanted } of deliveries) {
      const target = lanes.find(subscriptionId, event.workspaceSeq);
      if (target === undefined) throw new Error(`The workspace has no subscription ${subscriptionId}.`);
      // The subscription stopped after it was matched; nobody would ever load this delivery or cancel it.
      const state = wanted === 'pending' && generation !== target.generation ? 'cancelled' : wanted;
      const isPending = state === 'pending';
      const times = [now, isPending ? now : null, isPending ? null : now] as const;
      const { workspaceSeq, eventSeq } = event;
      insert.run(id, workspaceSeq, target.subscriptionSeq, eventSeq, generation, state, ...times);
      if (isPending) lanes.keep(subscriptionId, event.workspaceId);
    }
  };
}
