import type { Clock } from '../lib/clock.ts';
import { Routine } from '../lib/routine.ts';
import type { StreamStore } from '../store/contract/stream.ts';
import type { StreamListener } from './stream-listener.ts';

/** After the last of its listeners has gone, a stream goes on for so long: clients that come back miss nothing. */
const LINGER_MS = 5 * 60_000;
const RENEW_MS = 60_000;
/** What nobody told of is found this soon. */
const LOOK_INTERVAL_MS = 1_000;
/** Some hundred kilobytes. */
const ITEMS_PER_READ = 500;

export interface StreamTailDeps {
  workspaceId: string;
  store: Pick<StreamStore, 'listenTo' | 'readStream'>;
  clock: Clock;
  onOpened: () => void;
}

/** Reads a workspace's stream for all who listen to it on this node, as it grows. */
export class StreamTail {
  readonly workspaceId: string;
  /** Listeners that are about to be added. */
  expected = 0;
  readonly #deps: StreamTailDeps;
  /** Those that have seen all that was read. */
  readonly #live = new Set<StreamListener>();
  readonly #catchingUp = new Set<StreamListener>();
  readonly #reads: Routine;
  readonly #renewals: Routine;
  #position = -1;

  constructor(deps: StreamTailDeps) {
    this.#deps = deps;
    this.workspaceId = deps.workspaceId;
    const after: Clock['after'] = (delayMs, run) => deps.clock.after(delayMs, run);
    // What the store does not answer now it is asked again.
    const routine = (run: () => Promise<void>, waitMs: number) =>
      new Routine({ run, waitMs: () => waitMs, after, onError: () => undefined });
    this.#reads = routine(() => this.#read(), LOOK_INTERVAL_MS);
    this.#renewals = routine(async () => void (await this.listen()), RENEW_MS);
  }

  get count(): number {
    return this.#live.size + this.#catchingUp.size;
  }

  get isIdle(): boolean {
    return this.count + this.expected === 0;
  }

  /** Says that somebody listens; answers the number of the newest item. */
  async listen(): Promise<number> {
    const { store, clock, workspaceId, onOpened } = this.#deps;
    const now = clock.now();
    const last = await store.listenTo(workspaceId, now + LINGER_MS, now);
    onOpened();
    if (this.#position < 0) this.#position = last;
    return last;
  }

  add(listener: StreamListener): void {
    if (this.count === 0) {
      this.#reads.want();
      this.#renewals.wantIn(RENEW_MS);
    }
    if (listener.position === this.#position) this.#live.add(listener);
    else {
      this.#catchingUp.add(listener);
      void this.#catchUp(listener);
    }
  }

  remove(listener: StreamListener): void {
    this.#live.delete(listener);
    this.#catchingUp.delete(listener);
  }

  /** There may be something new. */
  want(): void {
    if (this.count > 0) this.#reads.want();
  }

  stop(): void {
    void this.#reads.stop();
    void this.#renewals.stop();
  }

  async #read(): Promise<void> {
    const { store, workspaceId } = this.#deps;
    for (;;) {
      const { items, last } = await store.readStream(workspaceId, this.#position, ITEMS_PER_READ);
      this.#position = items.at(-1)?.number ?? last;
      for (const listener of this.#live) listener.show(items, last);
      if (items.length < ITEMS_PER_READ || this.#reads.isStopped) return;
    }
  }

  /** At the client's own pace, until it has seen what all have seen. */
  async #catchUp(listener: StreamListener): Promise<void> {
    const { store, workspaceId, clock } = this.#deps;
    while (!listener.isEnded) {
      try {
        const { items, last } = await store.readStream(workspaceId, listener.position, ITEMS_PER_READ);
        listener.show(items, last);
      } catch {
        await new Promise<void>((resolve) => clock.after(LOOK_INTERVAL_MS, resolve));
      }
      if (listener.isEnded) return;
      if (listener.position >= this.#position) {
        this.#catchingUp.delete(listener);
        this.#live.add(listener);
        return;
      }
      await listener.drained();
    }
  }
}
