import type { Socket } from 'node:net';
import process from 'node:process';
import { afterEach, describe, expect, test } from 'vitest';
import type { AttemptMade } from '../../src/engine/dispatch/attempt-order.ts';
import { startAttempts, TIMEOUT_MS } from '../support/attempts.ts';
import { startDnsServer } from '../support/dns-server.ts';
import { type RawReceiverOptions, startRawReceiver } from '../support/raw-receiver.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** Makes one attempt at a receiver of raw bytes and tells how long it took, its body included. */
async function attempt(
  onRequest: (socket: Socket) => void,
  options: RawReceiverOptions = {},
): Promise<AttemptMade & { tookMs: number; openSockets(): Promise<number> }> {
  const sockets = new Set<Socket>();
  const receiver = await startRawReceiver(
    (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      onRequest(socket);
    },
    { host: '127.0.0.2', ...options },
  );
  cleanups.push(receiver.close);
  const attempts = await startAttempts();
  cleanups.push(attempts.close);
  const startedAt = performance.now();
  const result = await attempts.make({ url: receiver.url() });
  const tookMs = performance.now() - startedAt;
  return {
    ...result,
    tookMs,
    async openSockets() {
      await expect.poll(() => sockets.size).toBe(0);
      return sockets.size;
    },
  };
}

/** Writes a piece again and again until the other side is gone. */
function drip(socket: Socket, piece: string, everyMs: number): void {
  const timer = setInterval(() => socket.write(piece), everyMs);
  socket.on('close', () => clearInterval(timer));
}

/** Writes as fast as the other side takes it. */
function flood(socket: Socket, piece: string): void {
  const write = () => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on('drain', write);
  write();
}

function expectTimeout(result: AttemptMade & { tookMs: number }): void {
  expect(result).toMatchObject({ outcome: 'timeout', statusCode: null });
  expect(result.durationMs).toBeGreaterThanOrEqual(TIMEOUT_MS - 2);
  expect(result.tookMs).toBeLessThan(TIMEOUT_MS + 300);
}

describe('the attempt ends at its deadline when the receiver', () => {
  test('takes the connection and says nothing', async () => {
    const result = await attempt(() => undefined);
    expectTimeout(result);
    expect(result.error).toBe('The time of 1000 ms ran out without a complete response head.');
    expect(await result.openSockets()).toBe(0);
  });

  test('takes the TCP connection and never begins TLS', async () => {
    const result = await attempt(() => undefined, { transport: 'tcp' });
    expectTimeout(result);
    expect(result.error).toContain('during the TLS handshake');
  });

  test('sends its head one byte at a time', async () => {
    const result = await attempt((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nx: ');
      drip(socket, 'a', 20);
    });
    expectTimeout(result);
    expect(await result.openSockets()).toBe(0);
  });

  test('sends interim responses one after the other', async () => {
    for (const interim of ['HTTP/1.1 102 Processing\r\n\r\n', 'HTTP/1.1 100 Continue\r\n\r\n']) {
      const result = await attempt((socket) => drip(socket, interim, 10));
      expectTimeout(result);
      expect(await result.openSockets()).toBe(0);
    }
  });

  test('has name servers that never answer', async () => {
    const dns = await startDnsServer((name) => (name === 'silent.example.com' ? 'silence' : undefined));
    cleanups.push(dns.close);
    const attempts = await startAttempts({ dnsServers: [dns.address] });
    cleanups.push(attempts.close);
    const result = await attempts.make({ url: 'https://silent.example.com/' });
    expect(result).toMatchObject({
      outcome: 'timeout',
      error: expect.stringContaining('while its name was looked up'),
    });
  });
});

describe('the status counts, and the body is cut off, when the receiver', () => {
  test('sends its body one byte at a time for ever', async () => {
    const result = await attempt((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n');
      drip(socket, 'a', 50);
    });
    expect(result).toMatchObject({ outcome: 'success', statusCode: 200, responseTruncated: true });
    expect(result.durationMs).toBeLessThan(500);
    expect(result.tookMs).toBeLessThan(TIMEOUT_MS + 300);
    expect(result.responseBody?.length).toBeGreaterThan(5);
    expect(await result.openSockets()).toBe(0);
  });

  test.each([
    ['a body without an end', 'HTTP/1.1 200 OK\r\n\r\n', 'x'.repeat(65_536)],
    [
      'endless chunks',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n',
      `4000\r\n${'x'.repeat(16_384)}\r\n`,
    ],
  ])('floods it with %s', async (_what, head, piece) => {
    const memoryBefore = process.memoryUsage().rss;
    const result = await attempt((socket) => {
      socket.write(head);
      flood(socket, piece);
    });
    expect(result).toMatchObject({ outcome: 'success', responseTruncated: true });
    expect(result.responseBody).toHaveLength(16_384);
    expect(result.tookMs).toBeLessThan(500);
    expect(process.memoryUsage().rss - memoryBefore).toBeLessThan(100 * 1024 * 1024);
    expect(await result.openSockets()).toBe(0);
  });

  test('floods it with chunk extensions', async () => {
    const result = await attempt((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5;');
      flood(socket, 'e=1;'.repeat(4096));
    });
    expect(result).toMatchObject({ outcome: 'success', responseTruncated: true });
    expect(result.tookMs).toBeLessThan(500);
    expect(await result.openSockets()).toBe(0);
  });
});

describe('the attempt ends long before its deadline when the receiver', () => {
  test.each([
    ['interim responses', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['one endless reason', 'a'.repeat(16_384)],
  ])('floods it with %s', async (_what, piece) => {
    const result = await attempt((socket) => {
      if (piece.startsWith('a')) socket.write('HTTP/1.1 200 ');
      flood(socket, piece.repeat(100));
    });
    expect(result).toMatchObject({ outcome: 'protocol', error: 'The response head is too long.' });
    expect(result.tookMs).toBeLessThan(500);
    expect(await result.openSockets()).toBe(0);
  });
});
