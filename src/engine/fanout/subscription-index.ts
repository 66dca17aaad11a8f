/**
 * Stage 2 of 5, **fanout**: which subscriptions an event goes to.
 *
 * Reads: a workspace's subscriptions, once, then kept in memory until they change. Writes: nothing; the
 * deliveries it names are committed with the event, together with a check that the version matched here is
 * still the workspace's. Next: schedule. A crash here loses nothing: the event is not accepted yet.
 */
import { LRUCache } from 'lru-cache';
import { entriesMatching } from '../../domain/event-type.ts';
import type { Filter, FilterForm } from '../../domain/filter.ts';
import { readFilter } from '../../domain/filter.ts';
import type { JsonPath } from '../../domain/json-path.ts';
import { parseJsonPath } from '../../domain/json-path.ts';
import type { LoadedSubscription, SubscriptionSet } from '../../store/contract/subscriptions.ts';

/** What the subscriptions held over all workspaces may weigh, in characters of their URLs and entries. */
const HELD_CHARS_MAX = 32 * 1024 * 1024;
/** What a subscription weighs beside them. */
const OVERHEAD_CHARS = 600;

/** What a filter weighs, in memory, for each character of its JSON. */
const FILTER_WEIGHT = 4;

/** A workspace's subscriptions at one version. */
export class WorkspaceSubscriptions {
  readonly version: number;
  /** What is taken out of response bodies before they are kept. */
  readonly redactionPaths: readonly JsonPath[];
  /** Roughly what this holds, in characters. */
  readonly weight: number;
  readonly #byId = new Map<string, LoadedSubscription>();
  /** By event type or pattern, as subscriptions name them. */
  readonly #byEntry = new Map<string, LoadedSubscription[]>();
  readonly #filters = new Map<LoadedSubscription, Filter>();

  constructor(set: SubscriptionSet) {
    this.version = set.version;
    this.redactionPaths = (set.redactionPaths ?? []).flatMap((text) => parseJsonPath(text) ?? []);
    let weight = OVERHEAD_CHARS;
    for (const subscription of set.subscriptions) {
      this.#byId.set(subscription.id, subscription);
      weight += OVERHEAD_CHARS + subscription.url.length;
      if (subscription.filter !== null) weight += this.#addFilter(subscription, subscription.filter);
      for (const entry of subscription.events) {
        weight += entry.length;
        const wanting = this.#byEntry.get(entry);
        if (wanting) wanting.push(subscription);
        else this.#byEntry.set(entry, [subscription]);
      }
    }
    this.weight = weight;
  }

  get hasFilters(): boolean {
    return this.#filters.size > 0;
  }

  filterOf(subscription: LoadedSubscription): Filter | undefined {
    return this.#filters.get(subscription);
  }

  /** Answers what it weighs. One that a newer program has stored and this one cannot read keeps nothing back. */
  #addFilter(subscription: LoadedSubscription, form: FilterForm): number {
    const read = readFilter(form);
    if (read.ok) this.#filters.set(subscription, read.filter);
    return JSON.stringify(form).length * FILTER_WEIGHT;
  }

  find(id: string): LoadedSubscription | undefined {
    return this.#byId.get(id);
  }

  /**
   * All that name the event type or a pattern it matches, active or not, in order of id, so that a fan-out that
   * was cut can go on behind a cursor. A few look-ups, however many subscriptions and made-up types there are.
   */
  match(eventType: string): readonly LoadedSubscription[] {
    const found = new Set<LoadedSubscription>();
    for (const entry of entriesMatching(eventType))
      for (const subscription of this.#byEntry.get(entry) ?? []) found.add(subscription);
    return found.size < 2 ? [...found] : [...found].sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}

/** The subscriptions of the workspaces that are being published to. */
export class SubscriptionIndex {
  readonly #load: (workspaceId: string) => Promise<SubscriptionSet>;
  readonly #held = new LRUCache<string, WorkspaceSubscriptions>({
    maxSize: HELD_CHARS_MAX,
    sizeCalculation: (workspace) => workspace.weight,
  });
  readonly #loading = new Map<string, Promise<WorkspaceSubscriptions>>();

  constructor(load: (workspaceId: string) => Promise<SubscriptionSet>) {
    this.#load = load;
  }

  /** What is held in memory, or undefined: then {@link get} loads it. */
  peek(workspaceId: string): WorkspaceSubscriptions | undefined {
    return this.#held.get(workspaceId);
  }

  /** Of what is held, without making it count as used. */
  versionOf(workspaceId: string): number | undefined {
    return this.#held.peek(workspaceId)?.version;
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
