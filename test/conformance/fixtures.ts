import { buildBody } from '../../src/domain/event.ts';
import type { FailureReason, NextState } from '../../src/domain/delivery.ts';
import { newAttemptId, newDeliveryId, newEventId, newId } from '../../src/domain/ids.ts';
import { NEW_LANE_HEALTH } from '../../src/domain/lane.ts';
import type { Subscription } from '../../src/domain/subscription.ts';
import { systemRandom } from '../../src/lib/random.ts';
import type { AttemptToRecord } from '../../src/store/contract/records.ts';
import type { NewEvent } from '../../src/store/contract/events.ts';
import type { NewNotice } from '../../src/store/contract/subscriptions.ts';
import type { Store } from '../../src/store/store.ts';

/**
 * Opens an empty store of the kind under test; `close` also removes it. `endLeases` makes all nodes dead where many
 * are possible; where they are not, a registration is enough.
 */
export type OpenStore = () => Promise<{ store: Store; endLeases?(): Promise<void>; close(): Promise<void> }>;

/** When everything in these tests happens, in milliseconds since the Unix epoch. */
export const T0 = 1_764_000_000_000;
export const DEATHS_MAX = 3;
export const HEALTH = NEW_LANE_HEALTH;
const MANY = 1_000;
/** Of a subscription unless another is given. */
const URL = 'https://hooks.example.com/a';

export function anId(): string {
  return newId(T0, systemRandom);
}

export function aNotice(eventType = 'webhook.subscription.deactivated'): NewNotice {
  return { eventId: newEventId(T0, systemRandom), eventType, data: '{"reason":"gone"}' };
}

export async function makeWorkspace(store: Store): Promise<string> {
  const id = anId();
  await store.ensureWorkspace({ id, name: 'Test', createdAt: T0 });
  return id;
}

export function aSubscription(workspaceId: string, given: Partial<Subscription> = {}): Subscription {
  return {
    id: anId(),
    workspaceId,
    url: URL,
    events: ['crm.lead.created'],
    status: 'active',
    description: null,
    timeoutMs: 10_000,
    rateLimit: null,
    ordered: false,
    sealedSecret: Uint8Array.of(1, 2, 3),
    secretConfigured: false,
    secretHint: 'wxyz',
    keyPair: null,
    previous: null,
    headers: null,
    filter: null,
    generation: 1,
    createdAt: T0,
    updatedAt: T0,
    deactivatedAt: null,
    deactivationReason: null,
    missingSince: null,
    ...given,
  };
}

export async function makeSubscription(
  store: Store,
  workspaceId: string,
  given: Partial<Subscription> = {},
): Promise<Subscription> {
  const subscription = aSubscription(workspaceId, given);
  await store.createSubscription(subscription, MANY);
  return subscription;
}

/** An event with one pending delivery to each subscription given, matched by name. */
export function anEvent(
  workspaceId: string,
  to: readonly (Pick<Subscription, 'id' | 'generation'> & { ordered?: boolean })[] = [],
  given: Partial<NewEvent> & { data?: string } = {},
): NewEvent {
  const { data = '{"n":1}', ...fields } = given;
  const bytes = Buffer.from(data);
  const eventId = fields.eventId ?? newEventId(T0, systemRandom);
  const eventType = fields.eventType ?? 'crm.lead.created';
  const timestamp = fields.timestamp ?? '2026-03-24T14:30:00.000Z';
  return {
    workspaceId,
    eventId,
    eventIdGiven: false,
    origin: 'published',
    eventType,
    timestamp,
    timestampGiven: false,
    orderingKey: null,
    idempotencyKey: null,
    body: buildBody({ eventId, eventType, timestamp, workspaceId }, bytes),
    dataBytes: bytes.length,
    deliveries: to.map(({ id, generation, ordered }) => ({
      id: newDeliveryId(T0, systemRandom),
      subscriptionId: id,
      generation,
      state: 'pending',
      ...(ordered === true && { ordered }),
    })),
    deliveryCount: to.length,
    filteredOut: null,
    subscriptionVersion: null,
    fanoutCursor: null,
    ...fields,
  };
}

/** The ids of an event's deliveries; throws if it has fewer than `index + 1`. */
export function deliveryIdOf(event: NewEvent, index = 0): string {
  const delivery = event.deliveries[index];
  if (delivery === undefined) throw new Error(`The event has no delivery ${index}.`);
  return delivery.id;
}

/** Commits an event to the subscriptions and answers it. */
export async function publish(
  store: Store,
  epoch: number,
  to: readonly Subscription[],
  given: Partial<NewEvent> & { data?: string; at?: number; takeLanes?: boolean } = {},
): Promise<NewEvent> {
  const { at = T0, takeLanes = true, ...fields } = given;
  const workspaceId = to[0]?.workspaceId ?? '';
  const event = anEvent(workspaceId, to, fields);
  await store.commitEvents(epoch, [event], takeLanes, at);
  return event;
}

export interface RecordGiven {
  number?: number;
  startedAt?: number;
  next?: NextState;
  statusCode?: number | null;
  attempt?: Partial<AttemptToRecord['attempt']>;
  deactivation?: NewNotice;
  /** The URL that answered. */
  url?: string;
}

/** A record of the delivery's attempt: a success unless `next` says otherwise. */
export function aRecord(event: NewEvent, given: RecordGiven = {}, index = 0): AttemptToRecord {
  const { next = { state: 'succeeded' }, number = 1, startedAt = T0 } = given;
  const succeeded = next.state === 'succeeded';
  const isOrdered = event.deliveries[index]?.ordered === true;
  return {
    deliveryId: deliveryIdOf(event, index),
    subscriptionId: event.deliveries[index]?.subscriptionId ?? '',
    ...(isOrdered && { orderKey: event.orderingKey ?? '' }),
    attempt: {
      id: newAttemptId(T0, systemRandom),
      number,
      startedAt,
      durationMs: 20,
      outcome: succeeded ? 'success' : 'http_status',
      statusCode: given.statusCode ?? (succeeded ? 200 : 500),
      error: succeeded ? null : 'The receiver answered 500.',
      responseBody: null,
      responseTruncated: false,
      responseHeaders: null,
      request: null,
      timing: null,
      remoteAddress: null,
      ...given.attempt,
    },
    next,
    deactivation: given.deactivation ? { url: given.url ?? URL, notice: given.deactivation } : null,
  };
}

export function retryAt(dueAt: number): { next: NextState } {
  return { next: { state: 'pending', dueAt } };
}

export function failed(reason: FailureReason = 'exhausted'): { next: NextState } {
  return { next: { state: 'failed', reason } };
}
