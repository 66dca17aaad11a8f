import { afterEach, describe, expect, test } from 'vitest';
import { printable } from '../../src/domain/printable.ts';
import {
  blameConnect,
  describeConnect,
  describeRequest,
  describeTls,
} from '../../src/engine/dispatch/failure.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { startAttempts } from '../support/attempts.ts';
import { startDnsServer } from '../support/dns-server.ts';
import { startReceiver } from '../support/receiver.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

function error(code: string, message = 'x'): Error {
  return Object.assign(new Error(message), { code });
}

async function resolveWith(dnsServers: string[], names: string[]) {
  const attempts = await startAttempts({ dnsServers });
  cleanups.push(attempts.close);
  return Promise.all(names.map((name) => attempts.result({ url: `https://${name}/` })));
}

describe('a fault of ours is no attempt:', () => {
  test('our resolver is not there', async () => {
    const dns = await startDnsServer(() => undefined);
    await dns.close();
    expect(await resolveWith([dns.address], ['hook.example.com'])).toMatchObject([
      { kind: 'not_made', error: 'Our DNS resolver cannot be reached.' },
    ]);
  });

  test('our resolver answers nobody', async () => {
    const silent = await startDnsServer(() => undefined, { isDead: true });
    cleanups.push(silent.close);
    const results = await resolveWith([silent.address], ['a.example.com', 'b.example.com', 'c.example.com']);
    for (const result of results)
      expect(result).toMatchObject({ kind: 'not_made', error: 'Our DNS resolver does not answer.' });
  });

  test.each(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'])('%s, whatever the address', (code) => {
    expect(blameConnect(error(code), '8.8.8.8', true)).toBe('ours');
    expect(blameConnect(error(code), '2606:4700::1', false)).toBe('ours');
  });

  test.each(['ENETUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL'])('%s for IPv4, said by our own kernel', (code) => {
    expect(blameConnect(error(code), '8.8.8.8', true)).toBe('ours');
  });
});

describe('the receiver is to blame', () => {
  test.each([
    ['does not exist', undefined, 'The host name has no address.'],
    ['has no address', [], 'The host name has no address.'],
    ['has a failing name server', 'servfail', 'The host name cannot be resolved (ESERVFAIL).'],
    ['has a refusing name server', 'refused', 'The host name cannot be resolved (EREFUSED).'],
  ] as const)('when its name %s', async (_what, answer, message) => {
    const dns = await startDnsServer(() =>
      answer === undefined || typeof answer === 'string' ? answer : [...answer],
    );
    cleanups.push(dns.close);
    expect(await resolveWith([dns.address], ['hook.example.com'])).toMatchObject([
      { outcome: 'dns', error: message },
    ]);
  });

  test('when its name servers are silent while others answer', async () => {
    const dns = await startDnsServer((name) => (name.startsWith('silent') ? 'silence' : undefined));
    cleanups.push(dns.close);
    const attempts = await startAttempts({ dnsServers: [dns.address] });
    cleanups.push(attempts.close);
    const result = await attempts.make({ url: 'https://silent.example.com/', timeoutMs: 10_000 });
    expect(result).toMatchObject({
      outcome: 'dns',
      error: "The host's name servers did not answer in time.",
    });
    expect(result.durationMs).toBeLessThan(5_500);
  });

  test('when only its AAAA question is never answered, the attempt goes on with A', async () => {
    const dns = await startDnsServer((_name, type) => (type === 'A' ? ['127.0.0.1'] : 'silence'));
    cleanups.push(dns.close);
    const [result] = await resolveWith([dns.address], ['hook.example.com']);
    expect(result).toMatchObject({ outcome: 'blocked_address' });
  });

  test.each(['ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ECONNRESET'])('for %s', (code) => {
    expect(blameConnect(error(code), '8.8.8.8', true)).toBe('receiver');
  });

  test('when a router, not our kernel, says that its network is unreachable', () => {
    expect(blameConnect(error('ENETUNREACH'), '8.8.8.8', false)).toBe('receiver');
  });

  test('when it has IPv6 alone and we have none: its attempts run out', () => {
    expect(blameConnect(error('ENETUNREACH'), '2606:4700::1', true)).toBe('no_ipv6');
  });
});

describe('an error sentence', () => {
  test('escapes what cannot be printed, and is bounded', () => {
    expect(printable('a\u001b[31mb\r\n\u202ec\0', 300)).toBe('a\\u{1b}[31mb\\u{d}\\u{a}\\u{202e}c\\u{0}');
    expect(printable('x'.repeat(100_000), 300)).toHaveLength(300);
    expect(printable('\0'.repeat(100_000), 300).length).toBeLessThanOrEqual(300);
  });

  test('knows its outcome', () => {
    expect(describeConnect(error('ECONNREFUSED')).outcome).toBe('connect');
    expect(describeTls(error('ERR_SSL_X', 'wrong\nversion'))).toEqual({
      outcome: 'tls',
      error: 'TLS failed: wrong\\u{a}version (ERR_SSL_X).',
    });
    expect(describeRequest(error('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED')).outcome).toBe('tls');
    expect(describeRequest(error('ECONNRESET')).outcome).toBe('connect');
    expect(describeRequest(error('HPE_INVALID_CONSTANT')).outcome).toBe('protocol');
  });
});

test('an attempt that comes too late for the lease of its node is not made, and nothing of it is sent', async () => {
  const receiver = await startReceiver({ host: '127.0.0.2' });
  const attempts = await startAttempts();
  cleanups.push(receiver.close, attempts.close);
  const late = await attempts.result({ url: receiver.url('/late'), startBy: systemClock.monotonic() - 1 });
  expect(late).toMatchObject({ kind: 'not_made', error: expect.stringContaining('too late') as string });
  const url = receiver.url('/in-time');
  expect(await attempts.make({ url, startBy: systemClock.monotonic() + 5_000 })).toMatchObject({
    outcome: 'success',
  });
  expect(receiver.requests.map(({ path }) => path)).toEqual(['/in-time']);
});
