import type { AttemptOutcome } from '../domain/attempt.ts';
import type { DeliveryState, EndReason, ShownDeliveryState } from '../domain/delivery.ts';
import { Refusal } from '../domain/errors.ts';
import type { EventOrigin, FilteredOut } from '../domain/event.ts';
import { dataOf, ERASED_DATA } from '../domain/event.ts';
import { ATTEMPT_ID_PREFIX, DELIVERY_ID_PREFIX, GIVEN_EVENT_ID_FORM, ID_FORM } from '../domain/ids.ts';
import type { SubscriptionStatus } from '../domain/subscription.ts';
import type {
  CursorPage,
  DeliveryQuery,
  DeliveryView as StoredDelivery,
  EventQuery,
  EventView as ListedEvent,
  HistoryStore,
} from '../store/contract/history.ts';
import { InvalidCursor } from '../store/contract/history.ts';
import type { Engine } from '../engine/engine.ts';
import { type AttemptView, viewAttempt } from './attempt-view.ts';
import { countDeliveries, tellStory, tellWholeStory } from './event-story.ts';
import { isoOf, isoOrNull } from './subscription-view.ts';

/** An event as the API shows it, `data` apart. */
export interface EventView {
  eventId: string;
  eventType: string;
  timestamp: string;
  workspaceId: string;
  orderingKey: string | null;
  origin: EventOrigin;
  createdAt: string;
  dataBytes: number;
  /** When its payload was erased, or null. */
  erasedAt: string | null;
  /** Replays included. */
  deliveryCount: number;
  /** Subscriptions that a filter kept it from; the first of them by id. */
  filteredOut: FilteredOut;
  /** Deliveries by state; every state is named. */
  states: Record<DeliveryState, number>;
  /** What became of it, in a sentence. */
  summary: string;
}

/** A delivery as the API shows it. */
export interface DeliveryView {
  _id: string;
  workspaceId: string;
  subscriptionId: string;
  url: string;
  subscriptionStatus: SubscriptionStatus | 'deleted';
  eventId: string;
  eventType: string;
  state: ShownDeliveryState;
  failureReason: EndReason | null;
  attemptCount: number;
  createdAt: string;
  nextAttemptAt: string | null;
  firstAttemptAt: string | null;
  finishedAt: string | null;
  lastOutcome: AttemptOutcome | null;
  lastStatusCode: number | null;
  lastError: string | null;
  /** The delivery that this one replays, or null. */
  replayOf: string | null;
  /** The job that made it, or null. */
  replayId: string | null;
}

export interface EventDetail {
  event: EventView;
  /** The bytes of `data` as they were published; of an erased event `{}`. */
  data: Uint8Array;
  deliveries: CursorPage<DeliveryView>;
}

export interface DeliveryDetail extends DeliveryView {
  attempts: AttemptView[];
}

/** What happened, for reading. Everything throws a `Refusal` where the API is to answer one. */
export class History {
  readonly #store: HistoryStore;
  readonly #engine: Pick<Engine, 'isDelivering'>;
  readonly #userAgent: string;

  /** `userAgent`: of every request. */
  constructor(store: HistoryStore, engine: Pick<Engine, 'isDelivering'>, userAgent: string) {
    this.#store = store;
    this.#engine = engine;
    this.#userAgent = userAgent;
  }

  async listEvents(workspaceId: string, query: EventQuery): Promise<CursorPage<EventView>> {
    const page = await withCursor(this.#store.listEvents(workspaceId, query));
    return { items: page.items.map(viewEvent), nextCursor: page.nextCursor };
  }

  /** With the newest of its deliveries, at most `limit`. */
  async getEvent(workspaceId: string, eventId: string, limit: number): Promise<EventDetail> {
    const event = GIVEN_EVENT_ID_FORM.test(eventId)
      ? await this.#store.findEvent(workspaceId, eventId)
      : undefined;
    if (event === undefined) throw new Refusal('NOT_FOUND', 'There is no such event in this workspace.');
    const { items, nextCursor } = await this.#store.listDeliveries(workspaceId, { eventId, limit });
    const shown = viewEvent(event);
    if (nextCursor === null) shown.summary = tellWholeStory(event, items);
    const deliveries = { items: items.map((delivery) => this.#viewDelivery(delivery)), nextCursor };
    const data = event.erasedAt === null ? dataOf(event.body, event.dataBytes) : ERASED_DATA;
    return { event: shown, data, deliveries };
  }

  async listDeliveries(workspaceId: string, query: DeliveryQuery): Promise<CursorPage<DeliveryView>> {
    const page = await withCursor(this.#store.listDeliveries(workspaceId, query));
    return { items: page.items.map((delivery) => this.#viewDelivery(delivery)), nextCursor: page.nextCursor };
  }

  /** By its own id, or by the id of one of its attempts. */
  async getDelivery(workspaceId: string, id: string): Promise<DeliveryDetail> {
    const delivery = await this.#findDelivery(workspaceId, id);
    if (delivery === undefined)
      throw new Refusal('NOT_FOUND', 'There is no such delivery in this workspace.');
    const attempts = await this.#store.listAttempts(workspaceId, delivery.id);
    const { eventId, eventType } = delivery;
    const of = { eventId, eventType, userAgent: this.#userAgent };
    return {
      ...this.#viewDelivery(delivery),
      attempts: attempts.map((attempt) => viewAttempt(attempt, of)),
    };
  }

  /** A pending delivery with an attempt in flight is shown as `delivering`; that is never stored. */
  #viewDelivery(delivery: StoredDelivery): DeliveryView {
    const isDelivering = delivery.state === 'pending' && this.#engine.isDelivering(delivery.id);
    return viewDelivery(delivery, isDelivering ? 'delivering' : delivery.state);
  }

  async #findDelivery(workspaceId: string, id: string): Promise<StoredDelivery | undefined> {
    if (!ID_FORM.test(id.slice(DELIVERY_ID_PREFIX.length))) return undefined;
    if (id.startsWith(DELIVERY_ID_PREFIX)) return this.#store.findDelivery(workspaceId, id);
    if (id.startsWith(ATTEMPT_ID_PREFIX)) return this.#store.findDeliveryByAttempt(workspaceId, id);
    return undefined;
  }
}

/** Turns a cursor that the list did not make into a 400. */
export async function withCursor<T>(page: Promise<T>): Promise<T> {
  try {
    return await page;
  } catch (cause) {
    if (!(cause instanceof InvalidCursor)) throw cause;
    throw new Refusal('BAD_REQUEST', 'cursor: take nextCursor of an answer of this list, unchanged.', {
      cause,
    });
  }
}

function viewEvent(event: ListedEvent): EventView {
  return {
    eventId: event.eventId,
    eventType: event.eventType,
    timestamp: event.timestamp,
    workspaceId: event.workspaceId,
    orderingKey: event.orderingKey,
    origin: event.origin,
    createdAt: isoOf(event.createdAt),
    dataBytes: event.dataBytes,
    erasedAt: isoOrNull(event.erasedAt),
    deliveryCount: countDeliveries(event),
    filteredOut: event.filteredOut ?? { count: 0, subscriptionIds: [] },
    states: { pending: 0, succeeded: 0, failed: 0, cancelled: 0, skipped: 0, ...event.states },
    summary: tellStory(event),
  };
}

function viewDelivery(delivery: StoredDelivery, state: ShownDeliveryState): DeliveryView {
  return {
    _id: delivery.id,
    workspaceId: delivery.workspaceId,
    subscriptionId: delivery.subscriptionId,
    url: delivery.url,
    subscriptionStatus: delivery.subscriptionStatus,
    eventId: delivery.eventId,
    eventType: delivery.eventType,
    state,
    failureReason: delivery.failureReason,
    attemptCount: delivery.attempts,
    createdAt: isoOf(delivery.createdAt),
    nextAttemptAt: isoOrNull(delivery.dueAt),
    firstAttemptAt: isoOrNull(delivery.firstAttemptAt),
    finishedAt: isoOrNull(delivery.finishedAt),
    lastOutcome: delivery.lastOutcome,
    lastStatusCode: delivery.lastStatusCode,
    lastError: delivery.lastError,
    replayOf: delivery.replayOf,
    replayId: delivery.replayId,
  };
}
