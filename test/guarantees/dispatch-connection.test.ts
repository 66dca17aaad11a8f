import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type Attempts, startAttempts } from '../support/attempts.ts';
import { issueCertificate } from '../support/certificates.ts';
import { startDnsServer } from '../support/dns-server.ts';
import { startRawReceiver } from '../support/raw-receiver.ts';
import { startReceiver } from '../support/receiver.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start(): Promise<Attempts> {
  const attempts = await startAttempts();
  cleanups.push(attempts.close);
  return attempts;
}

async function startRaw(onRequest: (socket: Socket, nth: number) => void) {
  const receiver = await startRawReceiver(onRequest, { host: '127.0.0.2' });
  cleanups.push(receiver.close);
  return receiver;
}

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

describe('a connection', () => {
  test('serves one request after the other', async () => {
    const receiver = await startReceiver({ host: '127.0.0.2' });
    cleanups.push(receiver.close);
    const attempts = await start();
    for (let n = 0; n < 20; n++) await attempts.make({ url: receiver.url() });
    expect(receiver.connections).toBe(1);
    expect(receiver.requests).toHaveLength(20);
  });

  test('serves one request at a time', async () => {
    const receiver = await startReceiver({ host: '127.0.0.2' });
    cleanups.push(receiver.close);
    receiver.respond({ delayMs: 100 });
    const attempts = await start();
    const results = await Promise.all(
      Array.from({ length: 10 }, () => attempts.make({ url: receiver.url() })),
    );
    expect(results.every((result) => result.outcome === 'success')).toBe(true);
    expect(receiver.connections).toBe(10);
  });

  test('is not used again when its response was cut off', async () => {
    const receiver = await startRaw(
      (socket) => void socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 20000\r\n\r\n${'x'.repeat(20_000)}`),
    );
    const attempts = await start();
    for (let n = 0; n < 3; n++)
      expect(await attempts.make({ url: receiver.url() })).toMatchObject({ outcome: 'success' });
    expect(receiver.connections).toBe(3);
  });

  test.each([
    [
      'at once',
      (socket: Socket) => void socket.write(`${OK}HTTP/1.1 500 Poison\r\ncontent-length: 0\r\n\r\n`),
    ],
    [
      'a moment later',
      (socket: Socket) => {
        socket.write(OK);
        setTimeout(() => socket.write('HTTP/1.1 500 Poison\r\ncontent-length: 0\r\n\r\n'), 20);
      },
    ],
    [
      'as an interim response',
      (socket: Socket) => {
        socket.write(OK);
        setTimeout(() => socket.write('HTTP/1.1 100 Continue\r\n\r\n'), 20);
      },
    ],
  ])('on which more came than was asked for, %s, is not used again', async (_when, answer) => {
    const receiver = await startRaw(answer);
    const attempts = await start();
    expect(await attempts.make({ url: receiver.url() })).toMatchObject({ outcome: 'success' });
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(await attempts.make({ url: receiver.url() })).toMatchObject({
      outcome: 'success',
      statusCode: 200,
    });
    expect(receiver.connections).toBe(2);
  });

  test('is closed when the receiver asks for it', async () => {
    for (const header of ['connection: close', 'keep-alive: timeout=1']) {
      const receiver = await startRaw(
        (socket) => void socket.write(`HTTP/1.1 200 OK\r\n${header}\r\ncontent-length: 0\r\n\r\n`),
      );
      const attempts = await start();
      await attempts.make({ url: receiver.url() });
      await attempts.make({ url: receiver.url() });
      expect(receiver.connections).toBe(2);
    }
  });

  test('that the receiver closed while it was idle costs no attempt', async () => {
    const receiver = await startReceiver({ host: '127.0.0.2' });
    cleanups.push(receiver.close);
    const attempts = await start();
    for (let n = 0; n < 30; n++) {
      expect(await attempts.make({ url: receiver.url() })).toMatchObject({ outcome: 'success' });
      // Sometimes the news of the closing is there first, sometimes the next request.
      receiver.dropConnections();
      if (n % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(receiver.requests).toHaveLength(30);
  });

  test('that is reset once the request was written fails the attempt, and the request is not sent twice', async () => {
    const receiver = await startRaw((socket, nth) => void (nth === 1 ? socket.write(OK) : socket.destroy()));
    const attempts = await start();
    expect(await attempts.make({ url: receiver.url() })).toMatchObject({ outcome: 'success' });
    expect(await attempts.make({ url: receiver.url() })).toMatchObject({
      outcome: 'connect',
      statusCode: null,
    });
    expect(receiver.received().toString().match(/POST /g)).toHaveLength(2);
  });
});

describe('of several addresses', () => {
  test.each([
    ['refuses', '127.0.0.3'],
    ['is never heard of again', '127.0.0.4'],
  ])('the next is tried when one %s', async (_what, sick) => {
    const certificate = await issueCertificate({ names: ['hook.example.com'] });
    const receiver = await startReceiver({ host: '127.0.0.2', certificate });
    const silent = await startRawReceiver(() => undefined, {
      host: '127.0.0.4',
      port: receiver.port,
      transport: 'tcp',
    });
    const dns = await startDnsServer((_name, type) => (type === 'A' ? [sick, '127.0.0.2'] : []));
    const attempts = await startAttempts({ dnsServers: [dns.address], allowNetworks: ['127.0.0.0/8'] });
    cleanups.push(receiver.close, silent.close, dns.close, attempts.close);
    const result = await attempts.make({ url: `https://hook.example.com:${receiver.port}/` });
    expect(result).toMatchObject({ outcome: 'success' });
    expect(receiver.requests).toHaveLength(1);
  });
});

test('closing ends what is under way, without a result', async () => {
  const receiver = await startReceiver({ host: '127.0.0.2' });
  cleanups.push(receiver.close);
  receiver.respond({ hang: true });
  const attempts = await startAttempts();
  let hasResult = false;
  void attempts.result({ url: receiver.url() }).then(() => (hasResult = true));
  await receiver.waitFor(1);
  await attempts.close();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(hasResult).toBe(false);
});
