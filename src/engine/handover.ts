import { LRUCache } from 'lru-cache';
import type { OpenedSubscription } from '../domain/signing.ts';
import { signingAt } from '../domain/signing.ts';
import type { Subscription } from '../domain/subscription.ts';
import type { EventBody, EventKey, LoadedBody } from '../store/contract/events.ts';
import type { AttemptOrder } from './dispatch/attempt-order.ts';
import type { SubscriptionIndex, WorkspaceSubscriptions } from './fanout/subscription-index.ts';
import type { Lane } from './schedule/lane.ts';
import type { PickedDelivery } from './schedule/scheduler.ts';

/** Bodies kept for the attempts that come soon; a retry in an hour reads its body again. */
const BODY_CACHE_BYTES = 8 * 1024 * 1024;
/** What a cached body costs beside its bytes. */
const BODY_OVERHEAD_BYTES = 200;
/** Bodies read at once: as many as are picked at once, so that none waits longer than that for others. */
const PREPARED_AT_ONCE = 64;
/** Under a constant stream of changes the last read has to do. */
const INDEX_TRIES = 3;

/** What a batch that had to wait for the store brought with it. */
interface AtHand {
  /** Null: erased. */
  bodies: Map<string, Uint8Array | null>;
  workspaces: Map<string, WorkspaceSubscriptions>;
}

export interface HandoverDeps {
  index: SubscriptionIndex;
  loadBodies: (keys: readonly EventKey[]) => Promise<LoadedBody[]>;
  /** Opens what is sealed; throws when the key is missing. */
  open: (subscription: Subscription) => OpenedSubscription;
  now: () => number;
  announce: (deliveryId: string) => Promise<void>;
  newAttemptId: () => string;
  /** When an attempt with this timeout must have started, by the clock's `monotonic()`. */
  startBy: (timeoutMs: number) => number;
  /** The orders, in the order of the picks they were made of. */
  onOrders: (orders: readonly AttemptOrder[], picks: readonly PickedDelivery[]) => void;
  /** Picked under another limit than its subscription's: to be picked again under this one. */
  onOtherLimit: (pick: PickedDelivery, rateLimit: number) => void;
  /** No attempt is to be made: the subscription is gone, inactive or newer than the delivery, or the event erased. */
  onStale: (pick: PickedDelivery) => void;
  /** The order could not be made now, through a fault of ours. */
  onFault: (pick: PickedDelivery, error: unknown) => void;
}

/**
 * Between schedule and dispatch: makes an order of each pick, with the subscription as it is now and the bytes of
 * the event. Where one has to wait for the store, what is picked of its lane later waits behind it, so that a lane's
 * orders go out as they were picked. Other lanes do not wait: a backlog is read from the store all the time.
 */
export class Handover {
  readonly #deps: HandoverDeps;
  readonly #bodies = new LRUCache<string, Uint8Array>({
    maxSize: BODY_CACHE_BYTES,
    sizeCalculation: (body) => body.length + BODY_OVERHEAD_BYTES,
  });
  readonly #opened = new WeakMap<Subscription, OpenedSubscription>();
  /** Picks that wait for the store, in the order they were picked, those being prepared first. */
  readonly #waiting: PickedDelivery[] = [];
  /** Picks whose subscription seemed to have stopped: judged again by one read since. */
  readonly #doubted = new WeakSet<PickedDelivery>();
  /** How many picks of each lane are among them. */
  readonly #waitingOf = new Map<Lane, number>();
  #isPreparing = false;

  constructor(deps: HandoverDeps) {
    this.#deps = deps;
  }

  /** Keeps the body of an event that was just committed: its first attempts come at once. */
  remember(event: EventBody): void {
    this.#bodies.set(keyOf(event), event.body);
  }

  /** The event was erased: nothing is sent of it any more. */
  forget(event: EventKey): void {
    this.#bodies.delete(keyOf(event));
  }

  hand(picks: readonly PickedDelivery[]): void {
    const atHand: PickedDelivery[] = [];
    for (const pick of picks) {
      if (this.#isAtHand(pick)) atHand.push(pick);
      else this.#await(pick);
    }
    this.#order(atHand);
    void this.#prepareWaiting();
  }

  #isAtHand(pick: PickedDelivery): boolean {
    const { lane, delivery } = pick;
    return (
      !isToBeAnnounced(pick) &&
      !this.#waitingOf.has(lane) &&
      this.#bodies.has(keyOf(delivery)) &&
      this.#deps.index.peek(delivery.workspaceId) !== undefined
    );
  }

  #await(pick: PickedDelivery): void {
    this.#waiting.push(pick);
    this.#waitingOf.set(pick.lane, (this.#waitingOf.get(pick.lane) ?? 0) + 1);
  }

  async #prepareWaiting(): Promise<void> {
    if (this.#isPreparing) return;
    this.#isPreparing = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, PREPARED_AT_ONCE);
      await this.#prepareAndOrder(batch);
      this.#waiting.splice(0, batch.length);
      for (const { lane } of batch) {
        const left = (this.#waitingOf.get(lane) ?? 0) - 1;
        if (left > 0) this.#waitingOf.set(lane, left);
        else this.#waitingOf.delete(lane);
      }
    }
    this.#isPreparing = false;
  }

  async #prepareAndOrder(picks: readonly PickedDelivery[]): Promise<void> {
    const announced = await this.#announceSuspects(picks);
    const atHand: AtHand = { bodies: new Map(), workspaces: new Map() };
    try {
      await this.#loadMissingBodies(announced, atHand);
      await this.#loadMissingWorkspaces(announced, atHand);
    } catch (error) {
      for (const pick of announced) this.#deps.onFault(pick, error);
      return;
    }
    this.#order(announced, atHand);
  }

  /** All at once, so that they share a commit. Answers, in their order, those that may be attempted. */
  async #announceSuspects(picks: readonly PickedDelivery[]): Promise<PickedDelivery[]> {
    const isAnnounced = await Promise.all(
      picks.map(async (pick) => {
        try {
          if (isToBeAnnounced(pick)) await this.#deps.announce(pick.delivery.id);
          return true;
        } catch (error) {
          this.#deps.onFault(pick, error);
          return false;
        }
      }),
    );
    return picks.filter((_, i) => isAnnounced[i]);
  }

  async #loadMissingBodies(picks: readonly PickedDelivery[], atHand: AtHand): Promise<void> {
    const missing = new Map<string, EventKey>();
    for (const { delivery } of picks) {
      const key = keyOf(delivery);
      const body = this.#bodies.get(key);
      if (body) atHand.bodies.set(key, body);
      else missing.set(key, { workspaceId: delivery.workspaceId, eventId: delivery.eventId });
    }
    if (missing.size === 0) return;
    for (const { body, ...event } of await this.#deps.loadBodies([...missing.values()])) {
      atHand.bodies.set(keyOf(event), body);
      if (body !== null) this.remember({ ...event, body });
    }
  }

  /** A change while we wait makes the index forget a workspace again: the attempt must see that change. */
  async #loadMissingWorkspaces(picks: readonly PickedDelivery[], atHand: AtHand): Promise<void> {
    const workspaceIds = new Set(picks.map(({ delivery }) => delivery.workspaceId));
    for (let tries = 0; tries < INDEX_TRIES; tries++) {
      const missing = [...workspaceIds].filter((id) => this.#deps.index.peek(id) === undefined);
      if (missing.length === 0) return;
      for (const id of missing) atHand.workspaces.set(id, await this.#deps.index.get(id));
    }
  }

  #order(picks: readonly PickedDelivery[], atHand?: AtHand): void {
    const orders: AttemptOrder[] = [];
    const ordered: PickedDelivery[] = [];
    // Looked up once, all before any is doubted: that makes the index forget it.
    const workspaces = new Map(
      picks.map(({ delivery: { workspaceId } }) => [
        workspaceId,
        this.#deps.index.peek(workspaceId) ?? atHand?.workspaces.get(workspaceId),
      ]),
    );
    for (const pick of picks) {
      const { workspaceId, subscriptionId, generation } = pick.delivery;
      const workspace = workspaces.get(workspaceId);
      const subscription = workspace?.find(subscriptionId);
      const key = keyOf(pick.delivery);
      const loaded = atHand?.bodies.get(key);
      const body = loaded === undefined ? this.#bodies.get(key) : loaded;
      if (!workspace) {
        this.#deps.onFault(pick, notAtHand(workspaceId));
      } else if (body === null || (subscription && subscription.generation > generation)) {
        this.#deps.onStale(pick);
      } else if (subscription?.status !== 'active' || subscription.generation < generation) {
        this.#doubt(pick, subscription);
      } else if (subscription.rateLimit !== null && subscription.rateLimit !== pick.gate?.perSecond) {
        this.#deps.onOtherLimit(pick, subscription.rateLimit);
      } else if (!body) {
        this.#deps.onFault(pick, new Error(`The body of event ${pick.delivery.eventId} is missing.`));
      } else {
        try {
          orders.push(this.#orderOf(pick, subscription, body, workspace));
          ordered.push(pick);
        } catch (error) {
          // Its secret was sealed with a key we do not have: ours to mend, and no reason to stop the others.
          this.#deps.onFault(pick, error);
        }
      }
    }
    if (orders.length > 0) this.#deps.onOrders(orders, ordered);
  }

  /**
   * The subscription is gone or not active, or was read before the delivery was made. Perhaps all of that: another
   * node may have made it, or switched it on, since. So it is read anew, once.
   */
  #doubt(pick: PickedDelivery, subscription: Subscription | undefined): void {
    const { workspaceId, generation } = pick.delivery;
    if (!this.#doubted.has(pick)) {
      this.#doubted.add(pick);
      this.#deps.index.forget(workspaceId);
      this.#await(pick);
    } else if (subscription && subscription.generation < generation) {
      this.#deps.onFault(pick, notAtHand(workspaceId));
    } else {
      this.#deps.onStale(pick);
    }
  }

  #orderOf(
    { delivery, slotClass }: PickedDelivery,
    subscription: Subscription,
    body: Uint8Array,
    { redactionPaths }: WorkspaceSubscriptions,
  ): AttemptOrder {
    const opened = this.#openedOf(subscription);
    return {
      attemptId: this.#deps.newAttemptId(),
      number: delivery.attempts + 1,
      eventId: delivery.eventId,
      eventType: delivery.eventType,
      url: subscription.url,
      timeoutMs: subscription.timeoutMs,
      isProven: slotClass === 'proven' || slotClass === 'further',
      startBy: this.#deps.startBy(subscription.timeoutMs),
      signing: signingAt(subscription, opened, this.#deps.now()),
      headers: opened.headers,
      ...(redactionPaths.length > 0 && { redactionPaths }),
      body,
    };
  }

  #openedOf(subscription: Subscription): OpenedSubscription {
    let opened = this.#opened.get(subscription);
    if (opened === undefined) {
      opened = this.#deps.open(subscription);
      this.#opened.set(subscription, opened);
    }
    return opened;
  }
}

function keyOf(key: EventKey): string {
  return `${key.workspaceId}/${key.eventId}`;
}

function notAtHand(workspaceId: string): Error {
  return new Error(`The subscriptions of workspace ${workspaceId} are not at hand.`);
}

/** A death of this node, if it comes now, may be the attempt's doing. */
function isToBeAnnounced({ lane, delivery }: PickedDelivery): boolean {
  return lane.suspect || (delivery.deaths ?? 0) > 0;
}
