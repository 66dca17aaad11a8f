import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openStream, Velahook, type StreamMessage, type StreamOptions } from '../../sdk/src/index.ts';

const SILENCE_MS = 100;

/** Each connection as the test wants it, in turn; it may be left silent. */
type Connection = (response: ServerResponse) => void;
let connections: Connection[] = [];
let requests: IncomingMessage[] = [];
const closed = new Set<IncomingMessage>();
let ending: AbortController;

const server = createServer((request, response) => {
  requests.push(request);
  response.on('close', () => closed.add(request));
  connections[requests.length - 1]?.(response);
});
let velahook: Velahook;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  velahook = new Velahook({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
beforeEach(() => {
  [connections, requests] = [[], []];
  ending = new AbortController();
});
afterEach(() => {
  ending.abort();
  server.closeAllConnections();
});
afterAll(async () => {
  server.close();
  await once(server, 'close');
});

/** How many of the connections are over. */
const countClosed = (): number => requests.filter((request) => closed.has(request)).length;

function stream(options: Partial<StreamOptions> = {}): AsyncGenerator<StreamMessage> {
  return openStream(velahook, { signal: ending.signal, ...options });
}

/** The head, and these blocks of text. */
function sends(...blocks: string[]): Connection {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    response.write(blocks.map((block) => `${block}\n\n`).join(''));
  };
}

const event = (id: number): string => `id: ${id}\nevent: event\ndata: {"n":${id}}`;

test('a loop that is left closes its connection', async () => {
  connections = [sends(event(1), event(2))];
  for await (const { id } of stream()) {
    expect(id).toBe('1');
    break;
  }
  await expect.poll(countClosed).toBe(1);
  expect(requests).toHaveLength(1);
});

test('so does one that throws, and what cannot be read: it is asked for again', async () => {
  const listen = async (): Promise<void> => {
    for await (const { id } of stream()) throw new Error(`stopped at ${id}`);
  };
  connections = [sends(event(1)), sends('id: 1\ndata: {"n":'), sends(event(1))];
  await expect(listen()).rejects.toThrow('stopped at 1');
  await expect.poll(countClosed).toBe(1);
  await expect(listen()).rejects.toThrow('stopped at 1');
  await expect.poll(countClosed).toBe(3);
});

test.each<[string, Connection]>([
  ['falls silent', sends(event(1))],
  ['ends', (response) => void (sends(event(1))(response), response.end())],
  ['is cut', (response) => void (sends(event(1))(response), setImmediate(() => response.destroy()))],
])('a connection that %s is made again, behind the last message', async (_what, first) => {
  connections = [first, sends(event(2))];
  const states: string[] = [];
  const messages = stream({ silenceMs: SILENCE_MS, onState: (state) => states.push(state) });
  expect((await messages.next()).value).toEqual({ id: '1', kind: 'event', data: { n: 1 } });
  expect((await messages.next()).value).toMatchObject({ id: '2' });
  expect(states).toEqual(['open', 'lost', 'open']);
  expect(requests.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '1']);
  await expect.poll(countClosed).toBe(1);
});

test('one that is not answered is made again, and so is one that a proxy answers', async () => {
  connections = [
    () => undefined,
    (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>Sign in</p>'),
    sends(event(1)),
  ];
  const states: string[] = [];
  const messages = stream({ silenceMs: SILENCE_MS, onState: (state) => states.push(state) });
  expect((await messages.next()).value).toMatchObject({ id: '1' });
  expect(states).toEqual(['lost', 'lost', 'open']);
});

test('neither heartbeats nor a listener who takes his time are silence', async () => {
  // Longer: a busy machine is not silence either.
  const silenceMs = SILENCE_MS * 4;
  connections = [
    (response) => {
      sends(event(1), event(2))(response);
      const beating = setInterval(() => response.write(': still here\nid: 2\n\n'), silenceMs / 10);
      setTimeout(() => response.write(`${event(3)}\n\n`), silenceMs * 2);
      response.on('close', () => clearInterval(beating));
    },
  ];
  const ids: (string | null)[] = [];
  for await (const { id } of stream({ silenceMs })) {
    ids.push(id);
    if (id === '1') await new Promise((resolve) => setTimeout(resolve, silenceMs * 1.5));
    if (id === '3') break;
  }
  expect(ids).toEqual(['1', '2', '3']);
  expect(requests).toHaveLength(1);
});

test('what is refused for good rejects, and whoever ends it is not told of a loss', async () => {
  const body = { error: { code: 'FORBIDDEN', message: 'This token lacks the scope events:read.' } };
  connections = [(response) => response.writeHead(403).end(JSON.stringify(body)), sends(event(1))];
  await expect(stream().next()).rejects.toMatchObject({ status: 403, code: 'FORBIDDEN' });
  const states: string[] = [];
  for await (const _message of stream({ onState: (state) => states.push(state) })) ending.abort();
  expect(states).toEqual(['open']);
  await expect.poll(countClosed).toBe(2);
});
