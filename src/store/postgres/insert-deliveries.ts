import type { EventKey, NewDelivery } from '../contract/events.ts';
import { atOnce } from './at-once.ts';
import { bigintArray, textArray } from './binary-array.ts';
import type { Session } from './database.ts';
import { statement } from './database.ts';
import type { LaneTarget } from './lane-upkeep.ts';

/** An event that is stored, whose deliveries are to be. */
export interface DeliveriesOfEvent extends EventKey {
  eventType: string;
  createdAt: number;
  seq: number;
  deliveries: readonly NewDelivery[];
}

interface DeliveryRow extends NewDelivery {
  event: DeliveriesOfEvent;
}

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

/**
 * Inserts deliveries of any number of events, and answers the targets of those that are pending, each once, in order.
 * One of an older generation than its subscription's is stored as `cancelled`: nobody would ever load it or cancel it.
 * Throws when a subscription is not of the event's workspace.
 *
 * The caller holds the lanes' locks: the generations stay what they were when the targets were read.
 */
export async function insertDeliveries(
  session: Session,
  events: readonly DeliveriesOfEvent[],
  targets: ReadonlyMap<string, LaneTarget>,
  now: number,
): Promise<LaneTarget[]> {
  const rows = { pending: [] as DeliveryRow[], skipped: [] as DeliveryRow[], cancelled: [] as DeliveryRow[] };
  const withWork = new Map<string, LaneTarget>();
  for (const event of events) {
    for (const delivery of event.deliveries) {
      const target = targets.get(delivery.subscriptionId);
      if (target?.workspaceId !== event.workspaceId)
        throw new Error(`The workspace has no subscription ${delivery.subscriptionId}.`);
      const isStale = delivery.state === 'pending' && delivery.generation !== target.generation;
      const state = isStale ? 'cancelled' : delivery.state;
      rows[state].push({ ...delivery, event });
      if (state === 'pending') withWork.set(delivery.subscriptionId, target);
    }
  }
  if (rows.pending.length > 0) await session.run(insertPending, [...columns(rows.pending), now]);
  for (const state of ['skipped', 'cancelled'] as const)
    if (rows[state].length > 0) await session.run(insertFinished, [...columns(rows[state]), now, state]);
  return [...withWork.values()];
}

function columns(rows: readonly DeliveryRow[]): Buffer[] {
  return [
    textArray(rows.map(({ id }) => id)),
    textArray(rows.map(({ event }) => event.workspaceId)),
    textArray(rows.map(({ subscriptionId }) => subscriptionId)),
    textArray(rows.map(({ event }) => event.eventId)),
    textArray(rows.map(({ event }) => event.eventType)),
    bigintArray(rows.map(({ event }) => event.createdAt)),
    bigintArray(rows.map(({ event }) => event.seq)),
    bigintArray(rows.map(({ generation }) => generation)),
  ];
}
