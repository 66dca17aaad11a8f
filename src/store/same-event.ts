import { dataOf } from '../domain/event.ts';
import type { EventCommit, EventSummary, NewEvent } from './contract/events.ts';

/** What an event is compared by with one that was stored before it. */
export interface ComparedEvent extends EventSummary {
  /** As it was published, also where it is erased. */
  dataBytes: number;
  /** When its payload was erased, or null. */
  erasedAt: number | null;
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

/**
 * Bytes, not values: what differs in a space alone would reach the receiver as other bytes. Of an erased event only the
 * number of bytes is left. A hash of them would be one more thing about the subject: whoever has it can try out what
 * it may be the hash of.
 */
function isSameData(event: NewEvent, stored: ComparedEvent): boolean {
  if (event.dataBytes !== stored.dataBytes) return false;
  if (stored.erasedAt !== null) return true;
  return Buffer.compare(dataOf(event.body, event.dataBytes), dataOf(stored.body, stored.dataBytes)) === 0;
}
