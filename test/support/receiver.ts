import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { issueCertificate, type ServerCertificate, testCa } from './certificates.ts';

/** A wait that takes longer than this fails the test with a sentence instead of a bare timeout. */
const WAIT_MS_MAX = 20_000;

/** A request as it arrived. */
export interface ReceivedRequest {
  /** 1, 2, 3, … in order of arrival of the whole request. */
  number: number;
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** Names and values in turn, as on the wire. */
  rawHeaders: string[];
  body: Buffer;
  /** Milliseconds since the Unix epoch. */
  receivedAt: number;
  /** Which connection it came on: 1, 2, 3, … */
  connection: number;
  /** The address and port it came to, and the name the client asked for in TLS. */
  localAddress: string;
  servername: string | false;
}

/** What to answer; the default is an empty 200. */
export interface Answer {
  status?: number;
  headers?: Record<string, string | string[]>;
  body?: string | Uint8Array;
  /** Waits before the response head. */
  delayMs?: number;
  /** Never answers. */
  hang?: boolean;
  /** Cuts the connection instead of answering. */
  reset?: boolean;
}

/** Decides the answer to a request; a promise holds the answer back until the test releases it. */
type Respond = (request: ReceivedRequest) => Answer | Promise<Answer>;

export interface ReceiverOptions {
  /** 127.0.0.1 unless the test needs two addresses. */
  host?: string;
  port?: number;
  certificate?: ServerCertificate;
  /** How long the server keeps an idle connection, 5,000 as Node's own default. */
  keepAliveTimeoutMs?: number;
  /** Keeps no request: for whoever writes a ledger of a hundred thousand. `requests` stays empty. */
  forgets?: boolean;
}

/** A real HTTPS receiver that remembers what it got. */
export interface Receiver {
  readonly host: string;
  readonly port: number;
  /** PEM to be trusted by the sender. */
  readonly ca: string;
  readonly requests: readonly ReceivedRequest[];
  /** Connections accepted so far, whatever came of them. */
  readonly connections: number;
  url(path?: string): string;
  /** How every request is answered from now on, but those to a path with an answer of its own. */
  respond(respond: Respond | Answer): void;
  respondAt(path: string, respond: Respond | Answer): void;
  /** Resolves with all requests as soon as there are `count` of them (of those that `which` selects). */
  waitFor(count: number, which?: (request: ReceivedRequest) => boolean): Promise<ReceivedRequest[]>;
  /** Cuts every open connection. */
  dropConnections(): void;
  close(): Promise<void>;
}

export async function startReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const host = options.host ?? '127.0.0.1';
  const requests: ReceivedRequest[] = [];
  const sockets = new Map<Socket, number>();
  let received = 0;
  const waiters = new Set<() => void>();
  const byPath = new Map<string, Respond>();
  let connections = 0;
  let usual: Respond = () => ({});

  const server = createServer({ ...(options.certificate ?? (await issueCertificate())) });
  server.keepAliveTimeout = options.keepAliveTimeoutMs ?? 5_000;
  server.on('connection', () => connections++);
  server.on('secureConnection', (socket) => {
    sockets.set(socket, sockets.size + 1);
  });
  server.on('tlsClientError', () => undefined);
  server.on('request', (incoming, response) => void receive(incoming, response));
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, host, resolve));
  const { port } = server.address() as AddressInfo;

  async function receive(incoming: IncomingMessage, response: ServerResponse) {
    const body = await readBody(incoming);
    if (body === null) return;
    const socket = incoming.socket as Socket & { servername?: string | false };
    const request: ReceivedRequest = {
      number: ++received,
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      headers: incoming.headers,
      rawHeaders: incoming.rawHeaders,
      body,
      receivedAt: Date.now(),
      connection: sockets.get(incoming.socket) ?? 0,
      localAddress: incoming.socket.localAddress ?? '',
      servername: socket.servername ?? false,
    };
    if (options.forgets !== true) requests.push(request);
    for (const check of waiters) check();
    const respond = byPath.get(request.path) ?? usual;
    await answer(response, await respond(request));
  }

  return {
    host,
    port,
    ca: await testCa(),
    requests,
    get connections() {
      return connections;
    },
    url: (path = '/') => `https://${host.includes(':') ? `[${host}]` : host}:${port}${path}`,
    respond(respond) {
      usual = typeof respond === 'function' ? respond : () => respond;
    },
    respondAt(path, respond) {
      byPath.set(path, typeof respond === 'function' ? respond : () => respond);
    },
    waitFor(count, which = () => true) {
      return new Promise((resolve, reject) => {
        const seen = () => requests.filter(which);
        const timer = setTimeout(() => {
          waiters.delete(check);
          reject(new Error(`The receiver got ${seen().length} of ${count} requests in ${WAIT_MS_MAX} ms.`));
        }, WAIT_MS_MAX);
        const check = () => {
          if (seen().length < count) return;
          clearTimeout(timer);
          waiters.delete(check);
          resolve(seen());
        };
        waiters.add(check);
        check();
      });
    },
    dropConnections() {
      for (const socket of sockets.keys()) socket.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const socket of sockets.keys()) socket.destroy();
      }),
  };
}

async function readBody(incoming: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
  } catch {
    return null; // The sender went away in the middle: not a request.
  }
  return Buffer.concat(chunks);
}

async function answer(response: ServerResponse, answer: Answer): Promise<void> {
  if (answer.delayMs !== undefined) await wait(answer.delayMs);
  if (answer.hang === true || response.destroyed) return;
  if (answer.reset === true) {
    response.socket?.destroy();
    return;
  }
  response.writeHead(answer.status ?? 200, answer.headers);
  response.end(answer.body);
}
