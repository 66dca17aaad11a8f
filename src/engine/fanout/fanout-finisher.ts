import type { PendingDelivery } from '../../domain/delivery.ts';
import type { Subscription } from '../../domain/subscription.ts';
import type { FanoutChunk, LaneStanding, NewDelivery, UnfinishedFanout } from '../../store/store.ts';
import type { SubscriptionIndex, WorkspaceSubscriptions } from './subscription-index.ts';

/**
 * Deliveries committed at once: with their event, or in one chunk of the rest of a larger fan-out. About 3 ms of the
 * store's time, which is what everybody else's next commit may have to wait for. (At 1,000 it was 25 ms.)
 */
export const FANOUT_CHUNK = 100;
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
 *
 * One chunk is under way at a time. Workspaces take turns with their chunks, and the events of one come one after
 * the other: a workspace that publishes a thousand events to thousands of subscriptions delays nobody's by more than
 * a chunk for each of their own.
 */
export class FanoutFinisher {
  readonly #deps: FanoutFinisherDeps;
  readonly #underWay = new Set<string>();
  /** By workspace: when the last of its fan-outs that were begun is finished. */
  readonly #lastOf = new Map<string, Promise<void>>();
  /** When the last chunk that was asked for is committed. */
  #lastChunk: Promise<unknown> = Promise.resolve();

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
    const { workspaceId } = fanout;
    const before = this.#lastOf.get(workspaceId) ?? Promise.resolve();
    const finishing = before.then(() => this.#finishNow(fanout)).finally(() => this.#underWay.delete(key));
    const settled = finishing.catch(() => undefined);
    this.#lastOf.set(workspaceId, settled);
    await finishing.finally(() => {
      if (this.#lastOf.get(workspaceId) === settled) this.#lastOf.delete(workspaceId);
    });
  }

  async #finishNow(fanout: UnfinishedFanout): Promise<void> {
    const rest: Rest = { cursor: fanout.fanoutCursor, subscriptions: [] };
    while (rest.cursor !== null) {
      const chunk = this.#lastChunk.then(() => this.#commitChunk(fanout, rest));
      this.#lastChunk = chunk.catch(() => undefined);
      await chunk;
    }
  }

  async #commitChunk(fanout: UnfinishedFanout, rest: Rest): Promise<void> {
    const { workspaceId, eventId, eventType } = fanout;
    await this.#match(fanout, rest);
    const chunk = rest.subscriptions.splice(0, FANOUT_CHUNK);
    const fanoutCursor = rest.subscriptions.length > 0 ? (chunk.at(-1)?.id ?? null) : null;
    const deliveries = this.#deps.deliveriesTo(chunk);
    const lanes = await this.#deps.commit({ workspaceId, eventId, deliveries, fanoutCursor });
    this.#deps.onCommitted(
      lanes,
      pendingOf({ workspaceId, eventId, eventType, deliveries }, this.#deps.now()),
    );
    rest.cursor = fanoutCursor;
  }

  /** Once for all chunks, unless the subscriptions change in between. */
  async #match({ workspaceId, eventType, createdAt }: UnfinishedFanout, rest: Rest): Promise<void> {
    const workspace = await this.#deps.index.get(workspaceId);
    if (workspace === rest.workspace) return;
    const { cursor } = rest;
    rest.workspace = workspace;
    // Subscriptions made after the event have no part in it.
    rest.subscriptions = workspace
      .match(eventType)
      .filter(({ id, createdAt: madeAt }) => cursor !== null && id > cursor && madeAt <= createdAt);
  }
}

/** What is left of a fan-out: the subscriptions behind the cursor, as the workspace had them when it was read. */
interface Rest {
  /** Null when nothing is left. */
  cursor: string | null;
  workspace?: WorkspaceSubscriptions;
  subscriptions: Subscription[];
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
