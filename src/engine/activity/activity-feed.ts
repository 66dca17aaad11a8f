import { Routine } from '../../lib/routine.ts';
import type { NewStreamItem } from '../../store/contract/stream.ts';
import type { Store } from '../../store/store.ts';
import type { EngineLog } from '../telemetry.ts';

/** Whoever begins to listen, anywhere, is known of here by then, also when the signal of it is lost. */
const LOOK_INTERVAL_MS = 1_000;
/** What happens meanwhile goes into the store together: nobody sees a twentieth of a second. */
const GATHER_MS = 50;
const ITEMS_PER_CALL = 1_000;
/** Some megabytes. A store that takes no more than that for a while has more important things to take. */
const ITEMS_WAITING_MAX = 10_000;

export interface ActivityFeedDeps {
  store: Pick<Store, 'listListened' | 'appendToStreams'>;
  now: () => number;
  after: (delayMs: number, run: () => void) => () => void;
  log: EngineLog;
}

/**
 * Writes what happens on this node into the live streams of those workspaces that somebody listens to, on whatever node.
 * Beside the commits that make it happen, not in them: delivery neither waits for who watches it nor pays for it. While
 * nobody listens all of it is one look-up in an empty set.
 */
export class ActivityFeed {
  readonly #deps: ActivityFeedDeps;
  #listened: ReadonlySet<string> = new Set();
  /** Heard of since the last look began: it may not have seen them. */
  readonly #opened = new Set<string>();
  #waiting: NewStreamItem[] = [];
  /** Items that there was no room for, by workspace. */
  readonly #missed = new Map<string, number>();
  readonly #looks: Routine;
  readonly #writes: Routine;
  #isWriteDue = false;
  #onGrew: (workspaceIds: ReadonlySet<string>) => void = () => undefined;

  constructor(deps: ActivityFeedDeps) {
    this.#deps = deps;
    const { after, log } = deps;
    this.#looks = new Routine({
      run: () => this.#look(),
      waitMs: () => LOOK_INTERVAL_MS,
      after,
      onError: (error) => log.debug({ err: error }, 'listeners could not be looked for; trying again'),
    });
    this.#writes = new Routine({
      run: () => this.#write(),
      waitMs: () => LOOK_INTERVAL_MS,
      after,
      onError: (error) => log.warn({ err: error }, 'the live stream could not be written; trying again'),
    });
  }

  start(): void {
    this.#looks.want();
  }

  /** What is still waiting is lost: it is in the history. */
  async stop(): Promise<void> {
    await Promise.all([this.#looks.stop(), this.#writes.stop()]);
  }

  /** One listener: hears which streams of this node grew, at once. */
  onGrew(listener: (workspaceIds: ReadonlySet<string>) => void): void {
    this.#onGrew = listener;
  }

  /** Somebody listens to it from now on. */
  opened(workspaceId: string): void {
    this.#opened.add(workspaceId);
    this.#listened = new Set(this.#listened).add(workspaceId);
  }

  isHeard(workspaceId: string): boolean {
    return this.#listened.has(workspaceId);
  }

  /** To be called where {@link isHeard}. */
  tell(workspaceId: string, item: Omit<NewStreamItem, 'workspaceId' | 'data'>, data: object): void {
    if (this.#waiting.length >= ITEMS_WAITING_MAX) {
      this.#missed.set(workspaceId, (this.#missed.get(workspaceId) ?? 0) + 1);
      return;
    }
    this.#waiting.push({ ...item, workspaceId, data: JSON.stringify(data) });
    if (this.#isWriteDue) return;
    this.#isWriteDue = true;
    this.#deps.after(GATHER_MS, () => {
      this.#isWriteDue = false;
      this.#writes.want();
    });
  }

  async #look(): Promise<void> {
    this.#opened.clear();
    const listened = await this.#deps.store.listListened(this.#deps.now());
    this.#listened = new Set([...listened, ...this.#opened]);
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#writes.isStopped) {
      const items = this.#waiting.slice(0, ITEMS_PER_CALL);
      await this.#deps.store.appendToStreams(items);
      this.#waiting = this.#waiting.slice(items.length);
      this.#onGrew(new Set(items.map(({ workspaceId }) => workspaceId)));
      this.#tellOfMissed();
    }
  }

  /** There is room again. */
  #tellOfMissed(): void {
    for (const [workspaceId, count] of this.#missed)
      this.#waiting.push({
        workspaceId,
        kind: 'missed',
        eventType: null,
        subscriptionId: null,
        data: JSON.stringify({ count }),
      });
    this.#missed.clear();
  }
}
