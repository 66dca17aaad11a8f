import type { EventKey, NewDelivery } from '../contract/events.ts';
import { bigintArray, textArray } from './binary-array.ts';

/** An event that is stored, whose deliveries are to be. */
export interface DeliveriesOfEvent extends EventKey {
  eventType: string;
  createdAt: number;
  seq: number;
  /** Null if it has none. */
  orderingKey: string | null;
  deliveries: readonly NewDelivery[];
}

/** One to be inserted, as what it has turned out to be. */
export interface DeliveryRow extends NewDelivery {
  event: DeliveriesOfEvent;
}

/** For `$1` to `$8` of an insert. */
export function deliveryColumns(rows: readonly DeliveryRow[]): Buffer[] {
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
