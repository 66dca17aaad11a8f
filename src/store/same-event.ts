import { dataOf } from '../domain/event.ts';
import type { EventCommit, EventSummary, NewEvent } from './contract/events.ts';

/** What an event is compared by with one that was stored before it. */
export interface ComparedEvent extends EventSummary {
  dataBytes: number;
  body: Uint8Array;
}

/** An event against the one that was stored before it under the same id or key: `duplicate` or `conflict`. */
export function compareWithStored(event: NewEvent, stored: ComparedEvent): EventCommit {
  if (event.eventIdGiven && event.eventId !== stored.eventId)
    return { outcome: 'conflict', field: 'eventId' };
  if (event.eventType !== stored.eventType) return { outcome: 'conflict', field: 'eventType' };
  if (!isSameData(event, stored)) return { outcome: 'conflict', field: 'data' };
  if (event.orderingKey !== stored.orderingKey) return { outcome: 'conflict', field: 'orderingKey' };
  if (event.timestampGiven && event.timestamp !== stored.timestamp) {
    return { outcome: 'conflict', field: 'timestamp' };
  }
  const { eventId, eventType, timestamp, orderingKey, deliveryCount } = stored;
  return { outcome: 'duplicate', event: { eventId, eventType, timestamp, orderingKey, deliveryCount } };
}

/** Bytes, not values: what differs in a space alone would reach the receiver as other bytes. */
function isSameData(event: NewEvent, stored: ComparedEvent): boolean {
  if (event.dataBytes !== stored.dataBytes) return false;
  return Buffer.compare(dataOf(event.body, event.dataBytes), dataOf(stored.body, stored.dataBytes)) === 0;
}
