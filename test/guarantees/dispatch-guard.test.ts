import { afterEach, describe, expect, test } from 'vitest';
import { Guard } from '../../src/engine/dispatch/guard.ts';
import { type Attempts, startAttempts } from '../support/attempts.ts';
import { issueCertificate } from '../support/certificates.ts';
import { type DnsAnswer, type DnsServer, type DnsZone, startDnsServer } from '../support/dns-server.ts';
import { type RawReceiver, startRawReceiver } from '../support/raw-receiver.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';

// 127.0.0.2 plays the public internet, 127.0.0.1 the inside: a sink on the same port, which nothing may ever reach.
const PUBLIC = '127.0.0.2';
const INSIDE = '127.0.0.1';
const BLOCKED = { outcome: 'blocked_address', statusCode: null, error: 'The address is not allowed.' };

interface Scene {
  receiver: Receiver;
  sink: RawReceiver;
  dns: DnsServer;
  attempts: Attempts;
  url(name: string): string;
}

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function stage(zone: DnsZone): Promise<Scene> {
  const certificate = await issueCertificate({
    names: ['hook.example.com', '*.example.com'],
    addresses: [PUBLIC],
  });
  const receiver = await startReceiver({ host: PUBLIC, certificate });
  cleanups.push(receiver.close);
  const sink = await startRawReceiver(() => undefined, {
    host: INSIDE,
    port: receiver.port,
    transport: 'tcp',
  });
  cleanups.push(sink.close);
  const dns = await startDnsServer(zone);
  cleanups.push(dns.close);
  const attempts = await startAttempts({ allowNetworks: [`${PUBLIC}/32`], dnsServers: [dns.address] });
  cleanups.push(attempts.close);
  return { receiver, sink, dns, attempts, url: (name) => `https://${name}:${receiver.port}/hook` };
}

describe('a name', () => {
  test('that resolves to a public address is posted to, with its own name in TLS and Host', async () => {
    const { receiver, sink, attempts, url } = await stage(() => [PUBLIC]);
    expect(await attempts.make({ url: url('hook.example.com') })).toMatchObject({ outcome: 'success' });
    const [request] = await receiver.waitFor(1);
    expect(request).toMatchObject({ servername: 'hook.example.com', localAddress: PUBLIC });
    expect(request?.headers.host).toBe(`hook.example.com:${receiver.port}`);
    expect(sink.connections).toBe(0);
  });

  test('that is public when checked and inside when asked again is dialled at the checked address', async () => {
    const { receiver, sink, dns, attempts, url } = await stage((_name, type, nth) =>
      type === 'AAAA' ? [] : [nth === 1 ? PUBLIC : INSIDE],
    );
    receiver.respond({ status: 500, headers: { connection: 'close' } });
    const target = { url: url('hook.example.com') };
    expect(await attempts.make(target)).toMatchObject({ outcome: 'http_status', statusCode: 500 });
    expect(dns.questions.filter((question) => question === 'hook.example.com A')).toHaveLength(1);
    for (let retry = 0; retry < 3; retry++) expect(await attempts.make(target)).toMatchObject(BLOCKED);
    expect(receiver.requests).toHaveLength(1);
    expect(sink.connections).toBe(0);
  });

  test('that moved inside after a success is refused once its connection is gone', async () => {
    let address = PUBLIC;
    const { receiver, sink, attempts, url } = await stage(() => [address]);
    const target = { url: url('hook.example.com') };
    expect(await attempts.make(target)).toMatchObject({ outcome: 'success' });
    address = INSIDE;
    // The connection that was made to a judged address may serve on: nothing of it has changed.
    expect(await attempts.make(target)).toMatchObject({ outcome: 'success' });
    expect(receiver.connections).toBe(1);
    receiver.dropConnections();
    await expect.poll(async () => (await attempts.make(target)).outcome).toBe('blocked_address');
    expect(sink.connections).toBe(0);
  });

  const REFUSED: [what: string, answer: DnsAnswer][] = [
    ['only inside', [INSIDE]],
    ['public and inside', [PUBLIC, INSIDE]],
    ['inside and public', [INSIDE, PUBLIC]],
    ['public in A and loopback in AAAA', [PUBLIC, '::1']],
    ['a public address that does not answer, and inside', ['198.41.0.4', INSIDE]],
    ['an alias of localhost', { cname: 'localhost', addresses: [INSIDE] }],
    ['an alias of a metadata service', { cname: 'metadata.google.internal', addresses: ['169.254.169.254'] }],
    ['an IPv4-mapped address', ['::ffff:127.0.0.1']],
    ['a NAT64 address', ['64:ff9b::7f00:1']],
    ['a 6to4 address', ['2002:7f00:1::']],
    ['a private IPv6 address', ['fd00:ec2::254']],
    ['the unspecified address', ['0.0.0.0']],
  ];
  test.each(REFUSED)('that resolves to %s is refused, and nothing is dialled', async (_what, answer) => {
    const { receiver, sink, attempts, url } = await stage(() => answer);
    expect(await attempts.make({ url: url('hook.example.com') })).toMatchObject(BLOCKED);
    expect(sink.connections).toBe(0);
    expect(receiver.connections).toBe(0);
  });

  test('is asked for as an absolute name, never under a search domain', async () => {
    const { dns, attempts, url } = await stage(() => undefined);
    expect(await attempts.make({ url: url('hook.example.com') })).toMatchObject({ outcome: 'dns' });
    const names = new Set(
      dns.questions.map((question) => question.split(' ')[0]).filter((name) => name !== '.'),
    );
    expect([...names]).toEqual(['hook.example.com']);
  });
});

describe('an address in a URL', () => {
  test.each([
    INSIDE,
    '169.254.169.254',
    '10.0.0.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '127.1',
    '0x7f000001',
  ])('%s is refused without being dialled', async (host) => {
    const { sink, attempts, url } = await stage(() => undefined);
    expect(await attempts.make({ url: url(host) })).toMatchObject(BLOCKED);
    expect(sink.connections).toBe(0);
  });

  test('that the operator allowed is posted to, and checked against the certificate', async () => {
    const { receiver, attempts, url } = await stage(() => undefined);
    expect(await attempts.make({ url: url(PUBLIC) })).toMatchObject({ outcome: 'success' });
    expect(receiver.requests).toHaveLength(1);
  });
});

test('an open, a closed and a filtered port of a refused address look the same', async () => {
  const { receiver, sink, attempts } = await stage(() => undefined);
  const closed = await startRawReceiver(() => undefined, { transport: 'tcp' });
  await closed.close();
  const urls = [
    `https://${INSIDE}:${receiver.port}/`,
    `https://${INSIDE}:${closed.port}/`,
    'https://10.255.255.1:8443/',
  ];
  for (const url of urls) {
    const result = await attempts.make({ url });
    expect({ ...result, attemptId: '', startedAt: 0, durationMs: 0, elapsedMs: 0, timing: '' }).toEqual({
      kind: 'made',
      attemptId: '',
      startedAt: 0,
      durationMs: 0,
      elapsedMs: 0,
      responseBody: null,
      responseTruncated: false,
      responseHeaders: null,
      timing: '',
      remoteAddress: null,
      sentAtS: null,
      retryAfterMs: null,
      ...BLOCKED,
    });
    expect(result.timing).toMatch(/^\d+ - - -$/);
    expect(result.durationMs).toBeLessThan(200);
  }
  expect(sink.connections).toBe(0);
});

describe('the check before a URL is stored', () => {
  async function check(host: string, answer: DnsAnswer | undefined, allowHosts: string[] = []) {
    const dns = await startDnsServer(() => answer);
    cleanups.push(dns.close);
    const guard = new Guard({ allowNetworks: [`${PUBLIC}/32`], allowHosts, dnsServers: [dns.address] });
    cleanups.push(() => Promise.resolve(guard.close()));
    return guard.check(host);
  }

  test('knows allowed, refused and unresolved names', async () => {
    expect(await check('hook.example.com', [PUBLIC])).toBe('allowed');
    expect(await check('hook.example.com', [PUBLIC, INSIDE])).toBe('refused');
    expect(await check('hook.example.com', undefined)).toBe('unresolved');
    expect(await check('hook.example.com', 'servfail')).toBe('unresolved');
    expect(await check('127.0.0.1', undefined)).toBe('refused');
    expect(await check('[::1]', undefined)).toBe('refused');
    expect(await check(PUBLIC, undefined)).toBe('allowed');
  });

  test('gives up on a silent name server after two seconds', async () => {
    const startedAt = performance.now();
    expect(await check('hook.example.com', 'silence')).toBe('unresolved');
    expect(performance.now() - startedAt).toBeLessThan(2_500);
  });

  test('resolves an allowed name as the system does, and judges its address all the same', async () => {
    expect(await check('localhost', [PUBLIC], ['localhost'])).toBe('refused');
  });
});
