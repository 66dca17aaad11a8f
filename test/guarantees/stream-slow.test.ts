import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EventStream } from '../../src/http/event-stream.ts';
import { StreamListener } from '../../src/management/stream-listener.ts';
import type { StreamItem } from '../../src/store/contract/stream.ts';

const ITEM_BYTES = 10_000;
/** What a listener may leave unread, one item more, and what the head takes. */
const UNREAD_MAX = 1024 * 1024 + 2 * ITEM_BYTES;
/** Past any system's buffers. */
const ITEMS_MAX = 5_000;

let server: Server;
let client: Socket;
let stream: EventStream;
let listener: StreamListener;
let text = '';

beforeEach(async () => {
  text = '';
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const requested = once(server, 'request');
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const [, response] = await requested;
  stream = new EventStream(response, {});
  const filter = { kinds: new Set(['event'] as const), eventTypes: [], subscriptionId: null };
  listener = new StreamListener({ filter, after: null, last: 0 }, stream);
});
afterEach(async () => {
  client.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function item(number: number): StreamItem {
  const data = JSON.stringify({ pad: 'x'.repeat(ITEM_BYTES) });
  return { number, kind: 'event', eventType: 'a.b', subscriptionId: null, data };
}

/** Shows items until the listener has ended; answers how many there were. */
async function showUntilEnded(): Promise<number> {
  for (let number = 1; number <= ITEMS_MAX; number++) {
    listener.show([item(number)], number);
    expect(stream.unreadBytes).toBeLessThan(UNREAD_MAX);
    if (listener.isEnded) return number;
    await new Promise(setImmediate);
  }
  return ITEMS_MAX;
}

test('a client that does not read is cut, with a bounded number of bytes waiting for it', async () => {
  client.pause();
  const shown = await showUntilEnded();
  expect(shown).toBeLessThan(ITEMS_MAX);
  const waiting = stream.unreadBytes;
  listener.show([item(shown + 1)], shown + 1);
  expect(stream.unreadBytes).toBe(waiting);
  await expect
    .poll(() => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count))))
    .toBe(0);
});

test('one that reads again in time is told why it ends', async () => {
  client.pause();
  await showUntilEnded();
  client.resume();
  await once(client, 'close');
  expect(text).toContain('event: end\ndata: {"reason":"slow"}');
});

test('one that reads is not cut, however much there is', async () => {
  for (let number = 1; number <= 1_000; number++) {
    listener.show([item(number)], number);
    await listener.drained();
  }
  expect(listener.isEnded).toBe(false);
  listener.end('shutdown');
  await once(client, 'close');
  expect(text.match(/^event: event$/gm)).toHaveLength(1_000);
});
