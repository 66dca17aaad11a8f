import type { PendingDelivery } from '../../domain/delivery.ts';
import type { Subscription } from '../../domain/subscription.ts';
import type { EventKey, FanoutChunk, NewDelivery, UnfinishedFanout } from '../../store/contract/events.ts';
import type { LoadedSubscription } from '../../store/contract/subscriptions.ts';
import { FANOUT_CHUNK, formatCursor, parseCursor } from './fanout-cursor.ts';
import { sift } from './sift.ts';
import type { SubscriptionIndex, WorkspaceSubscriptions } from './subscription-index.ts';

const FANOUTS_PER_LOOK = 100;
/**
 * Where other nodes may be at work, a fan-out whose cursor has not moved for so long was left behind. If it was not,
 * the store refuses the chunk of whoever comes second.
 */
const STANDING_MS = 5_000;

/** `Standings`: what a commit says of the lanes. */
export interface FanoutFinisherDeps<Standings> {
  index: SubscriptionIndex;
  listUnfinished: (limit: number) => Promise<UnfinishedFanout[]>;
  commit: (chunk: FanoutChunk) => Promise<Standings>;
  /** The text of an event's `data`, for filters. */
  loadData: (event: EventKey) => Promise<string>;
  deliveriesTo: (subscriptions: readonly Subscription[]) => NewDelivery[];
  onCommitted: (standings: Standings, pending: readonly PendingDelivery[]) => void;
  now: () => number;
  monotonic: () => number;
  /** Whether other nodes may be finishing what is found in the store. */
  isShared: () => boolean;
  /** To be called back with {@link FanoutFinisher.finishAll} after so long. */
  lookAgainIn: (delayMs: number) => void;
}

/**
 * Finishes fan-outs too large for one commit, chunk by chunk behind the cursor that is stored with the event, so
 * that a crash in between continues where it was.
 *
 * One chunk is under way at a time. Workspaces take turns with their chunks, and the events of one come one after
 * the other: a workspace that publishes a thousand events to thousands of subscriptions delays nobody's by more than
 * a chunk for each of their own.
 */
export class FanoutFinisher<Standings> {
  readonly #deps: FanoutFinisherDeps<Standings>;
  readonly #underWay = new Set<string>();
  /** By workspace: when the last of its fan-outs that were begun is finished. */
  readonly #lastOf = new Map<string, Promise<void>>();
  /** When the last chunk that was asked for is committed. */
  #lastChunk: Promise<unknown> = Promise.resolve();
  /** Fan-outs found in the store that are not under way here: since when each has stood at its cursor. */
  #standing = new Map<string, { cursor: string; since: number }>();

  constructor(deps: FanoutFinisherDeps<Standings>) {
    this.#deps = deps;
  }

  /** Finishes what is unfinished in the store, but for what is under way here or, by its looks, elsewhere. */
  async finishAll(): Promise<void> {
    const unfinished = await this.#deps.listUnfinished(FANOUTS_PER_LOOK);
    const left = this.#deps.isShared() ? this.#leftBehind(unfinished) : unfinished;
    for (const fanout of left) await this.finish(fanout);
  }

  #leftBehind(unfinished: readonly UnfinishedFanout[]): UnfinishedFanout[] {
    const now = this.#deps.monotonic();
    const standing = new Map<string, { cursor: string; since: number }>();
    const left = unfinished.filter((fanout) => {
      const key = keyOf(fanout);
      if (this.#underWay.has(key)) return false;
      const { fanoutCursor: cursor } = fanout;
      const before = this.#standing.get(key);
      const since = before?.cursor === cursor ? before.since : now;
      standing.set(key, { cursor, since });
      return now - since >= STANDING_MS;
    });
    this.#standing = standing;
    if (standing.size > left.length) this.#deps.lookAgainIn(STANDING_MS);
    return left;
  }

  /** Rejects when the store does not take a chunk; {@link finishAll} goes on from there. */
  async finish(fanout: UnfinishedFanout): Promise<void> {
    const key = keyOf(fanout);
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
    const { done } = parseCursor(rest.cursor ?? '');
    const last = chunk.at(-1)?.id;
    const isCut = rest.subscriptions.length > 0 && last !== undefined;
    const fanoutCursor = isCut ? formatCursor(last, done) : null;
    const deliveries = this.#deps.deliveriesTo(chunk);
    const standings = await this.#deps.commit({ workspaceId, eventId, deliveries, fanoutCursor });
    const pending = pendingOf({ workspaceId, eventId, eventType, deliveries }, this.#deps.now());
    this.#deps.onCommitted(standings, pending);
    rest.cursor = fanoutCursor;
  }

  /** Once for all chunks, unless the subscriptions change in between. */
  async #match(event: UnfinishedFanout, rest: Rest): Promise<void> {
    const { workspaceId, eventType, matchedVersion } = event;
    const workspace = await this.#deps.index.get(workspaceId);
    if (workspace === rest.workspace) return;
    const { after, done } = parseCursor(rest.cursor ?? '');
    rest.workspace = workspace;
    // Subscriptions made after the event was matched have no part in it. By times, which come from the clocks of two
    // nodes, one that was made before could be left out.
    const isOfThen = ({ madeAtVersion = 0 }: LoadedSubscription): boolean =>
      matchedVersion === null || madeAtVersion <= matchedVersion;
    const named = workspace
      .match(eventType)
      .filter(
        (subscription) => subscription.id > after && !done.has(subscription.id) && isOfThen(subscription),
      );
    const data = workspace.hasFilters ? await this.#deps.loadData(event) : '';
    rest.subscriptions = [...sift(named, workspace, () => data).wanted];
  }
}

function keyOf({ workspaceId, eventId }: UnfinishedFanout): string {
  return `${workspaceId}/${eventId}`;
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
  event: {
    workspaceId: string;
    eventId: string;
    eventType: string;
    orderingKey?: string | null;
    deliveries: readonly NewDelivery[];
  },
  dueAt: number,
): PendingDelivery[] {
  return event.deliveries
    .filter((delivery) => delivery.state === 'pending')
    .map(({ id, subscriptionId, generation, ordered }) => ({
      id,
      subscriptionId,
      generation,
      workspaceId: event.workspaceId,
      eventId: event.eventId,
      eventType: event.eventType,
      attempts: 0,
      dueAt,
      firstAttemptAt: null,
      ...(ordered && { orderKey: event.orderingKey ?? '' }),
    }));
}
