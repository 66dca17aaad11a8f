/**
 * Stage 2 of 5, **fanout**: which subscriptions an event goes to.
 *
 * Reads: a workspace's subscriptions, once, then kept in memory until they change. Writes: nothing; the
 * deliveries it names are committed with the event, together with a check that the version matched here is
 * still the workspace's. Next: schedule. A crash here loses nothing: the event is not accepted yet.
 */
import { LRUCache } from 'lru-cache';
import { matchesPattern } from '../../domain/event-type.ts';
import type { Subscription } from '../../domain/subscription.ts';
import type { SubscriptionSet } from '../../store/store.ts';

/** Subscriptions held over all workspaces; at about 1 KiB each. */
const SUBSCRIPTIONS_HELD_MAX = 50_000;
/** Event types whose matches are remembered per workspace; a publisher makes up no more than these for long. */
const TYPES_REMEMBERED_MAX = 1_000;

/** A workspace's subscriptions at one version. */
export class WorkspaceSubscriptions {
  readonly version: number;
  readonly #byId: Map<string, Subscription>;
  /** In order of id, so that a fan-out that was cut can go on behind a cursor. */
  readonly #ordered: readonly Subscription[];
  readonly #matches = new Map<string, readonly Subscription[]>();

  constructor(set: SubscriptionSet) {
    this.version = set.version;
    this.#ordered = [...set.subscriptions].sort((a, b) => (a.id < b.id ? -1 : 1));
    this.#byId = new Map(set.subscriptions.map((subscription) => [subscription.id, subscription]));
  }

  get size(): number {
    return this.#ordered.length;
  }

  find(id: string): Subscription | undefined {
    return this.#byId.get(id);
  }

  /** All that name the event type or a pattern it matches, active or not, in order of id. */
  match(eventType: string): readonly Subscription[] {
    let matches = this.#matches.get(eventType);
    if (!matches) {
      matches = this.#ordered.filter((subscription) =>
        subscription.events.some((pattern) => matchesPattern(pattern, eventType)),
      );
      if (this.#matches.size >= TYPES_REMEMBERED_MAX) this.#matches.clear();
      this.#matches.set(eventType, matches);
    }
    return matches;
  }
}

/** The subscriptions of the workspaces that are being published to. */
export class SubscriptionIndex {
  readonly #load: (workspaceId: string) => Promise<SubscriptionSet>;
  readonly #held = new LRUCache<string, WorkspaceSubscriptions>({
    maxSize: SUBSCRIPTIONS_HELD_MAX,
    sizeCalculation: (workspace) => workspace.size + 1,
  });
  readonly #loading = new Map<string, Promise<WorkspaceSubscriptions>>();

  constructor(load: (workspaceId: string) => Promise<SubscriptionSet>) {
    this.#load = load;
  }

  /** What is held in memory, or undefined: then {@link get} loads it. */
  peek(workspaceId: string): WorkspaceSubscriptions | undefined {
    return this.#held.get(workspaceId);
  }

  async get(workspaceId: string): Promise<WorkspaceSubscriptions> {
    const held = this.#held.get(workspaceId);
    if (held) return held;
    const underWay = this.#loading.get(workspaceId);
    if (underWay) return underWay;
    const loading = this.#load(workspaceId).then((set) => new WorkspaceSubscriptions(set));
    this.#loading.set(workspaceId, loading);
    try {
      const workspace = await loading;
      // A change that was committed meanwhile has forgotten this load: it may have read what was before.
      if (this.#loading.get(workspaceId) === loading) this.#held.set(workspaceId, workspace);
      return workspace;
    } finally {
      if (this.#loading.get(workspaceId) === loading) this.#loading.delete(workspaceId);
    }
  }

  /** The workspace's subscriptions changed: whoever asks from now on gets them as they are. */
  forget(workspaceId: string): void {
    this.#held.delete(workspaceId);
    this.#loading.delete(workspaceId);
  }
}
