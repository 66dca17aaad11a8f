import { matchesPattern } from '../domain/event-type.ts';
import type { StreamItem, StreamKind } from '../store/contract/stream.ts';

/** What a client has not read yet, beyond what its connection takes at once; then it is cut. */
const UNREAD_BYTES_MAX = 1024 * 1024;

/** Why a stream ends: its client does not read; its token may listen no more; the node stops; or it went by itself. */
export type StreamEnd = 'slow' | 'token' | 'shutdown' | 'gone';

export interface StreamFilter {
  /** `delivery` stands for `deliveries` as well. */
  kinds: ReadonlySet<StreamKind>;
  /** Event types and patterns; empty: all, and what is of none. */
  eventTypes: readonly string[];
  subscriptionId: string | null;
}

/** The client's end of a stream. */
export interface StreamSink {
  item(item: StreamItem): void;
  /** Items between these two numbers, both exclusive, are gone. */
  gap(after: number, before: number): void;
  /** Nothing new; everything up to the number was looked at. */
  beat(number: number): void;
  /** The last message. */
  end(reason: StreamEnd): void;
  /** How many bytes wait for the client. */
  readonly unreadBytes: number;
  /** Resolves when the client has read what was sent, or is gone. */
  drained(): Promise<void>;
  /** Called once, when the client is gone. */
  onGone(run: () => void): void;
}

/** One client of one stream: what it has seen, and what it wants to see. */
export class StreamListener {
  readonly #filter: StreamFilter;
  readonly #sink: StreamSink;
  readonly #onEnd: (() => void)[] = [];
  #position: number;
  #isEnded = false;

  /** `after`: the last item the client has seen, or null; `last`: the newest there is. */
  constructor(
    { filter, after, last }: { filter: StreamFilter; after: number | null; last: number },
    sink: StreamSink,
  ) {
    this.#filter = filter;
    this.#sink = sink;
    this.#position = Math.min(after ?? last, last);
    sink.onGone(() => this.end('gone'));
    // Not a number of this stream: it was made anew since.
    if (after !== null && after > last) sink.gap(after, last + 1);
    sink.beat(this.#position);
  }

  /** The number of the last item it has seen or does not want. */
  get position(): number {
    return this.#position;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Shows what is behind its position; the items in order, from any number on, and the newest number there is. */
  show(items: readonly StreamItem[], last: number): void {
    for (const item of items) {
      if (this.#isEnded) return;
      if (item.number <= this.#position) continue;
      if (item.number > this.#position + 1) this.#sink.gap(this.#position, item.number);
      this.#position = item.number;
      if (item.kind === 'missed' || this.#wants(item)) this.#sink.item(item);
      if (this.#sink.unreadBytes > UNREAD_BYTES_MAX) return this.end('slow');
    }
    // What there was is gone.
    if (items.length === 0 && last > this.#position && !this.#isEnded) {
      this.#sink.gap(this.#position, last + 1);
      this.#position = last;
    }
  }

  beat(): void {
    if (!this.#isEnded) this.#sink.beat(this.#position);
  }

  async drained(): Promise<void> {
    await this.#sink.drained();
  }

  end(reason: StreamEnd): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (reason !== 'gone') this.#sink.end(reason);
    for (const run of this.#onEnd) run();
  }

  /** Several may ask to be told. */
  onEnd(run: () => void): void {
    if (this.#isEnded) run();
    else this.#onEnd.push(run);
  }

  #wants({ kind, eventType, subscriptionId }: StreamItem): boolean {
    const { kinds, eventTypes, subscriptionId: wanted } = this.#filter;
    if (!kinds.has(kind === 'deliveries' ? 'delivery' : kind)) return false;
    if (wanted !== null && subscriptionId !== wanted) return false;
    // Many at once are of many types: those that are asked for may be among them.
    if (eventTypes.length === 0 || kind === 'deliveries') return true;
    return eventType !== null && eventTypes.some((pattern) => matchesPattern(pattern, eventType));
  }
}
