import type { EventOrigin, FilteredOut } from '../../domain/event.ts';
import type { LaneHealth } from '../../domain/lane.ts';

export interface EventStore {
  /**
   * Stores events with their deliveries, one result per event, in order. Events are independent: one that is a
   * duplicate, in conflict, matched with stale subscriptions or of no workspace stores nothing and does not spoil the
   * others.
   *
   * For each subscription that gets a pending delivery its lane is kept up: a missing or free lane becomes this
   * epoch's own when `takeLanes`, else it is left free and ready. A suspect lane is always left free:
   * `takeLanes` tells that it is. A pending delivery of an older generation than its
   * subscription's is stored as `cancelled` and has no lane.
   *
   * Deliveries to ordered subscriptions get their places in the order of commit, whatever node commits; only the first
   * pending one of each ordering key is due, the others at `HELD_DUE_AT`.
   */
  commitEvents(
    epoch: number,
    events: readonly NewEvent[],
    takeLanes: boolean,
    now: number,
  ): Promise<CommitResult>;
  /**
   * Adds the next chunk of a cut event's deliveries and moves its cursor, in one commit. With the last chunk its
   * `deliveryCount` becomes the number there really are: subscriptions may have gone since it was foretold.
   */
  continueFanout(epoch: number, chunk: FanoutChunk, takeLanes: boolean, now: number): Promise<LaneStanding[]>;
  /** Events whose fan-out was cut and is not complete. */
  listUnfinishedFanouts(limit: number): Promise<UnfinishedFanout[]>;
  /** Bodies by workspace and event id; those not (or no longer) stored are missing from the answer. */
  loadBodies(keys: readonly EventKey[]): Promise<LoadedBody[]>;
}

export interface EventKey {
  workspaceId: string;
  eventId: string;
}

export interface EventBody extends EventKey {
  body: Uint8Array;
}

export interface LoadedBody extends EventKey {
  /** Null when its payload was erased: nothing is to be sent of it. */
  body: Uint8Array | null;
}

/** One delivery to be made of an event. */
export interface NewDelivery {
  id: string;
  subscriptionId: string;
  generation: number;
  /** `skipped` is final at once: the subscription matched but was not active. */
  state: 'pending' | 'skipped';
  /** The subscription was ordered when it was matched. Absent: no order. */
  ordered?: true;
}

export interface NewEvent extends EventKey {
  /** Whether the publisher gave the event id: only then another one under the same idempotency key is a conflict. */
  eventIdGiven: boolean;
  origin: EventOrigin;
  eventType: string;
  /** ISO 8601, as in the body. */
  timestamp: string;
  /** Whether the publisher gave the timestamp; only a given one can be in conflict. */
  timestampGiven: boolean;
  orderingKey: string | null;
  /** The `Idempotency-Key` header. */
  idempotencyKey: string | null;
  /** The whole body, byte for byte; `data` is its last `dataBytes` bytes before the closing brace. */
  body: Uint8Array;
  dataBytes: number;
  deliveries: readonly NewDelivery[];
  /** How many deliveries there will be when the fan-out is complete, as far as can be told. */
  deliveryCount: number;
  /** Whom filters kept it from. */
  filteredOut: FilteredOut | null;
  /** The version the deliveries were matched at; null when whatever has changed since does not concern the event. */
  subscriptionVersion: number | null;
  /** Subscriptions with greater ids are still to be matched; null when the fan-out is complete. */
  fanoutCursor: string | null;
  /** The version the event was matched at, checked or not: what is still to be matched is what there was then. */
  matchedVersion?: number;
}

export interface CommitResult {
  /** One per event, in order. */
  events: EventCommit[];
  /** One per subscription that got a pending delivery. */
  lanes: LaneStanding[];
}

export type EventCommit =
  | { outcome: 'stored' }
  /**
   * Stored before, by the same event id or idempotency key, with the same content. A key that came with the id and
   * was unknown stands for the stored event from now on.
   */
  | { outcome: 'duplicate'; event: EventSummary }
  /** Stored before with another content; names the field that differs. */
  | { outcome: 'conflict'; field: 'eventId' | 'eventType' | 'data' | 'orderingKey' | 'timestamp' }
  /** The workspace's subscriptions changed since they were matched: match again and commit again. */
  | { outcome: 'stale' }
  /** There is no such workspace, or none any more: it was deleted since the publisher was let in. */
  | { outcome: 'no_workspace' };

/** What an answer says of an event, the first time and again. */
export interface EventSummary {
  eventId: string;
  eventType: string;
  timestamp: string;
  orderingKey: string | null;
  deliveryCount: number;
}

/**
 * Who has the lane now: `held` by this epoch already; `taken` by this call, with unfinished work of before;
 * `new`, taken and with no other work; `free`, left to be taken; `foreign`, another epoch's.
 */
export interface LaneStanding {
  subscriptionId: string;
  workspaceId: string;
  standing: 'held' | 'taken' | 'new' | 'free' | 'foreign';
  /** What the lane knew of its receiver when it was given back; null unless `taken`. */
  health: LaneHealth | null;
  /**
   * Of the call's deliveries that are `ordered`, those that are due; the others wait for an earlier one of their key.
   * Absent where none is.
   */
  heads?: readonly string[];
}

export interface FanoutChunk extends EventKey {
  deliveries: readonly NewDelivery[];
  fanoutCursor: string | null;
}

export interface UnfinishedFanout extends EventKey {
  eventType: string;
  fanoutCursor: string;
  /** See {@link NewEvent.matchedVersion}; null where it was not said. */
  matchedVersion: number | null;
}
