import type { EndReason, PendingDelivery } from '../../domain/delivery.ts';
import type { Erasure } from '../../domain/erasure.ts';
import type { ErasedEvent } from '../../store/contract/erasures.ts';
import type { EventCommit, NewEvent } from '../../store/contract/events.ts';
import type { AttemptToRecord, RecordResult } from '../../store/contract/records.ts';
import type { CancelledDelivery } from '../../store/contract/replays.ts';
import type { Store } from '../../store/store.ts';
import type { EngineLog } from '../telemetry.ts';
import type { ActivityFeed } from './activity-feed.ts';

/**
 * Of a workspace's deliveries that one commit cancels, more than these are told of by subscription. A subscription that
 * is deleted with 100,000 pending is some two hundred messages then; one
 * message each would push everything else out of the stream that comes back.
 */
const CANCELLED_TOLD_EACH_MAX = 50;

export interface ActivityDeps {
  feed: ActivityFeed;
  store: Pick<Store, 'findSubscription'>;
  log: EngineLog;
}

/**
 * What is told of what happens: ids and summaries, never `data`, a response or a secret. Called after the commit that
 * made it so.
 */
export class Activity {
  readonly #deps: ActivityDeps;

  constructor(deps: ActivityDeps) {
    this.#deps = deps;
  }

  /** `commits`: one per event, in order. */
  eventsCommitted(events: readonly NewEvent[], commits: readonly EventCommit[]): void {
    const { feed } = this.#deps;
    events.forEach((event, i) => {
      const { workspaceId, eventId, eventType } = event;
      if (!feed.isHeard(workspaceId) || commits[i]?.outcome !== 'stored') return;
      const { timestamp, orderingKey, origin, deliveryCount: deliveries } = event;
      const about = { eventType, subscriptionId: null };
      feed.tell(
        workspaceId,
        { kind: 'event', ...about },
        { eventId, eventType, timestamp, orderingKey, origin, deliveries },
      );
      for (const { id: deliveryId, subscriptionId, state } of event.deliveries) {
        if (state !== 'skipped') continue;
        const item = { kind: 'delivery', eventType, subscriptionId } as const;
        feed.tell(workspaceId, item, { deliveryId, subscriptionId, eventId, eventType, state });
      }
    });
  }

  attemptRecorded(delivery: PendingDelivery, record: AttemptToRecord, result: RecordResult['result']): void {
    const { feed } = this.#deps;
    const { workspaceId, id: deliveryId, subscriptionId, eventId, eventType } = delivery;
    if (!feed.isHeard(workspaceId) || result === 'superseded') return;
    const { attempt, next } = record;
    const { id: attemptId, number, outcome, statusCode, error, durationMs } = attempt;
    const about = { eventType, subscriptionId };
    const shown = { deliveryId, subscriptionId, eventId, eventType };
    const startedAt = new Date(attempt.startedAt).toISOString();
    const isRetried = result === 'recorded' && next.state === 'pending';
    const nextAttemptAt = isRetried ? new Date(next.dueAt).toISOString() : null;
    feed.tell(
      workspaceId,
      { kind: 'attempt', ...about },
      { attemptId, ...shown, number, outcome, statusCode, error, startedAt, durationMs, nextAttemptAt },
    );
    if (isRetried) return;
    const state = result === 'cancelled' ? 'cancelled' : next.state;
    const failureReason = state === 'failed' && next.state === 'failed' ? next.reason : null;
    feed.tell(workspaceId, { kind: 'delivery', ...about }, { ...shown, state, failureReason });
  }

  /** What one commit cancelled; `reason` as it is stored with each. */
  deliveriesCancelled(cancelled: readonly CancelledDelivery[], reason: EndReason | null = null): void {
    for (const [workspaceId, theirs] of Map.groupBy(cancelled, (delivery) => delivery.workspaceId)) {
      if (!this.#deps.feed.isHeard(workspaceId)) continue;
      if (theirs.length <= CANCELLED_TOLD_EACH_MAX)
        theirs.forEach((delivery) => this.#cancelled(delivery, reason));
      else this.#manyCancelled(workspaceId, theirs);
    }
  }

  #cancelled(
    { workspaceId, id: deliveryId, subscriptionId, eventId, eventType }: CancelledDelivery,
    failureReason: EndReason | null,
  ): void {
    const shown = { deliveryId, subscriptionId, eventId, eventType };
    this.#deps.feed.tell(
      workspaceId,
      { kind: 'delivery', eventType, subscriptionId },
      { ...shown, state: 'cancelled', failureReason },
    );
  }

  #manyCancelled(workspaceId: string, cancelled: readonly CancelledDelivery[]): void {
    for (const [subscriptionId, theirs] of Map.groupBy(cancelled, (delivery) => delivery.subscriptionId))
      this.#deps.feed.tell(
        workspaceId,
        { kind: 'deliveries', eventType: null, subscriptionId },
        { subscriptionId, state: 'cancelled', count: theirs.length },
      );
  }

  /** Its deliveries that were cancelled for it are told of by themselves. */
  eventErased(
    { workspaceId, id: erasureId, updatedAt }: Pick<Erasure, 'workspaceId' | 'id' | 'updatedAt'>,
    { eventId, eventType }: ErasedEvent,
  ): void {
    const { feed } = this.#deps;
    if (!feed.isHeard(workspaceId)) return;
    const erasedAt = new Date(updatedAt).toISOString();
    const item = { kind: 'erasure', eventType, subscriptionId: null } as const;
    feed.tell(workspaceId, item, { eventId, eventType, erasureId, erasedAt });
  }

  /** Reads how it is now: whoever changed it has committed that. */
  subscriptionChanged(workspaceId: string, subscriptionId: string): void {
    const { feed, store, log } = this.#deps;
    if (!feed.isHeard(workspaceId)) return;
    store.findSubscription(workspaceId, subscriptionId).then(
      (found) => {
        const { status = 'deleted', url = null, events = null, deactivationReason = null } = found ?? {};
        const item = { kind: 'subscription', eventType: null, subscriptionId } as const;
        feed.tell(workspaceId, item, { subscriptionId, status, url, events, deactivationReason });
      },
      (error: unknown) => log.debug({ err: error, subscriptionId }, 'a change could not be told of'),
    );
  }
}
