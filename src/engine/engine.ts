import type { AuditEntry } from '../domain/audit.ts';
import type { EventOrigin } from '../domain/event.ts';
import type { Subscription } from '../domain/subscription.ts';
import type { StoredEvent } from '../store/contract/history.ts';
import type { NewReplay, ReplayResult } from '../store/contract/replays.ts';

/** What the rest of Velahook may ask of the engine; `pipeline.ts` is the engine. */
export interface Engine {
  /**
   * Stores an event and its deliveries. Resolves when they are on disk; rejects with a `Refusal` (409 when the
   * `eventId` or `Idempotency-Key` was used for other content, 503 when it cannot be taken now).
   */
  publish(event: EventToPublish): Promise<Published>;
  /**
   * To be called when a change of a workspace's subscriptions is committed, before it is answered: what is
   * published or attempted from then on sees it.
   */
  subscriptionsChanged(workspaceId: string, subscriptionId: string): void;
  /** The same for a workspace's settings: attempts that begin from then on follow them. */
  settingsChanged(workspaceId: string): void;
  /** The subscriptions that an event of this type would go to now, active or not, in order of their ids. */
  listMatching(event: StoredEvent): Promise<readonly Subscription[]>;
  /**
   * Makes deliveries of stored events, each to another subscription or of another event, all in one commit; one
   * outcome each, in order.
   */
  replay(requests: readonly ReplayRequest[], audit?: AuditEntry): Promise<ReplayOutcome[]>;
  /**
   * Ends a pending delivery as `cancelled`; `finished` when it had ended before, undefined when there is none. No
   * attempt begins afterwards on this node, nor, from a second later, on any other; one in flight that succeeds wins.
   */
  cancelDelivery(workspaceId: string, deliveryId: string, audit?: AuditEntry): Promise<CancelOutcome>;
  /** To be called when a job was begun or cancelled: it is gone on with at once. */
  jobsChanged(): void;
  /** Whether an attempt of the delivery is in flight, or has just ended and is not recorded yet. */
  isDelivering(deliveryId: string): boolean;
  /** False while other nodes may have taken this one's lanes: it makes no attempts until it is sure again. */
  isLive(): boolean;
  /** For those who read statistics: resolves when the store has all that was counted here, or takes nothing now; soon. */
  flushStatistics(): Promise<void>;
  /** For metrics and health. */
  status(): EngineStatus;
}

export interface EventToPublish {
  workspaceId: string;
  origin: EventOrigin;
  eventType: string;
  /** The bytes of the JSON object, as sent; checked to be one. */
  data: Uint8Array;
  eventId?: string;
  /** ISO 8601, UTC, with milliseconds. */
  timestamp?: string;
  orderingKey?: string;
  idempotencyKey?: string;
  /** Deliver to this subscription only, whatever it subscribes to (a test event). */
  onlyTo?: { subscriptionId: string };
}

export interface Published {
  eventId: string;
  eventType: string;
  timestamp: string;
  workspaceId: string;
  orderingKey: string | null;
  /** How many deliveries were made of it, skipped ones included. */
  deliveries: number;
  /** True when the same event was stored before: this answer is about that one. */
  duplicate: boolean;
  /** The delivery of a test event. */
  deliveryId?: string;
}

/** Undefined: there is no such delivery. */
export type CancelOutcome = 'cancelled' | 'finished' | undefined;

export type ReplayRequest = Omit<NewReplay, 'id'>;

export type ReplayOutcome =
  { result: 'made'; deliveryId: string } | { result: Exclude<ReplayResult, 'made'> };

export interface EngineStatus {
  /** Events waiting for their commit. */
  eventsWaiting: number;
  attemptsInFlight: number;
  lanesOwned: number;
  lanesUnhealthy: number;
  /** Ended attempts waiting for their commit. */
  recordsWaiting: number;
}
