import type { HistoryStore } from '../contract/history.ts';
import { deliveryHistory } from './delivery-history.ts';
import { eventHistory } from './event-history.ts';
import type { StoreParts } from './parts.ts';

/** `HistoryStore`: reads beside the writing connection, which a list never holds up. */
export function historyCalls({ database }: StoreParts): HistoryStore {
  return { ...eventHistory(database), ...deliveryHistory(database) };
}
