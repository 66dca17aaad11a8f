import { gzipSync } from 'node:zlib';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseRetryAfter } from '../../src/engine/dispatch/retry-after.ts';
import { type Attempts, startAttempts } from '../support/attempts.ts';
import { startRawReceiver } from '../support/raw-receiver.ts';
import { startReceiver } from '../support/receiver.ts';

const cleanups: (() => Promise<void>)[] = [];
let attempts: Attempts;
beforeEach(async () => {
  attempts = await startAttempts();
  cleanups.push(attempts.close);
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** What an attempt makes of a receiver that answers with these bytes and then does `after`. */
async function resultOf(bytes: string | Buffer, after: (socket: Socket) => void = (socket) => socket.end()) {
  const receiver = await startRawReceiver(
    (socket) => {
      if (bytes.length > 0) socket.write(bytes);
      after(socket);
    },
    { host: '127.0.0.2' },
  );
  cleanups.push(receiver.close);
  return attempts.make({ url: receiver.url() });
}

describe('a status', () => {
  test.each([200, 201, 202, 204, 205, 206, 226, 299])('%i is a success', async (status) => {
    expect(await resultOf(`HTTP/1.1 ${status} Fine\r\ncontent-length: 0\r\n\r\n`)).toMatchObject({
      outcome: 'success',
      statusCode: status,
      error: null,
      responseBody: null,
      responseTruncated: false,
    });
  });

  test.each([300, 304, 400, 401, 404, 410, 418, 429, 500, 502, 503, 599, 600, 999])(
    '%i is a failure',
    async (status) => {
      expect(await resultOf(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`)).toMatchObject({
        outcome: 'http_status',
        statusCode: status,
        error: `The receiver answered ${status}.`,
      });
    },
  );

  test.each([204, 205, 304])('%i with a body it may not have counts all the same', async (status) => {
    const result = await resultOf(`HTTP/1.1 ${status} X\r\ncontent-length: 5\r\n\r\nhello`);
    expect(result).toMatchObject({ outcome: status < 300 ? 'success' : 'http_status', statusCode: status });
  });

  test('counts though the body after it breaks off', async () => {
    for (const head of [
      'content-length: 100\r\n\r\nhello',
      'transfer-encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n',
    ]) {
      const result = await resultOf(`HTTP/1.1 200 OK\r\n${head}`, (socket) => socket.destroySoon());
      expect(result).toMatchObject({ outcome: 'success', statusCode: 200, responseTruncated: true });
    }
  });
});

describe('a redirect is a failure and is never followed', () => {
  test.each([301, 302, 303, 307, 308])('%i', async (status) => {
    const elsewhere = await startReceiver({ host: '127.0.0.2' });
    const receiver = await startReceiver({ host: '127.0.0.2' });
    cleanups.push(elsewhere.close, receiver.close);
    for (const location of [
      elsewhere.url(),
      receiver.url('/again'),
      'http://127.0.0.1/',
      'http://169.254.169.254/',
      'javascript:x',
      'x'.repeat(10_000),
      '',
    ]) {
      receiver.respondAt('/', { status, headers: location === '' ? {} : { location } });
      expect(await attempts.make({ url: receiver.url('/') })).toMatchObject({
        outcome: 'http_status',
        statusCode: status,
      });
    }
    expect(receiver.requests.map((request) => request.path)).not.toContain('/again');
    expect(elsewhere.connections).toBe(0);
  });
});

describe('interim responses', () => {
  const FINAL = 'HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\nok';
  test.each([
    ['100', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['100 without a reason', 'HTTP/1.1 100\r\n\r\n'],
    ['100 with headers', 'HTTP/1.1 100 Continue\r\nx: y\r\nz: 1\r\n\r\n'],
    ['102 and 103', 'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'],
    ['103 and 100', 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.0 100 Continue\r\n\r\n'],
    ['twenty', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(20)],
  ])('that nobody asked for are skipped: %s', async (_what, interim) => {
    const expected = { outcome: 'success', statusCode: 201, responseBody: Buffer.from('ok') };
    expect(await resultOf(interim + FINAL)).toMatchObject(expected);
    // Byte by byte: nothing depends on how they are cut.
    const bytes = (interim + FINAL).slice(-120);
    const whole = bytes.slice(bytes.indexOf('HTTP/'));
    const dripped = await resultOf('', (socket) => {
      let at = 0;
      const timer = setInterval(
        () => (at < whole.length ? socket.write(whole[at++] ?? '') : clearInterval(timer)),
        2,
      );
    });
    expect(dripped).toMatchObject(expected);
  });

  test.each([
    'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\n\r\n',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n',
  ])('a 101 is a failure: %j', async (bytes) => {
    expect(await resultOf(bytes, () => undefined)).toMatchObject({
      outcome: 'protocol',
      statusCode: null,
      error: 'The receiver switched to another protocol (101).',
    });
  });
});

describe('what is not HTTP is a protocol error', () => {
  test.each([
    ['a short status', 'HTTP/1.1 20\r\n\r\n'],
    ['no status', 'HTTP/1.1 OK\r\n\r\n'],
    ['HTTP/0.9', '<html>hello</html>\r\n'],
    ['another protocol', 'ICY 200 OK\r\n\r\n'],
    ['garbage', Buffer.from([0, 1, 2, 3, 255, 254, 13, 10, 13, 10])],
    ['half of an interim response', 'HTTP/1.1 1x0 What\r\n\r\n'],
    ['a header without a colon', 'HTTP/1.1 200 OK\r\nnocolon\r\n\r\n'],
    ['a NUL in a header', 'HTTP/1.1 200 OK\r\nx: a\0b\r\n\r\n'],
    ['a space before the colon', 'HTTP/1.1 200 OK\r\nx : y\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
    ['a length that is none', 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\nab'],
    ['one header of 10 MB', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(10_000_000)}\r\n\r\n`],
    ['100,000 headers', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(100_000)}\r\n`],
  ])('%s', async (_what, bytes) => {
    const result = await resultOf(bytes);
    expect(result).toMatchObject({ outcome: 'protocol', statusCode: null });
    expect(result.error?.length).toBeLessThanOrEqual(300);
    expect(result.error).toMatch(/^[\x20-\x7e…]+$/u);
  });
});

describe('a connection that ends without a response is a connection error', () => {
  test.each<[string, string, (socket: Socket) => void]>([
    ['closed', '', (socket) => socket.end()],
    ['reset', '', (socket) => (socket.destroy(), undefined)],
    ['closed within the head', 'HTTP/1.1 200 OK\r\nx: y', (socket) => socket.end()],
    ['closed after an interim response', 'HTTP/1.1 100 Continue\r\n\r\n', (socket) => socket.end()],
    ['closed after three bytes', 'HTT', (socket) => socket.end()],
  ])('%s', async (_what, bytes, after) => {
    expect(await resultOf(bytes, after)).toMatchObject({ outcome: 'connect', statusCode: null });
  });

  test('a port that nobody listens on', async () => {
    const closed = await startRawReceiver(() => undefined, { host: '127.0.0.2' });
    await closed.close();
    expect(await attempts.make({ url: closed.url() })).toMatchObject({
      outcome: 'connect',
      error: 'The connection was refused.',
    });
  });
});

describe('the response body', () => {
  test.each([0, 1, 16_383, 16_384, 16_385, 5_000_000])(
    'of %i bytes is kept up to 16 KiB, byte for byte',
    async (size) => {
      const receiver = await startReceiver({ host: '127.0.0.2' });
      cleanups.push(receiver.close);
      const body = Buffer.alloc(size, Buffer.from([0x1b, 0x5b, 0x33, 0x31, 0x6d, 0, 0xff, 0xc3, 0x28, 0x3c]));
      receiver.respond({ status: 500, body });
      const result = await attempts.make({ url: receiver.url() });
      expect(result).toMatchObject({
        outcome: 'http_status',
        statusCode: 500,
        responseTruncated: size > 16_384,
      });
      expect(Buffer.from(result.responseBody ?? []).equals(body.subarray(0, 16_384))).toBe(true);
    },
  );

  test('is not decompressed, and compression is not asked for', async () => {
    const receiver = await startReceiver({ host: '127.0.0.2' });
    cleanups.push(receiver.close);
    const bomb = gzipSync(Buffer.alloc(10_000_000));
    receiver.respond({ headers: { 'content-encoding': 'gzip' }, body: bomb });
    const result = await attempts.make({ url: receiver.url() });
    expect(Buffer.from(result.responseBody ?? [])).toEqual(bomb.subarray(0, 16_384));
    expect(receiver.requests[0]?.headers).not.toHaveProperty('accept-encoding');
  });
});

describe('Retry-After', () => {
  const NOW = Date.parse('2026-03-24T14:30:00.000Z');
  const DAY_MS = 86_400_000;
  test.each([
    ['0', 0],
    ['17', 17_000],
    [' 17 ', 17_000],
    ['86400', DAY_MS],
    ['999999999999999999999999', DAY_MS],
    ['Tue, 24 Mar 2026 14:31:00 GMT', 60_000],
    ['Tuesday, 24-Mar-26 14:31:00 GMT', 60_000],
    ['Tue Mar 24 14:31:00 2026', 60_000],
    ['Tue, 24 Mar 2020 14:31:00 GMT', 0],
    ['Fri, 31 Dec 9999 23:59:59 GMT', DAY_MS],
  ])('%j is understood', (value, ms) => {
    expect(parseRetryAfter(value, NOW)).toBe(ms);
  });
  test.each([
    '',
    '-1',
    '-5',
    '1e30',
    'NaN',
    'Infinity',
    '0x10',
    '1.5',
    '12 apples',
    'soon',
    '20-26',
    'Tue, 99 Foo 2026 99:99:99 GMT',
    'null',
    ['1', '2'],
    undefined,
  ])('%j is junk, and ignored', (value) => {
    expect(parseRetryAfter(value, NOW)).toBeNull();
  });

  test.each([
    [429, '7', 7_000],
    [503, '7', 7_000],
    [503, '-7', null],
    [500, '7', null],
    [301, '7', null],
    [200, '7', null],
  ])('of a %i saying %s', async (status, value, ms) => {
    const result = await resultOf(
      `HTTP/1.1 ${status} X\r\nretry-after: ${value}\r\ncontent-length: 0\r\n\r\n`,
    );
    expect(result.retryAfterMs).toBe(ms);
  });
});
