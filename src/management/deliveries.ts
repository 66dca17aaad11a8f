import type { AuditEntry, Caller } from '../domain/audit.ts';
import { Refusal } from '../domain/errors.ts';
import { GIVEN_EVENT_ID_FORM } from '../domain/ids.ts';
import { REPLAYED_AT_ONCE_MAX } from '../domain/replay.ts';
import type { Subscription } from '../domain/subscription.ts';
import type { Engine, ReplayRequest } from '../engine/engine.ts';
import type { Clock } from '../lib/clock.ts';
import type { Random } from '../lib/random.ts';
import type { HistoryStore, StoredEvent } from '../store/contract/history.ts';
import type { SubscriptionStore } from '../store/contract/subscriptions.ts';
import { auditEntry } from './audit-log.ts';
import type { DeliveryView, History } from './history.ts';

/** Deliveries of one event read at once to show them. */
const READ_AT_ONCE = 1_000;
const ACTIVATE = 'PATCH it with {"active":true} first';

export interface DeliveriesDeps {
  store: Pick<HistoryStore, 'findEvent' | 'listDeliveries'> & Pick<SubscriptionStore, 'loadSubscriptions'>;
  engine: Pick<Engine, 'listMatching' | 'replay' | 'cancelDelivery'>;
  history: History;
  clock: Clock;
  random: Random;
}

/** What customers do with deliveries. Everything throws a `Refusal` where the API is to answer one. */
export class Deliveries {
  readonly #deps: DeliveriesDeps;

  constructor(deps: DeliveriesDeps) {
    this.#deps = deps;
  }

  /** Delivers it again now; `id` as in `History.getDelivery`. One that is pending still is cancelled for it. */
  async replay(by: Caller, workspaceId: string, id: string): Promise<DeliveryView> {
    const { _id, eventId, subscriptionId, subscriptionStatus } = await this.#deps.history.getDelivery(
      workspaceId,
      id,
    );
    if (subscriptionStatus !== 'active') throw notActive(subscriptionStatus === 'deleted');
    const request = { workspaceId, eventId, subscriptionId, replayOf: _id };
    const audit = auditEntry(this.#deps, by, { action: 'delivery.replayed', workspaceId, targetId: _id });
    const [made] = await this.#make(workspaceId, eventId, [request], audit);
    if (made === undefined) throw new Error('A replay was made without its delivery.');
    return made;
  }

  /**
   * Delivers an event again to the subscriptions named, whether they match it or not; without any named, to the active
   * ones that match it now. A test event, or one about a subscription, goes to whom it went to.
   */
  async replayEvent(
    by: Caller,
    workspaceId: string,
    eventId: string,
    subscriptionIds: readonly string[] | undefined,
  ): Promise<DeliveryView[]> {
    const event = GIVEN_EVENT_ID_FORM.test(eventId)
      ? await this.#deps.store.findEvent(workspaceId, eventId)
      : undefined;
    if (event === undefined) throw new Refusal('NOT_FOUND', 'There is no such event in this workspace.');
    if (event.erasedAt !== null) throw isErased();
    const targets =
      subscriptionIds === undefined
        ? await this.#defaultTargets(event)
        : await this.#named(workspaceId, subscriptionIds);
    const requests = targets.map(({ id }) => ({ workspaceId, eventId, subscriptionId: id, replayOf: null }));
    const fields = subscriptionIds === undefined ? {} : { subscriptionIds };
    const change = { action: 'event.replayed', workspaceId, targetId: eventId, fields } as const;
    return this.#make(workspaceId, eventId, requests, auditEntry(this.#deps, by, change));
  }

  /** Stops a pending delivery; an attempt in flight that succeeds wins. 409 when it has ended. */
  async cancel(by: Caller, workspaceId: string, id: string): Promise<DeliveryView> {
    const { _id } = await this.#deps.history.getDelivery(workspaceId, id);
    const audit = auditEntry(this.#deps, by, { action: 'delivery.cancelled', workspaceId, targetId: _id });
    const result = await this.#deps.engine.cancelDelivery(workspaceId, _id, audit);
    const { attempts: _attempts, ...delivery } = await this.#deps.history.getDelivery(workspaceId, _id);
    if (result === 'finished')
      throw new Refusal('CONFLICT', `The delivery has ended already: it is ${delivery.state}.`);
    return delivery;
  }

  async #named(workspaceId: string, ids: readonly string[]): Promise<Subscription[]> {
    const { subscriptions } = await this.#deps.store.loadSubscriptions(workspaceId);
    const byId = new Map(subscriptions.map((subscription) => [subscription.id, subscription]));
    return [...new Set(ids)].map((id) => {
      const subscription = byId.get(id);
      if (subscription === undefined)
        throw new Refusal('NOT_FOUND', 'There is no such subscription in this workspace.');
      if (subscription.status !== 'active')
        throw new Refusal('CONFLICT', `The subscription ${id} is not active. ${ACTIVATE}.`);
      return subscription;
    });
  }

  async #defaultTargets(event: StoredEvent): Promise<Subscription[]> {
    const matching =
      event.origin === 'published' ? await this.#deps.engine.listMatching(event) : await this.#wentTo(event);
    if (matching.length === 0)
      throw new Refusal('CONFLICT', 'No subscription matches the event now. Name one in subscriptionIds.');
    const active = matching.filter(({ status }) => status === 'active');
    if (active.length === 0)
      throw new Refusal('CONFLICT', `No subscription that matches the event is active. ${ACTIVATE}.`);
    if (active.length > REPLAYED_AT_ONCE_MAX)
      throw new Refusal(
        'CONFLICT',
        `${active.length} subscriptions match the event. Name at most ${REPLAYED_AT_ONCE_MAX} in subscriptionIds.`,
      );
    return active;
  }

  async #wentTo({ workspaceId, eventId }: StoredEvent): Promise<Subscription[]> {
    const { store } = this.#deps;
    const { items } = await store.listDeliveries(workspaceId, { eventId, limit: READ_AT_ONCE });
    const ids = new Set(items.map(({ subscriptionId }) => subscriptionId));
    const { subscriptions } = await store.loadSubscriptions(workspaceId);
    return subscriptions.filter(({ id }) => ids.has(id));
  }

  async #make(
    workspaceId: string,
    eventId: string,
    requests: readonly ReplayRequest[],
    audit: AuditEntry,
  ): Promise<DeliveryView[]> {
    const outcomes = await this.#deps.engine.replay(requests, audit);
    const made = outcomes.flatMap((outcome) => (outcome.result === 'made' ? [outcome.deliveryId] : []));
    // Whatever has changed since it was looked at: then nothing, or only a part, was made.
    if (made.length === 0) {
      if (outcomes.some(({ result }) => result === 'gone'))
        throw new Refusal('NOT_FOUND', 'The event is not stored any more, so that it cannot be replayed.');
      if (outcomes.some(({ result }) => result === 'erased')) throw isErased();
      throw notActive(false);
    }
    return this.#show(workspaceId, eventId, made);
  }

  /** The newest deliveries of the event, as far as they are those just made; in the order given. */
  async #show(workspaceId: string, eventId: string, ids: readonly string[]): Promise<DeliveryView[]> {
    const shown = new Map<string, DeliveryView>();
    let cursor: string | null = null;
    do {
      const query = { eventId, limit: READ_AT_ONCE, ...(cursor !== null && { cursor }) };
      const page = await this.#deps.history.listDeliveries(workspaceId, query);
      for (const delivery of page.items) shown.set(delivery._id, delivery);
      cursor = page.nextCursor;
    } while (cursor !== null && !ids.every((id) => shown.has(id)));
    return ids.flatMap((id) => shown.get(id) ?? []);
  }
}

function isErased(): Refusal {
  return new Refusal('CONFLICT', 'The payload of the event was erased, so that it cannot be replayed.');
}

function notActive(isDeleted: boolean): Refusal {
  return isDeleted
    ? new Refusal('CONFLICT', 'The subscription is deleted. Replay the event to another one.')
    : new Refusal('CONFLICT', `The subscription is not active. ${ACTIVATE}.`);
}
