import type { PendingDelivery } from '../../domain/delivery.ts';
import type { Subscription } from '../../domain/subscription.ts';
import type { FanoutChunk, LaneStanding, NewDelivery, UnfinishedFanout } from '../../store/store.ts';
import type { SubscriptionIndex } from './subscription-index.ts';

/** Deliveries committed at once: with their event, or in one chunk of the rest of a larger fan-out. */
export const FANOUT_CHUNK = 1_000;
const FANOUTS_PER_LOOK = 100;

export interface FanoutFinisherDeps {
  index: SubscriptionIndex;
  listUnfinished: (limit: number) => Promise<UnfinishedFanout[]>;
  commit: (chunk: FanoutChunk) => Promise<LaneStanding[]>;
  deliveriesTo: (subscriptions: readonly Subscription[]) => NewDelivery[];
  onCommitted: (lanes: readonly LaneStanding[], pending: readonly PendingDelivery[]) => void;
  now: () => number;
}

/**
 * Finishes fan-outs too large for one commit, chunk by chunk behind the cursor that is stored with the event, so
 * that a crash in between continues where it was.
 */
export class FanoutFinisher {
  readonly #deps: FanoutFinisherDeps;
  readonly #underWay = new Set<string>();

  constructor(deps: FanoutFinisherDeps) {
    this.#deps = deps;
  }

  /** Finishes what is unfinished in the store, but for what is under way here. */
  async finishAll(): Promise<void> {
    for (const fanout of await this.#deps.listUnfinished(FANOUTS_PER_LOOK)) await this.finish(fanout);
  }

  /** Rejects when the store does not take a chunk; {@link finishAll} goes on from there. */
  async finish(fanout: UnfinishedFanout): Promise<void> {
    const key = `${fanout.workspaceId}/${fanout.eventId}`;
    if (this.#underWay.has(key)) return;
    this.#underWay.add(key);
    try {
      for (let cursor: string | null = fanout.fanoutCursor; cursor !== null;)
        cursor = await this.#nextChunk(fanout, cursor);
    } finally {
      this.#underWay.delete(key);
    }
  }

  async #nextChunk(fanout: UnfinishedFanout, cursor: string): Promise<string | null> {
    const { workspaceId, eventId, eventType, createdAt } = fanout;
    const workspace = await this.#deps.index.get(workspaceId);
    // Subscriptions made after the event have no part in it.
    const rest = workspace
      .match(eventType)
      .filter((subscription) => subscription.id > cursor && subscription.createdAt <= createdAt);
    const chunk = rest.slice(0, FANOUT_CHUNK);
    const nextCursor = rest.length > chunk.length ? (chunk.at(-1)?.id ?? null) : null;
    const deliveries = this.#deps.deliveriesTo(chunk);
    const lanes = await this.#deps.commit({ workspaceId, eventId, deliveries, fanoutCursor: nextCursor });
    this.#deps.onCommitted(
      lanes,
      pendingOf({ workspaceId, eventId, eventType, deliveries }, this.#deps.now()),
    );
    return nextCursor;
  }
}

/** The deliveries of an event that are to be attempted, due at once. */
export function pendingOf(
  event: { workspaceId: string; eventId: string; eventType: string; deliveries: readonly NewDelivery[] },
  dueAt: number,
): PendingDelivery[] {
  return event.deliveries
    .filter((delivery) => delivery.state === 'pending')
    .map(({ id, subscriptionId, generation }) => ({
      id,
      subscriptionId,
      generation,
      workspaceId: event.workspaceId,
      eventId: event.eventId,
      eventType: event.eventType,
      attempts: 0,
      dueAt,
      firstAttemptAt: null,
    }));
}
