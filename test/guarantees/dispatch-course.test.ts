import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { isConnectionReused, readTiming } from '../../src/domain/attempt-timing.ts';
import type { AttemptMade } from '../../src/engine/dispatch/attempt-order.ts';
import { startAttempts, TIMEOUT_MS } from '../support/attempts.ts';
import { issueCertificate } from '../support/certificates.ts';
import { type DnsAnswer, startDnsServer } from '../support/dns-server.ts';
import { type RawReceiverOptions, startRawReceiver } from '../support/raw-receiver.ts';
import { startReceiver } from '../support/receiver.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const NAME = 'hook.example.com';
const ADDRESS = '127.0.0.2';

/** Attempts that find the name at these addresses. */
async function start(answer: () => DnsAnswer = () => [ADDRESS]) {
  const dns = await startDnsServer((name) => (name === NAME ? answer() : undefined));
  const attempts = await startAttempts({ dnsServers: [dns.address], allowNetworks: ['127.0.0.2/31'] });
  cleanups.push(dns.close, attempts.close);
  return attempts;
}

async function startRaw(onRequest: (socket: Socket) => void, options: RawReceiverOptions = {}) {
  const certificate = await issueCertificate({ names: [NAME] });
  const receiver = await startRawReceiver(onRequest, { host: ADDRESS, certificate, ...options });
  cleanups.push(receiver.close);
  return { receiver, url: `https://${NAME}:${receiver.port}/` };
}

const ok = (socket: Socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');

/** That what was begun lasted at most as long as the whole, each rounded by itself. */
function expectWithin({ timing, durationMs }: AttemptMade): void {
  const parts = Object.values(readTiming(timing)).filter((ms) => typeof ms === 'number');
  const sum = parts.reduce((total, ms) => total + ms, 0);
  expect(parts.every((ms) => ms >= 0)).toBe(true);
  expect(sum).toBeLessThanOrEqual(durationMs + parts.length);
}

describe('the time of an attempt', () => {
  test('has name, TCP, TLS and wait over a new connection, and the wait alone over one that was kept', async () => {
    const { receiver, url } = await startRaw((socket) => void setTimeout(ok, 120, socket));
    const attempts = await start();
    const first = await attempts.make({ url });
    const timing = readTiming(first.timing);
    expect(first).toMatchObject({ outcome: 'success', remoteAddress: ADDRESS });
    expect(Object.values(timing)).not.toContain(null);
    expect(timing.waitMs).toBeGreaterThanOrEqual(118);
    expect(timing.waitMs).toBeLessThanOrEqual(first.durationMs);
    expect(isConnectionReused(timing)).toBe(false);
    expectWithin(first);

    const second = await attempts.make({ url });
    const kept = readTiming(second.timing);
    expect(second).toMatchObject({ outcome: 'success', remoteAddress: ADDRESS });
    expect(kept).toMatchObject({ dnsMs: null, connectMs: null, tlsMs: null });
    expect(kept.waitMs).toBeGreaterThanOrEqual(118);
    expect(isConnectionReused(kept)).toBe(true);
    expect(receiver.connections).toBe(1);
  });

  test('is that of the new connection where the kept one turned out to be closed', async () => {
    const receiver = await startReceiver({ host: ADDRESS });
    cleanups.push(receiver.close);
    const attempts = await start();
    for (let n = 0; n < 12; n++) {
      const connectionsBefore = receiver.connections;
      const made = await attempts.make({ url: receiver.url() });
      const isNew = receiver.connections > connectionsBefore;
      expect(made).toMatchObject({ outcome: 'success', remoteAddress: ADDRESS });
      expect(isConnectionReused(readTiming(made.timing))).toBe(!isNew);
      // Sometimes the news of the closing is there first, sometimes the next request.
      if (n % 4 > 0) receiver.dropConnections();
      if (n % 4 > 1) await wait(1);
    }
  });

  test('of a slow name server is that of the name', async () => {
    const { url } = await startRaw(ok);
    const attempts = await start();
    // One question is never answered, and waited for when the other one is.
    const slow = await startDnsServer((name, type) =>
      type === 'A' && name === NAME ? [ADDRESS] : 'silence',
    );
    const slowly = await startAttempts({ dnsServers: [slow.address] });
    cleanups.push(slow.close, slowly.close);
    const quick = await attempts.make({ url });
    const made = await slowly.make({ url });
    expect(readTiming(made.timing).dnsMs).toBeGreaterThanOrEqual(290);
    expect(readTiming(quick.timing).dnsMs).toBeLessThan(290);
    expectWithin(made);
  });

  test('ends with the name when that has no address', async () => {
    const attempts = await start(() => 'nxdomain');
    const made = await attempts.make({ url: `https://${NAME}/` });
    expect(made).toMatchObject({ outcome: 'dns', remoteAddress: null, sentAtS: null });
    expect(made.timing).toMatch(/^\d+ - - -$/);
  });

  test('ends with the name when its address is refused, which is not told', async () => {
    const attempts = await start(() => [ADDRESS, '10.0.0.7']);
    const made = await attempts.make({ url: `https://${NAME}/` });
    expect(made).toMatchObject({ outcome: 'blocked_address', remoteAddress: null });
    expect(made.timing).toMatch(/^\d+ - - -$/);
    expect(JSON.stringify(made)).not.toContain('10.0.0.7');
  });

  test('ends with TCP when the connection is refused', async () => {
    const { receiver, url } = await startRaw(ok, { transport: 'tcp' });
    await receiver.close();
    const attempts = await start();
    const made = await attempts.make({ url });
    expect(made).toMatchObject({ outcome: 'connect', remoteAddress: ADDRESS, sentAtS: null });
    expect(made.timing).toMatch(/^\d+ \d+ - -$/);
  });

  test('goes on with the next address, and tells the one it came to', async () => {
    const { url } = await startRaw(ok, { host: '127.0.0.3' });
    const attempts = await start(() => [ADDRESS, '127.0.0.3']);
    const made = await attempts.make({ url });
    expect(made).toMatchObject({ outcome: 'success', remoteAddress: '127.0.0.3' });
    expectWithin(made);
    const silent = await startRaw(ok, { host: '127.0.0.3', transport: 'tcp' });
    expect(await attempts.make({ url: silent.url, timeoutMs: 200 })).toMatchObject({
      outcome: 'timeout',
      remoteAddress: '127.0.0.3',
    });
  });

  test('ends with TLS when the certificate is not right', async () => {
    const certificate = await issueCertificate({ names: ['other.example.com'] });
    const { url } = await startRaw(ok, { certificate });
    const attempts = await start();
    const made = await attempts.make({ url });
    expect(made).toMatchObject({ outcome: 'tls', remoteAddress: ADDRESS, sentAtS: null });
    expect(made.timing).toMatch(/^\d+ \d+ \d+ -$/);
    expectWithin(made);
  });

  test('lasts in TLS until the deadline when the receiver does not answer there', async () => {
    const { url } = await startRaw(ok, { transport: 'tcp' });
    const attempts = await start();
    const made = await attempts.make({ url, timeoutMs: 200 });
    expect(made).toMatchObject({ outcome: 'timeout', remoteAddress: ADDRESS, sentAtS: null });
    expect(made.timing).toMatch(/^\d+ \d+ \d+ -$/);
    expect(readTiming(made.timing).tlsMs).toBeGreaterThan(100);
    expectWithin(made);
  });

  test('lasts until the deadline when the receiver has the request and does not answer', async () => {
    const { url } = await startRaw(() => undefined);
    const attempts = await start();
    const before = Math.floor(Date.now() / 1000);
    const made = await attempts.make({ url, timeoutMs: 300 });
    expect(made).toMatchObject({ outcome: 'timeout', remoteAddress: ADDRESS });
    expect(made.sentAtS).toBeGreaterThanOrEqual(before);
    expect(readTiming(made.timing).waitMs).toBeGreaterThan(150);
    expectWithin(made);
  });

  test('has begun nothing where the URL cannot be used', async () => {
    const attempts = await start();
    const made = await attempts.make({ url: 'http://hook.example.com/', timeoutMs: TIMEOUT_MS });
    expect(made).toMatchObject({ timing: '- - - -', remoteAddress: null, sentAtS: null });
  });
});
