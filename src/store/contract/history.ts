import type { AttemptRecord } from '../../domain/attempt.ts';
import type { DeliveryState, EndReason } from '../../domain/delivery.ts';
import type { EventOrigin, FilteredOut } from '../../domain/event.ts';
import type { SubscriptionStatus } from '../../domain/subscription.ts';
import type { EventKey } from './events.ts';

/**
 * Newest first: by time of creation, then in the order of commit. A cursor is opaque, from an answer of the same
 * list; any other rejects with {@link InvalidCursor}.
 */
export interface HistoryStore {
  findEvent(workspaceId: string, eventId: string): Promise<StoredEvent | undefined>;
  listEvents(workspaceId: string, query: EventQuery): Promise<CursorPage<EventView>>;
  findDelivery(workspaceId: string, id: string): Promise<DeliveryView | undefined>;
  /** The delivery an attempt was made for. */
  findDeliveryByAttempt(workspaceId: string, attemptId: string): Promise<DeliveryView | undefined>;
  listDeliveries(workspaceId: string, query: DeliveryQuery): Promise<CursorPage<DeliveryView>>;
  /** Attempts of one delivery, by number. */
  listAttempts(workspaceId: string, deliveryId: string): Promise<AttemptRecord[]>;
  /**
   * Counts for metrics and health, over all workspaces; may count what is yet to be cancelled. Beyond some thousands it may
   * be an estimate, and the oldest one found among the deliveries of the oldest events.
   */
  measureBacklog(now: number): Promise<Backlog>;
}

export interface CursorPage<T> {
  /**
   * Fewer than asked for, or none, does not mean the end: what one page looks at is bounded, whatever the filters.
   */
  items: T[];
  /** Null at the end of the list. */
  nextCursor: string | null;
}

export interface CursorQuery {
  cursor?: string;
  limit: number;
  /** Created at or after, before. */
  since?: number;
  until?: number;
}

export interface EventQuery extends CursorQuery {
  eventType?: string;
  /** Events with at least one delivery in this state. */
  state?: DeliveryState;
}

export interface DeliveryQuery extends CursorQuery {
  subscriptionId?: string;
  eventId?: string;
  eventType?: string;
  state?: DeliveryState;
  /** The status code of the last attempt. */
  statusCode?: number;
}

/** An event in a list: bodies are left out, since a page of large ones would be tens of megabytes. */
export interface EventView extends EventKey {
  origin: EventOrigin;
  eventType: string;
  timestamp: string;
  orderingKey: string | null;
  createdAt: number;
  /** As it was published, also where it is erased. */
  dataBytes: number;
  /** When its payload was erased, or null. */
  erasedAt: number | null;
  deliveryCount: number;
  filteredOut: FilteredOut | null;
  /** How many of its deliveries are in each state; states without any are missing. */
  states: Partial<Record<DeliveryState, number>>;
}

/** One event, whole; of an erased one `data` is `{}`. */
export interface StoredEvent extends EventView {
  body: Uint8Array;
}

export interface DeliveryView {
  id: string;
  workspaceId: string;
  subscriptionId: string;
  /** The subscription's URL now, also after its deletion. */
  url: string;
  subscriptionStatus: SubscriptionStatus | 'deleted';
  eventId: string;
  eventType: string;
  state: DeliveryState;
  failureReason: EndReason | null;
  attempts: number;
  createdAt: number;
  /** When the next attempt is due, while pending. */
  dueAt: number | null;
  firstAttemptAt: number | null;
  finishedAt: number | null;
  lastOutcome: AttemptRecord['outcome'] | null;
  lastStatusCode: number | null;
  lastError: string | null;
  /** The delivery that this one replays, or null. */
  replayOf: string | null;
  /** The job that made it, or null. */
  replayId: string | null;
}

export interface Backlog {
  pending: number;
  /** The `dueAt` of the oldest pending delivery that is due, or null. */
  oldestDueAt: number | null;
}

/** A cursor that no list of this store made. */
export class InvalidCursor extends Error {
  override readonly name = 'InvalidCursor';
}
