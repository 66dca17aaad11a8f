import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEY_SEED_BYTES } from '../../src/domain/key-pair.ts';
import type { ApiAnswer, ApiClient } from '../support/api-client.ts';
import type { RunningApp } from './running-app.ts';
import { startContractApp } from './running-app.ts';

const URL = 'https://receiver.velahook-example.com/hook';
const PATH = '/integrations/webhooks';
const MASK = '********';
const CANARY = 'canary-value-of-a-header';

interface Shown extends Record<string, unknown> {
  _id: string;
  publicKey: string | null;
  previousPublicKey: string | null;
  rotationEndsAt: string | null;
  headers: Record<string, string>;
  secret?: string;
}

let running: RunningApp;
let api: ApiClient;

beforeAll(async () => {
  running = await startContractApp();
  api = running.api;
});
afterAll(() => running.stop());

async function create(fields: Record<string, unknown> = {}): Promise<Shown> {
  return (await api.subscribe({ url: URL, events: ['*'], ...fields })) as unknown as Shown;
}

async function call(method: string, path: string, body?: unknown): Promise<Shown> {
  return (await api.ok<{ subscription: Shown }>(method, `${PATH}/${path}`, body)).subscription;
}

function errorsOf(answer: ApiAnswer): [number, string[]] {
  return [answer.status, (answer.body.error?.details?.errors ?? []).map(({ path }) => path)];
}

describe('a rotation', () => {
  const reveal = (id: string) => api.ok<Record<string, string | null>>('GET', `${PATH}/${id}/secret`);

  it('brings a generated secret, shown at once and on demand, and says until when the old one signs', async () => {
    const { _id, secret: first } = await create();
    const rotated = await call('POST', `${_id}/secret/rotate`);
    expect(rotated.secret).toMatch(/^whsec_/);
    expect(rotated.secret).not.toBe(first);
    const { rotationEndsAt } = rotated;
    const hours = (Date.parse(String(rotationEndsAt)) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(23.9);
    expect(hours).toBeLessThanOrEqual(24);
    expect(await reveal(_id)).toEqual({ secret: rotated.secret, previousSecret: first, rotationEndsAt });
    expect(await call('GET', _id)).toMatchObject({ rotationEndsAt, hasSecret: false });
  });

  it('takes a given secret and an overlap, and is finished by request, as often as it is asked for', async () => {
    const { _id } = await create({ secret: 'the-first-secret' });
    const rotated = await call('POST', `${_id}/secret/rotate`, {
      secret: 'the-next-secret!',
      overlapHours: 1,
    });
    expect(rotated).not.toHaveProperty('secret');
    expect(rotated).toMatchObject({ hasSecret: true, secretHint: 'ret!' });
    expect(await call('POST', `${_id}/secret/rotate/finish`)).toMatchObject({ rotationEndsAt: null });
    expect(await call('POST', `${_id}/secret/rotate/finish`, {})).toMatchObject({ rotationEndsAt: null });
    expect(await reveal(_id)).toEqual({
      secret: 'the-next-secret!',
      previousSecret: null,
      rotationEndsAt: null,
    });
  });

  it('is over at once without overlap, and ended by a secret that is simply set', async () => {
    const { _id } = await create();
    const atOnce = await call('POST', `${_id}/secret/rotate`, { overlapHours: 0 });
    expect(atOnce.rotationEndsAt).toBeNull();
    await call('POST', `${_id}/secret/rotate`);
    expect((await call('PATCH', _id, { secret: 'simply-set-secret' })).rotationEndsAt).toBeNull();
    expect(await reveal(_id)).toMatchObject({ secret: 'simply-set-secret', previousSecret: null });
  });

  it('warns of a short secret and refuses what is not one', async () => {
    const { _id } = await create({ secret: 'the-first-secret' });
    const rotate = (body: unknown) => api.call('POST', `${PATH}/${_id}/secret/rotate`, body);
    expect(errorsOf(await rotate({ secret: 'the-first-secret' }))).toEqual([422, ['secret']]);
    expect(errorsOf(await rotate({ secret: 'ü', overlapHours: 169 }))).toEqual([
      422,
      expect.arrayContaining(['secret', 'overlapHours']),
    ]);
    expect(errorsOf(await rotate({ overlapHours: 0.5, more: 1 }))[0]).toBe(422);
    const short = await rotate({ secret: 'short' });
    expect(JSON.stringify(short.body.data)).toMatch(/The secret is short/);
  });

  it('and what it shows are for those who may write', async () => {
    const { _id } = await create();
    const reader = await running.addToken({ scopes: ['integrations:read', 'events:read'] });
    const calls: [string, string][] = [
      ['GET', 'secret'],
      ['POST', 'secret/rotate'],
      ['POST', 'secret/rotate/finish'],
    ];
    for (const [method, path] of calls) {
      const answer = await reader.call(method, `${PATH}/${_id}/${path}`);
      expect([path, answer.status]).toEqual([path, 403]);
      const other = await api.call(method, `${PATH}/${'f'.repeat(24)}/${path}`);
      expect([path, other.status]).toEqual([path, 404]);
    }
    expect((await api.call('GET', `${PATH}/${_id}/secret`)).headers.get('cache-control')).toBe('no-store');
  });
});

it('is in the audit log, with every look at a secret', async () => {
  const { _id } = await create();
  await call('POST', `${_id}/secret/rotate`, { secret: 'a-secret-for-the-log', overlapHours: 2 });
  await api.ok('GET', `${PATH}/${_id}/secret`);
  await call('POST', `${_id}/secret/rotate/finish`);
  await call('POST', `${_id}/secret/rotate/finish`);
  const { items } = await api.ok<{ items: { action: string; fields: string[] }[] }>(
    'GET',
    `/audit?targetId=${_id}`,
  );
  expect(items.map(({ action, fields }) => [action, fields])).toEqual([
    ['subscription.secret_rotation_finished', []],
    ['subscription.secret_revealed', []],
    ['subscription.secret_rotated', ['secret', 'overlapHours']],
    ['subscription.created', ['url', 'events']],
  ]);
  expect(JSON.stringify(items)).not.toContain('for-the-log');
});

describe('ed25519', () => {
  it('shows a public key, another one after a rotation, and none when it is off', async () => {
    const { _id, publicKey, ...rest } = await create({ ed25519: true });
    expect(rest).toMatchObject({ ed25519: true, previousPublicKey: null });
    expect(publicKey).toMatch(/^whpk_/);
    expect(Buffer.from(String(publicKey).slice(5), 'base64')).toHaveLength(KEY_SEED_BYTES);
    expect((await call('PATCH', _id, { ed25519: true })).publicKey).toBe(publicKey);
    const rotated = await call('POST', `${_id}/secret/rotate`);
    expect(rotated.previousPublicKey).toBe(publicKey);
    expect(rotated.publicKey).not.toBe(publicKey);
    const off = await call('PATCH', _id, { ed25519: false });
    expect(off).toMatchObject({ ed25519: false, publicKey: null });
    expect(await create()).toMatchObject({ ed25519: false, publicKey: null });
    expect(errorsOf(await api.call('PATCH', `${PATH}/${_id}`, { publicKey: 'whpk_x' }))).toEqual([
      422,
      ['publicKey'],
    ]);
  });
});

describe('headers', () => {
  it('are shown masked, kept where the mask comes back, and nowhere in clear', async () => {
    const { _id, headers } = await create({ headers: { Authorization: CANARY, 'X-Tenant': 'a b' } });
    expect(headers).toEqual({ Authorization: MASK, 'X-Tenant': MASK });
    const kept = await call('PATCH', _id, { headers: { authorization: MASK, 'x-other': 'c' } });
    expect(kept.headers).toEqual({ authorization: MASK, 'x-other': MASK });
    const found = await running.app.store.findSubscription(api.access.workspaceId, _id);
    expect(found?.headers?.names).toEqual(['authorization', 'x-other']);
    expect((await call('PATCH', _id, { description: 'same' })).headers).toEqual(kept.headers);
    for (const bytes of await running.stored()) expect(bytes.includes(CANARY)).toBe(false);
    expect(running.logged()).not.toContain(CANARY);
    expect((await call('PATCH', _id, { headers: null })).headers).toEqual({});
    // An object that cannot be made a string of.
    const odd = await api.call('PATCH', `${PATH}/${_id}`, { headers: { 'x-odd': { toString: 1 } } });
    expect(errorsOf(odd)).toEqual([422, ['headers.x-odd']]);
    expect(errorsOf(await api.call('PATCH', `${PATH}/${_id}`, { headers: { authorization: MASK } }))).toEqual(
      [422, ['headers.authorization']],
    );
  });

  it.each([
    ['ours', { 'X-Webhook-Event': 'x', 'WEBHOOK-id': 'x', 'content-TYPE': 'x', 'User-Agent': 'x' }],
    ['of the connection', { Host: 'x', Connection: 'x', TE: 'x', 'Transfer-Encoding': 'x', Upgrade: 'x' }],
    ['of proxies', { 'Proxy-Authorization': 'x', 'keep-alive': 'x', Expect: 'x', 'Content-Length': '1' }],
    ['no names', { '': 'x', 'a b': 'x', 'a:': 'x', ü: 'x', [`a${'b'.repeat(64)}`]: 'x', 'a\r\nb': 'x' }],
    [
      'no values',
      {
        a: '',
        b: ' x',
        c: 'x ',
        d: 'a\r\nX-Evil: 1',
        e: 'a\0b',
        f: 'ü',
        g: 'a\u010d\u010ab',
        h: 'x'.repeat(2_049),
      },
    ],
    ['not text', { a: 1, b: null, c: ['x'] }],
  ])('that are %s are refused, all at once', async (_what, headers) => {
    const answer = await api.call('POST', PATH, { url: URL, events: ['*'], headers });
    expect(answer.status).toBe(422);
    const paths = new Set(errorsOf(answer)[1]);
    expect(paths.size).toBe(Object.keys(headers).length);
  });

  it('are bounded, and given once each', async () => {
    const many = Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`x-${i}`, 'v']));
    const long = Object.fromEntries(Array.from({ length: 4 }, (_, i) => [`x-${i}`, 'v'.repeat(2_000)]));
    for (const headers of [many, long])
      expect(errorsOf(await api.call('POST', PATH, { url: URL, events: ['*'], headers }))).toEqual([
        422,
        ['headers'],
      ]);
    const twice = { 'X-A': '1', 'x-a': '2' };
    expect(errorsOf(await api.call('POST', PATH, { url: URL, events: ['*'], headers: twice }))).toEqual([
      422,
      ['headers.x-a'],
    ]);
  });
});
