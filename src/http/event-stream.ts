import type { OutgoingHttpHeader, ServerResponse } from 'node:http';
import type { StreamEnd, StreamSink } from '../management/stream-listener.ts';
import type { StreamItem } from '../store/contract/stream.ts';

/** So soon a client that was cut comes back by itself. */
const RECONNECT_MS = 2_000;
/** A client that was told of its end, behind all it has not read, is cut then. */
const LAST_WORD_MS = 5_000;

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  // Some proxies gather what they pass on, unless told not to.
  'x-accel-buffering': 'no',
  // It is the last answer there.
  connection: 'close',
};

/** A stream as server-sent events: `id` is the item's number, `event` its kind, `data` one line of JSON. */
export class EventStream implements StreamSink {
  readonly #response: ServerResponse;

  /** Sends the head at once, so that the client knows it is let in. */
  constructor(response: ServerResponse, headers: Record<string, OutgoingHttpHeader | undefined>) {
    this.#response = response;
    for (const [name, value] of Object.entries(headers))
      if (value !== undefined) response.setHeader(name, value);
    response.writeHead(200, HEADERS);
    response.write(`retry: ${RECONNECT_MS}\n\n`);
    // Cut in the middle of a message: the client sees the end of its connection.
    response.on('error', () => undefined);
  }

  get unreadBytes(): number {
    return this.#response.writableLength;
  }

  item({ number, kind, data }: StreamItem): void {
    this.#response.write(`id: ${number}\nevent: ${kind}\ndata: ${data}\n\n`);
  }

  gap(after: number, before: number): void {
    this.#response.write(
      `id: ${before - 1}\nevent: gap\ndata: ${JSON.stringify({ after: String(after), before: String(before) })}\n\n`,
    );
  }

  /** Without data it is no event to the client, but it remembers the number. */
  beat(number: number): void {
    this.#response.write(`: still here\nid: ${number}\n\n`);
  }

  end(reason: StreamEnd): void {
    const { socket } = this.#response;
    this.#response.end(`event: end\ndata: ${JSON.stringify({ reason })}\n\n`);
    setTimeout(() => socket?.destroy(), LAST_WORD_MS).unref();
  }

  async drained(): Promise<void> {
    const response = this.#response;
    if (!response.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        response.off('drain', done).off('close', done);
        resolve();
      };
      response.on('drain', done).on('close', done);
    });
  }

  onGone(run: () => void): void {
    this.#response.on('close', run);
  }
}
