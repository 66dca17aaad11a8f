import type { AuditEntry } from '../../domain/audit.ts';
import type { FilterForm } from '../../domain/filter.ts';
import type {
  DeactivationReason,
  SealedHeaders,
  SealedKeyPair,
  Subscription,
} from '../../domain/subscription.ts';
import type { Sealing } from '../sealed-secrets.ts';

/** Every change of a workspace's subscriptions raises the workspace's subscription version in the same commit. */
export interface SubscriptionStore {
  /** Stores it unless the workspace has `countMax` subscriptions already, or is not there (any more). */
  createSubscription(
    subscription: Subscription,
    countMax: number,
    audit?: AuditEntry,
  ): Promise<'created' | 'too_many' | 'no_workspace'>;
  /**
   * Changes the given fields. When the status stops being `active`, `missingSince` says since when nothing has reached it
   * (also where it is deactivated), the generation grows, and pending deliveries
   * of the older generation are as good as cancelled: no load returns them, history shows them as cancelled,
   * `cancelStale` writes it down. With another URL, a free lane forgets its old receiver, pauses
   * included, and is ready at once. Answers the subscription as it is afterwards, or undefined when
   * there is none.
   */
  updateSubscription(
    workspaceId: string,
    id: string,
    change: SubscriptionChange,
    now: number,
    audit?: AuditEntry,
  ): Promise<Subscription | undefined>;
  /** Deletes it for every reader but the history of its deliveries; its generation grows as above. */
  deleteSubscription(workspaceId: string, id: string, now: number, audit?: AuditEntry): Promise<boolean>;
  findSubscription(workspaceId: string, id: string): Promise<Subscription | undefined>;
  listSubscriptions(workspaceId: string, query: SubscriptionQuery): Promise<SubscriptionPage>;
  /** All subscriptions of a workspace that are not deleted, with the version they were read at; and what is redacted. */
  loadSubscriptions(workspaceId: string): Promise<SubscriptionSet>;
  /**
   * Removes what is left of rotations that were over at `now`, of at most `limit` subscriptions, deleted ones too; answers
   * of how many. Nobody signs with it any more, so it is no change of the subscription.
   */
  forgetRotated(now: number, limit: number): Promise<number>;
  /**
   * What is sealed of subscriptions that are not deleted, by its first `headBytes` bytes, which tell the key it is
   * sealed with: how many there are, and one of each.
   */
  listSealings(headBytes: number): Promise<Sealing[]>;
  /**
   * Failing subscriptions about which something is to be done, longest failing first, at most `limit`: active, and
   * either due for a notice and without one, or due for deactivation. Those that only wait are left out, so that
   * however many wait, none that is due is missed.
   */
  listFailing(due: FailingDue, limit: number): Promise<FailingSubscription[]>;
  /**
   * Switches an active subscription off with a reason, leaves a notice about it and writes it into the audit log, in one commit. Undefined
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
  /** `inactive` and `active` only; coming back clears `deactivatedAt` with its reason, `missingSince` and the failing period. */
  status?: 'active' | 'inactive';
  description?: string | null;
  timeoutMs?: number;
  rateLimit?: number | null;
  /** Of events published from then on; what is pending keeps the order it has, or none. */
  ordered?: boolean;
  /** Ends a rotation: it is the only one from now on. */
  secret?: SealedSigningSecret;
  keyPair?: SealedKeyPair | null;
  rotation?: Rotation;
  /** What is from before a rotation signs no more. */
  finishesRotation?: boolean;
  headers?: SealedHeaders | null;
  filter?: FilterForm | null;
}

export interface SealedSigningSecret {
  sealed: Uint8Array;
  hint: string;
}

/**
 * Puts a new secret beside the present one, which stays as the previous one until `endsAt`. While another rotation runs,
 * what that one brought is replaced, and what was before it stays.
 */
export interface Rotation {
  /** `isGiven`: by the customer; a generated one counts as configured only where the present one does. */
  secret: SealedSigningSecret & { isGiven: boolean };
  /** In place of the key pair, where there is one. */
  keyPair: SealedKeyPair | null;
  endsAt: number;
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

/**
 * With the version that its creation made: the order of events and subscriptions is told by versions, since the clocks
 * of two nodes may differ. Absent or 0: made before versions were kept.
 */
export interface LoadedSubscription extends Subscription {
  madeAtVersion?: number;
}

export interface SubscriptionSet {
  version: number;
  subscriptions: LoadedSubscription[];
  /** Of the workspace's settings; absent: none. */
  redactionPaths?: readonly string[];
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
  /** Null when it is about the workspace. */
  subscriptionId: string | null;
  createdAt: number;
}
