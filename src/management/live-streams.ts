import { Refusal } from '../domain/errors.ts';
import type { Clock } from '../lib/clock.ts';
import type { StreamStore } from '../store/contract/stream.ts';
import type { StreamFilter, StreamSink } from './stream-listener.ts';
import { StreamListener } from './stream-listener.ts';
import { StreamTail } from './stream-tail.ts';

/** Each holds a socket and up to a megabyte that its client has not read yet. */
const LISTENERS_MAX = 200;
/** One customer's dashboards and scripts; more would leave others none. */
const LISTENERS_PER_WORKSPACE_MAX = 20;
const RETRY_AFTER_S = 30;
/** A revoked or expired token ends its streams by then. */
const CHECK_MS = 5_000;
/** Shorter than the minute after which proxies take a silent connection for dead. */
const HEARTBEAT_MS = 15_000;

export interface LiveStreamsDeps {
  store: Pick<StreamStore, 'listenTo' | 'readStream'>;
  clock: Clock;
  /** Somebody listens to the workspace from now on: what happens on this node is to be told. */
  onOpened: (workspaceId: string) => void;
}

export interface StreamRequest {
  workspaceId: string;
  filter: StreamFilter;
  /** The last item the client has seen; null: it wants what comes from now on. */
  after: number | null;
  /** Whether the token that asked may still listen. */
  mayListen: () => boolean | Promise<boolean>;
}

/**
 * The live streams that are open on this node. All listeners of a workspace share one reader of its stream, whichever nodes
 * write it; one who comes back with the number of the last item seen first reads what came since.
 */
export class LiveStreams {
  readonly #deps: LiveStreamsDeps;
  readonly #tails = new Map<string, StreamTail>();
  readonly #listeners = new Set<StreamListener>();
  #isClosed = false;

  constructor(deps: LiveStreamsDeps) {
    this.#deps = deps;
  }

  /** Refuses when there are too many already, or with a 503 when it cannot be read now. */
  async open(request: StreamRequest, openSink: () => StreamSink): Promise<void> {
    const { workspaceId } = request;
    const tail = this.#tails.get(workspaceId) ?? this.#createTail(workspaceId);
    this.#refuseMore(tail);
    tail.expected += 1;
    try {
      const last = await tail.listen();
      if (this.#isClosed) throw shuttingDown();
      const listener = new StreamListener({ ...request, last }, openSink());
      this.#listeners.add(listener);
      tail.add(listener);
      this.#watch(listener, tail, request);
    } finally {
      tail.expected -= 1;
      if (tail.isIdle) this.#drop(tail);
    }
  }

  /** A stream may have something new. */
  grew(workspaceId: string): void {
    this.#tails.get(workspaceId)?.want();
  }

  /** Ends all streams, and opens no more. */
  close(): void {
    this.#isClosed = true;
    for (const listener of this.#listeners) listener.end('shutdown');
  }

  #createTail(workspaceId: string): StreamTail {
    const { store, clock, onOpened } = this.#deps;
    const tail = new StreamTail({ workspaceId, store, clock, onOpened: () => onOpened(workspaceId) });
    this.#tails.set(workspaceId, tail);
    return tail;
  }

  #refuseMore(tail: StreamTail): void {
    const expected = [...this.#tails.values()].reduce((sum, each) => sum + each.expected, 0);
    if (tail.count + tail.expected >= LISTENERS_PER_WORKSPACE_MAX)
      throw tooMany(`This workspace has ${LISTENERS_PER_WORKSPACE_MAX} streams open on this node`);
    if (this.#listeners.size + expected >= LISTENERS_MAX)
      throw tooMany(`This node has ${LISTENERS_MAX} streams open`);
  }

  /** Heartbeats and checks, until it ends. */
  #watch(listener: StreamListener, tail: StreamTail, { mayListen }: StreamRequest): void {
    const { clock } = this.#deps;
    const again = (delayMs: number, run: () => void): (() => void) => {
      let cancel = clock.after(delayMs, function next() {
        run();
        cancel = clock.after(delayMs, next);
      });
      return () => cancel();
    };
    const stopBeating = again(HEARTBEAT_MS, () => listener.beat());
    const stopChecking = again(CHECK_MS, () => {
      Promise.resolve(mayListen()).then(
        (isAllowed) => {
          if (!isAllowed) listener.end('token');
        },
        // The store cannot tell now: the next check asks again.
        () => undefined,
      );
    });
    listener.onEnd(() => {
      stopBeating();
      stopChecking();
      this.#listeners.delete(listener);
      tail.remove(listener);
      if (tail.isIdle) this.#drop(tail);
    });
  }

  #drop(tail: StreamTail): void {
    tail.stop();
    if (this.#tails.get(tail.workspaceId) === tail) this.#tails.delete(tail.workspaceId);
  }
}

function shuttingDown(): Refusal {
  return new Refusal('UNAVAILABLE', 'This node is shutting down. Connect again.', { retryAfterS: 1 });
}

function tooMany(what: string): Refusal {
  return new Refusal('TOO_MANY_REQUESTS', `${what}, the most there may be. Close one, or try again later.`, {
    retryAfterS: RETRY_AFTER_S,
  });
}
