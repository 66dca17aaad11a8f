import type { TLSSocket } from 'node:tls';
import { Client, type Dispatcher as Undici } from 'undici';
import { ConnectionGone } from './failure.ts';
import { ResponseGate } from './response-gate.ts';

/** An idle connection is kept this long unless the receiver names its own time: shorter than most keep theirs. */
const IDLE_MS = 4_000;
/** Even a receiver that offers more: a name may long have moved elsewhere. */
const IDLE_MS_MAX = 60_000;
/** Taken off the time that the receiver names, since its clock began before ours. */
const IDLE_MARGIN_MS = 1_000;
const RESPONSE_HEAD_BYTES_MAX = 16 * 1024;

/**
 * One TLS connection to a receiver and the undici client that speaks HTTP/1.1 on it. A client per connection,
 * not a pool: an attempt's deadline then ends exactly the connection it uses, and nothing ever waits in a queue
 * inside undici.
 */
export class Connection {
  /** `host:port`. */
  readonly authority: string;
  readonly remoteAddress: string;
  /** Whether an earlier request was answered on it. */
  isReused = false;
  readonly #socket: TLSSocket;
  readonly #gate: ResponseGate;
  readonly #client: Client;

  /** Takes over a connected socket. `onClosed` is called once, when it is closed by whichever side. */
  constructor(
    authority: string,
    remoteAddress: string,
    socket: TLSSocket,
    onClosed: (connection: Connection) => void,
  ) {
    this.authority = authority;
    this.remoteAddress = remoteAddress;
    this.#socket = socket;
    this.#gate = new ResponseGate(socket);
    let isTaken = false;
    let closeError: Error | undefined;
    this.#client = new Client(`https://${authority}`, {
      // Asked for a second connection when the first has closed before a request was written on it: there is none.
      connect: (_options, done) => {
        const error = isTaken ? new ConnectionGone('closed', { cause: closeError }) : null;
        isTaken = true;
        // Not at once: undici does not notice an answer that comes from inside the call.
        queueMicrotask(() => (error === null ? done(null, socket) : done(error, null)));
      },
      allowH2: false,
      pipelining: 1,
      maxHeaderSize: RESPONSE_HEAD_BYTES_MAX,
      // The attempt has one deadline of its own; these would be checked every half second only.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: IDLE_MS,
      keepAliveMaxTimeout: IDLE_MS_MAX,
      keepAliveTimeoutThreshold: IDLE_MARGIN_MS,
    });
    this.#client.once('disconnect', (_origin, _targets, error) => {
      closeError = error;
      onClosed(this);
    });
  }

  /** False when the receiver closed it, or sent bytes that nobody asked for. */
  get isUsable(): boolean {
    const socket = this.#socket;
    return !socket.destroyed && socket.readable && socket.writable && socket.readableLength === 0;
  }

  /** Posts; the handler hears of everything else. One request at a time. */
  post(path: string, headers: string[], body: Uint8Array, handler: Undici.DispatchHandler): void {
    this.#client.dispatch({ path, method: 'POST', headers, body }, handler);
  }

  /** To be called as soon as the request is written. */
  expectResponse(): void {
    this.#gate.expectResponse();
  }

  /** Ends it and whatever is under way on it. */
  destroy(): void {
    this.#client.destroy(() => undefined);
    this.#socket.destroy();
  }
}
