import type { AttemptRecord } from '../domain/attempt.ts';
import type { DeliveryState, FailureReason, NextState, PendingDelivery } from '../domain/delivery.ts';
import type { EventOrigin } from '../domain/event.ts';
import type { LaneHealth } from '../domain/lane.ts';
import type { DeactivationReason, Subscription, SubscriptionStatus } from '../domain/subscription.ts';
import type { Token } from '../domain/token.ts';
import type { Sealing } from './sealed-secrets.ts';

/**
 * The contract every store keeps; `test/conformance/` is its other half. In all of it:
 *
 * - A resolved promise of a writing call means committed and on disk. A rejected one means nothing of that call
 *   was stored. Each call is atomic by itself; stores commit several calls together (group commit).
 * - Writing calls of one process take effect in the order they were made. Reading calls show at least all that was
 *   answered before they were made; `loadLane`, `findSubscription` and `loadSubscriptions` also what was only called.
 * - Times are milliseconds since the Unix epoch and come from the caller (`now`).
 * - Faults of the store itself reject with {@link StoreUnavailable}; nothing else is thrown on purpose. Where the store
 *   was lost at the very commit, something of the call may be stored all the same: then `onSignal` says `unsure`.
 * - Whatever is asked for by workspace and id is answered only within that workspace.
 */
export interface Store
  extends
    NodeStore,
    SignalStore,
    AccountStore,
    SubscriptionStore,
    EventStore,
    LaneStore,
    RecordStore,
    HistoryStore,
    RetentionStore {
  /** Resolves when a write has just been committed; the readiness check. Rejects when the store takes none. */
  probe(now: number): Promise<void>;
  /** Waits for what is under way, then closes. Later calls reject. */
  close(): Promise<void>;
}

/** The store cannot take it now (full, closed, unreachable). Nothing was stored; trying again may work. */
export class StoreUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreUnavailable';
  }
}

// ── Nodes ────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * A node owns lanes by its epoch, for as long as its lease lives. Leases are judged by the store's own clock; a
 * node whose lease has ended is *dead* to the others, whether its process lives or not.
 */
export interface NodeStore {
  /**
   * Registers this process as a node and answers its epoch, after {@link retireDeadNodes}. The embedded store has
   * one node at a time, so that all earlier epochs are dead here.
   */
  registerNode(now: number, deathsMax: number): Promise<NodeRegistration>;
  /**
   * Extends the lease from now on by `leaseMs`. False when the epoch was retired: it owns nothing any more, and the
   * process must register anew before it owns anything again.
   */
  renewNode(epoch: number): Promise<boolean>;
  /**
   * Retires every dead node: its lanes become free and *suspect*, and each delivery whose attempt it had announced
   * ({@link LaneStore.announceAttempt}) has one more death to its name; one with `deathsMax` or more becomes
   * `failed` with `crashed_nodes`. Those with one less are not due before `LAST_CHANCE_AFTER_MS`, and then one after
   * the other, the timeout of each apart. Answers how many lanes were freed.
   */
  retireDeadNodes(now: number, deathsMax: number): Promise<number>;
  /** Frees all lanes of the epoch, not suspect, and retires it: the last call of an orderly shutdown. */
  retireNode(epoch: number, now: number): Promise<void>;
}

export interface NodeRegistration {
  epoch: number;
  /** Lanes freed from epochs that ended without {@link NodeStore.retireNode}. */
  lanesFreed: number;
  /** How long the lease lives from each renewal; null when there can be no other node, and nothing to renew. */
  leaseMs: number | null;
}

// ── What nodes tell each other ───────────────────────────────────────────────────────────────────────────────

/**
 * How a node learns what others did. Signals only spare waiting and may be lost: whatever they tell is also found by
 * asking, which each node does every second. The embedded store has nothing to tell.
 */
export interface SignalStore {
  /** Called for every signal from now on; one listener. */
  onSignal(listener: (signal: StoreSignal) => void): void;
  /** Takes away the marks that other nodes left on lanes of this epoch: those have new deliveries to be loaded. */
  takeWakes(epoch: number): Promise<string[]>;
  /** All lanes of the epoch: what a node compares its memory with when it cannot be sure of it any more. */
  listOwnedLanes(epoch: number): Promise<TakenLane[]>;
  /** The subscription versions of workspaces; unknown ones are missing. */
  listSubscriptionVersions(workspaceIds: readonly string[]): Promise<WorkspaceVersion[]>;
}

export type StoreSignal =
  /** There may be marks to take by {@link SignalStore.takeWakes}. */
  | { kind: 'wakes' }
  /** A commit left a lane free and ready: it may be taken. */
  | { kind: 'free' }
  /** A subscription was created, changed, switched off or deleted. */
  | { kind: 'subscription'; workspaceId: string; subscriptionId: string }
  /** A commit's outcome could not be learnt, or signals were lost: memory may be behind the store. */
  | { kind: 'unsure' };

export interface WorkspaceVersion {
  workspaceId: string;
  version: number;
}

// ── Workspaces and tokens ────────────────────────────────────────────────────────────────────────────────────

export interface AccountStore {
  /** Makes the workspace if it is missing; false when it was there. */
  ensureWorkspace(workspace: Workspace): Promise<boolean>;
  countWorkspaces(): Promise<number>;
  /**
   * Makes the workspace and its token, unless there is any workspace already: then false, and nothing is made. Of
   * nodes that start at once on an empty store one makes them.
   */
  createFirstWorkspace(workspace: Workspace, token: Token): Promise<boolean>;
  /** Stores the token unless one with this hash is there; false when it was there (and is left as it is). */
  ensureToken(token: Token): Promise<boolean>;
  findTokenByHash(hash: Uint8Array): Promise<Token | undefined>;
}

export interface Workspace {
  id: string;
  name: string;
  createdAt: number;
}

// ── Subscriptions ────────────────────────────────────────────────────────────────────────────────────────────

/** Every change of a workspace's subscriptions raises the workspace's subscription version in the same commit. */
export interface SubscriptionStore {
  /** Stores it unless the workspace has `countMax` subscriptions already. */
  createSubscription(subscription: Subscription, countMax: number): Promise<'created' | 'too_many'>;
  /**
   * Changes the given fields. When the status stops being `active`, the generation grows and pending deliveries
   * of the older generation are as good as cancelled: no load returns them, history shows them as cancelled,
   * {@link LaneStore.cancelStale} writes it down. With another URL, a free lane forgets its old receiver, pauses
   * included, and is ready at once. Answers the subscription as it is afterwards, or undefined when
   * there is none.
   */
  updateSubscription(
    workspaceId: string,
    id: string,
    change: SubscriptionChange,
    now: number,
  ): Promise<Subscription | undefined>;
  /** Deletes it for every reader but the history of its deliveries; its generation grows as above. */
  deleteSubscription(workspaceId: string, id: string, now: number): Promise<boolean>;
  findSubscription(workspaceId: string, id: string): Promise<Subscription | undefined>;
  listSubscriptions(workspaceId: string, query: SubscriptionQuery): Promise<SubscriptionPage>;
  /** All subscriptions of a workspace that are not deleted, with the version they were read at. */
  loadSubscriptions(workspaceId: string): Promise<SubscriptionSet>;
  /**
   * The signing secrets of subscriptions that are not deleted, by their first `headBytes` bytes, which tell the key
   * they are sealed with: how many there are, and one of each.
   */
  listSealings(headBytes: number): Promise<Sealing[]>;
  /**
   * Failing subscriptions about which something is to be done, longest failing first, at most `limit`: active, and
   * either due for a notice and without one, or due for deactivation. Those that only wait are left out, so that
   * however many wait, none that is due is missed.
   */
  listFailing(due: FailingDue, limit: number): Promise<FailingSubscription[]>;
  /**
   * Switches an active subscription off with a reason, and leaves a notice about it, in one commit. Undefined
   * when it is not active any more (nothing is changed then).
   */
  deactivateSubscription(
    workspaceId: string,
    id: string,
    reason: DeactivationReason,
    notice: NewNotice,
    now: number,
  ): Promise<Subscription | undefined>;
  /** Leaves the one notice of this failing period; nothing when it was left before or the period is over. */
  noticeFailing(workspaceId: string, id: string, notice: NewNotice, now: number): Promise<boolean>;
  /** Notices not yet published as events, oldest first. */
  listNotices(limit: number): Promise<Notice[]>;
  removeNotices(ids: readonly string[]): Promise<void>;
}

export interface SubscriptionChange {
  url?: string;
  events?: readonly string[];
  /** `inactive` and `active` only; coming back clears `deactivatedAt` and its reason, and the failing period. */
  status?: 'active' | 'inactive';
  description?: string | null;
  timeoutMs?: number;
  secret?: { sealed: Uint8Array; hint: string };
}

export interface SubscriptionQuery {
  active?: boolean;
  /** Subscriptions that name exactly this event type or pattern. */
  eventType?: string;
  url?: string;
  /** Substring of URL or description, without regard to ASCII case; no character is special. */
  search?: string;
  sortBy: 'createdAt' | 'updatedAt' | 'url';
  sortOrder: 'asc' | 'desc';
  /** From 1. */
  page: number;
  limit: number;
}

export interface SubscriptionPage {
  items: Subscription[];
  total: number;
}

export interface SubscriptionSet {
  version: number;
  subscriptions: Subscription[];
}

/** When something is to be done about a failing subscription. */
export interface FailingDue {
  /** A notice: failing since this moment or longer. */
  noticeSince: number;
  /** Deactivation: failing since this moment or longer, */
  deactivateSince: number;
  /** and at least so many deliveries failed since. */
  failedDeliveries: number;
}

export interface FailingSubscription {
  subscription: Subscription;
  /** Start of the first attempt that failed since the last success. */
  failingSince: number;
  /** Deliveries that ended as `failed` since then. */
  failedDeliveries: number;
  /** Whether {@link SubscriptionStore.noticeFailing} left a notice for this period. */
  noticed: boolean;
}

/** Something the platform must tell the workspace as a `webhook.*` event. Written with the change it tells of. */
export interface NewNotice {
  /** The event id it will be published with, so that publishing it twice makes one event. */
  eventId: string;
  eventType: string;
  /** JSON text of the event's `data`. */
  data: string;
}

export interface Notice extends NewNotice {
  workspaceId: string;
  subscriptionId: string;
  createdAt: number;
}

// ── Events: intake and fan-out ───────────────────────────────────────────────────────────────────────────────

export interface EventStore {
  /**
   * Stores events with their deliveries, one result per event, in order. Events are independent: one that is a
   * duplicate, in conflict or matched with stale subscriptions stores nothing and does not spoil the others.
   *
   * For each subscription that gets a pending delivery its lane is kept up: a missing or free lane becomes this
   * epoch's own when `takeLanes`, else it is left free and ready. A suspect lane is always left free:
   * {@link LaneStore.takeLanes} tells that it is. A pending delivery of an older generation than its
   * subscription's is stored as `cancelled` and has no lane.
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
  loadBodies(keys: readonly EventKey[]): Promise<EventBody[]>;
}

export interface EventKey {
  workspaceId: string;
  eventId: string;
}

export interface EventBody extends EventKey {
  body: Uint8Array;
}

/** One delivery to be made of an event. */
export interface NewDelivery {
  id: string;
  subscriptionId: string;
  generation: number;
  /** `skipped` is final at once: the subscription matched but was not active. */
  state: 'pending' | 'skipped';
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
  /** The version the deliveries were matched at; null when whatever has changed since does not concern the event. */
  subscriptionVersion: number | null;
  /** Subscriptions with greater ids are still to be matched; null when the fan-out is complete. */
  fanoutCursor: string | null;
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
  | { outcome: 'stale' };

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
}

export interface FanoutChunk extends EventKey {
  deliveries: readonly NewDelivery[];
  fanoutCursor: string | null;
}

export interface UnfinishedFanout extends EventKey {
  eventType: string;
  createdAt: number;
  fanoutCursor: string;
}

// ── Lanes ────────────────────────────────────────────────────────────────────────────────────────────────────

export interface LaneStore {
  /**
   * Makes free lanes that are ready at `readyBy` this epoch's own: shared out evenly over their workspaces, not
   * in plain order of readiness, so that one workspace with many cannot have them all.
   */
  takeLanes(epoch: number, readyBy: number, limit: number): Promise<TakenLanes>;
  /**
   * Unfinished deliveries of a lane, in order of `dueAt`: at most `firstLimit` not yet attempted and
   * `retryLimit` to be retried. What is being attempted right now is among them: the caller knows its own.
   */
  loadLane(subscriptionId: string, firstLimit: number, retryLimit: number): Promise<LaneLoad>;
  /**
   * Gives lanes back. A lane without unfinished deliveries goes; any other is free, with `nextDue` computed anew
   * from its deliveries, in the same commit, so that none is forgotten.
   */
  releaseLanes(epoch: number, lanes: readonly LaneRelease[]): Promise<void>;
  /** Writes down that an attempt of a suspect lane, or of a delivery with deaths, is about to be made; before the POST. */
  announceAttempt(epoch: number, deliveryId: string): Promise<void>;
  /**
   * Writes `cancelled` on at most `limit` pending deliveries whose generation is older than their
   * subscription's; answers how many. Deliveries in `exceptIds` (attempts in flight) are left for their record.
   */
  cancelStale(limit: number, exceptIds: readonly string[], now: number): Promise<number>;
}

export interface TakenLanes {
  lanes: TakenLane[];
  /** When the next lane still free is ready, or null when there is none. */
  nextReadyAt: number | null;
  /**
   * What this node would own if all lanes that are owned or ready were shared out evenly over the live nodes, rounded
   * up; absent where there is one node.
   */
  share?: number;
}

export interface TakenLane {
  subscriptionId: string;
  workspaceId: string;
  /** The node that had it died: one attempt at a time, announced, until one is recorded. */
  suspect: boolean;
  health: LaneHealth | null;
}

export interface LaneLoad {
  first: PendingDelivery[];
  /** False when there are more than were returned. */
  firstComplete: boolean;
  retries: PendingDelivery[];
  retriesComplete: boolean;
}

export interface LaneRelease {
  subscriptionId: string;
  health: LaneHealth;
}

// ── Record ───────────────────────────────────────────────────────────────────────────────────────────────────

export interface RecordStore {
  /**
   * Stores attempts and their deliveries' next states, one result per record, in order; all in one commit. Each
   * is checked by itself against what is stored: see {@link RecordResult}. An attempt that is stored already, by its
   * id, is answered as the first time. Of an epoch that is not live any more, only successes of deliveries still
   * pending are stored: its lanes may have another owner by now.
   */
  recordAttempts(epoch: number, records: readonly AttemptToRecord[], now: number): Promise<RecordResult[]>;
}

export interface AttemptToRecord {
  deliveryId: string;
  subscriptionId: string;
  attempt: AttemptRecord;
  next: NextState;
  /** The receiver answered 410: the subscription is deactivated in the same commit. */
  deactivation: Deactivation | null;
}

export interface Deactivation {
  /** The URL that answered. Another one, given while the attempt was in flight, has not answered 410. */
  url: string;
  /** Left when the subscription is deactivated. */
  notice: NewNotice;
}

export interface RecordResult {
  /**
   * `recorded`: attempt and next state are stored. `cancelled`: the attempt is stored; the delivery was or is
   * now cancelled. `superseded`: the delivery is finished or another attempt has this number; nothing stored.
   * A success wins over `cancelled`.
   */
  result: 'recorded' | 'cancelled' | 'superseded';
  /** Whether this record deactivated the subscription. */
  deactivated: boolean;
}

// ── History: what the API shows ──────────────────────────────────────────────────────────────────────────────

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

/** What keeps history from growing for ever. */
export interface RetentionStore {
  /**
   * Removes a little of what is older than `retentionDays` whole days, and answers whether there is more to be removed now:
   * then it is called again, at the caller's pace, so that commits come in between. Also prepares the store for the days
   * to come. Any number of nodes may call it.
   *
   * What goes: deliveries that have ended, with their attempts, by the time they were made; events, by the time they
   * were stored, with their ids and idempotency keys, which then may be used anew. What stays, however old: whatever
   * unfinished work refers to, and an event of which an idempotency key is younger than `KEY_KEPT_MS`. Something may stay
   * for up to a day longer than asked for.
   */
  keepHistory(now: number, retentionDays: number): Promise<boolean>;
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
  dataBytes: number;
  deliveryCount: number;
  /** How many of its deliveries are in each state; states without any are missing. */
  states: Partial<Record<DeliveryState, number>>;
}

/** One event, whole. */
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
  failureReason: FailureReason | null;
  attempts: number;
  createdAt: number;
  /** When the next attempt is due, while pending. */
  dueAt: number | null;
  firstAttemptAt: number | null;
  finishedAt: number | null;
  lastOutcome: AttemptRecord['outcome'] | null;
  lastStatusCode: number | null;
  lastError: string | null;
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
