import { type AddressInfo, createServer, type Socket } from 'node:net';
import process from 'node:process';
import type { TlsOptions } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import type { AttemptMade } from '../../src/engine/dispatch/attempt-order.ts';
import { startAttempts } from '../support/attempts.ts';
import { type CertificateWish, issueCertificate } from '../support/certificates.ts';
import { startDnsServer } from '../support/dns-server.ts';
import { startRawReceiver } from '../support/raw-receiver.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const DAY_MS = 86_400_000;
const RIGHT: CertificateWish = { names: ['hook.example.com'], addresses: ['127.0.0.2'] };
const ok = (socket: Socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');

interface Setting {
  wish?: CertificateWish;
  tls?: TlsOptions;
  host?: string;
  transport?: 'tls' | 'tcp';
}

/** One attempt at a TLS server set up like this, and what of the request it could read. */
async function attempt({ wish = RIGHT, tls, host = 'hook.example.com', transport = 'tls' }: Setting) {
  const receiver = await startRawReceiver(ok, {
    host: '127.0.0.2',
    transport,
    certificate: await issueCertificate(wish),
    ...(tls === undefined ? {} : { tls }),
  });
  const dns = await startDnsServer(() => ['127.0.0.2']);
  const attempts = await startAttempts({ dnsServers: [dns.address] });
  cleanups.push(receiver.close, dns.close, attempts.close);
  const result: AttemptMade = await attempts.make({ url: `https://${host}:${receiver.port}/secret-path` });
  return { ...result, received: receiver.received().toString('latin1') };
}

describe('a receiver is posted to', () => {
  test.each<[string, Setting]>([
    ['TLS 1.3', { tls: { minVersion: 'TLSv1.3' } }],
    ['TLS 1.2', { tls: { maxVersion: 'TLSv1.2' } }],
    ['a wildcard for its name', { wish: { names: ['*.example.com'] } }],
    ['its address in the certificate, when the URL has an address', { host: '127.0.0.2' }],
    ['no notion of ALPN', { tls: { ALPNProtocols: [] } }],
  ])('with %s', async (_what, setting) => {
    const result = await attempt(setting);
    expect(result).toMatchObject({ outcome: 'success', error: null });
    expect(result.received).toContain('POST /secret-path HTTP/1.1');
  });
});

describe('a receiver gets not one byte of the request', () => {
  test.each<[string, string, Setting]>([
    ['an expired certificate', 'expired', { wish: { ...RIGHT, notAfter: new Date(Date.now() - 1000) } }],
    [
      'a certificate that is not valid yet',
      'not valid yet',
      { wish: { ...RIGHT, notBefore: new Date(Date.now() + DAY_MS / 2) } },
    ],
    ['a self-signed certificate', 'self-signed', { wish: { ...RIGHT, selfSigned: true } }],
    ['a missing intermediate certificate', 'incomplete', { wish: { ...RIGHT, missingIntermediate: true } }],
    ["another host's certificate", 'not for this host', { wish: { names: ['other.example.com'] } }],
    ['a name only in the common name', 'not for this host', { wish: { commonNameOnly: 'hook.example.com' } }],
    ['a wildcard for a whole top-level domain', 'not for this host', { wish: { names: ['*.com'] } }],
    ['a wildcard over two labels', 'not for this host', { wish: { names: ['*.com', '*'] } }],
    [
      'a certificate without its address, when the URL has an address',
      'not for this host',
      { wish: { names: ['hook.example.com'] }, host: '127.0.0.2' },
    ],
    [
      'a weak key',
      'TLS failed',
      { wish: { ...RIGHT, weakKey: true }, tls: { ciphers: 'DEFAULT@SECLEVEL=0' } },
    ],
    ['a SHA-1 signature', 'TLS failed', { wish: { ...RIGHT, weakHash: true } }],
    [
      'TLS 1.1',
      'TLS failed',
      { tls: { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } },
    ],
    [
      'no common cipher',
      'TLS failed',
      { tls: { maxVersion: 'TLSv1.2', ciphers: 'aNULL:eNULL:@SECLEVEL=0' } },
    ],
    ['HTTP/2 only', 'TLS failed', { tls: { ALPNProtocols: ['h2'] } }],
    ['no TLS at all', 'TLS failed', { transport: 'tcp', tls: {} }],
  ])('with %s', async (_what, reason, setting) => {
    const result = await attempt(setting);
    if (setting.transport === 'tcp') return expectStall(result);
    expect(result).toMatchObject({
      outcome: 'tls',
      statusCode: null,
      error: expect.stringContaining(reason),
    });
    expect(result.received).toBe('');
  });

  function expectStall(result: AttemptMade & { received: string }) {
    // It waits for the end of an HTTP head that never comes, and we for the end of a handshake.
    expect(result).toMatchObject({ outcome: 'timeout', statusCode: null });
    expect(result.received).not.toContain('secret-path');
  }
});

test('a receiver that answers a handshake in plain HTTP is a TLS error', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined).resume();
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.2', resolve));
  cleanups.push(() => new Promise((resolve) => server.close(() => resolve())));
  const attempts = await startAttempts();
  cleanups.push(attempts.close);
  const { port } = server.address() as AddressInfo;
  expect(await attempts.make({ url: `https://127.0.0.2:${port}/` })).toMatchObject({ outcome: 'tls' });
});

test.each([
  ['TLSv1.2', 'tls'],
  // With TLS 1.3 the handshake is over for us before the server can object; this one just hangs up then.
  ['TLSv1.3', 'connect'],
] as const)('a receiver that wants a client certificate with %s fails as %s', async (version, outcome) => {
  const tls = { requestCert: true, rejectUnauthorized: true, minVersion: version, maxVersion: version };
  const result = await attempt({ tls });
  expect(result).toMatchObject({ outcome, statusCode: null });
  expect(result.received).toBe('');
});

test('a certificate is checked whatever the environment says', async () => {
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  cleanups.push(async () => void delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']);
  expect(await attempt({ wish: { ...RIGHT, selfSigned: true } })).toMatchObject({ outcome: 'tls' });
});
