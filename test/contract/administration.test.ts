import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiClient } from '../support/api-client.ts';
import type { RunningApp } from './running-app.ts';
import { ADMIN_TOKEN, startContractApp } from './running-app.ts';

const NOBODY = 'f'.repeat(24);
const HOOK = 'https://receiver.velahook-example.com/hook';

interface Token {
  _id: string;
  token: string;
  status: string;
  lastUsedAt: string | null;
}

interface List<T> {
  items: T[];
  pagination: { total: number };
}

let running: RunningApp;
let admin: ApiClient;

beforeAll(async () => {
  running = await startContractApp();
  admin = running.admin;
});
afterAll(() => running.stop());

async function makeWorkspace(name = 'Acme'): Promise<string> {
  const { workspace } = await admin.ok<{ workspace: { _id: string } }>('POST', '/workspaces', { name });
  return workspace._id;
}

async function makeToken(workspaceId: string, more: object = {}): Promise<Token> {
  const draft = { workspaceId, name: 'CI', scopes: ['events:read'], ...more };
  return (await admin.ok<{ token: Token }>('POST', '/tokens', draft)).token;
}

function clientOf(workspaceId: string, { token }: Token): ApiClient {
  return new ApiClient({ url: running.app.url, workspaceId, token });
}

describe('workspaces', () => {
  it('are made, shown, listed, searched and renamed', async () => {
    const answer = await admin.call('POST', '/workspaces', { name: 'Umbrella' });
    expect(answer.status).toBe(201);
    const { workspace } = answer.body.data as { workspace: { _id: string; createdAt: string } };
    expect(workspace).toEqual({
      _id: expect.stringMatching(/^[0-9a-f]{24}$/),
      name: 'Umbrella',
      createdAt: expect.any(String),
      updatedAt: workspace.createdAt,
    });
    const path = `/workspaces/${workspace._id}`;
    expect(await admin.ok('GET', path)).toEqual({ workspace });
    const renamed = await admin.ok<{ workspace: object }>('PATCH', path, { name: 'Umbrella Corp' });
    expect(renamed.workspace).toMatchObject({ _id: workspace._id, name: 'Umbrella Corp' });
    const list = await admin.ok<List<object>>('GET', '/workspaces?search=umbrella&sortBy=name');
    expect(list).toEqual({
      items: [renamed.workspace],
      pagination: { page: 1, limit: 20, total: 1, totalPages: 1 },
    });
  });

  it('need a name', async () => {
    for (const body of [{}, { name: '' }, { name: 'x'.repeat(101) }, { name: 1 }, { name: 'x', _id: NOBODY }])
      expect([body, (await admin.call('POST', '/workspaces', body)).status]).toEqual([body, 422]);
    const path = `/workspaces/${await makeWorkspace()}`;
    expect((await admin.call('PATCH', path, { name: '' })).status).toBe(422);
    expect((await admin.call('PATCH', path, {})).status).toBe(200);
    for (const id of [NOBODY, 'x'])
      for (const [method, body] of [['GET'], ['PATCH', { name: 'x' }], ['DELETE']] as const)
        expect((await admin.call(method, `/workspaces/${id}`, body)).status).toBe(404);
  });

  it('that are deleted take their tokens and subscriptions with them, and what is pending', async () => {
    const id = await makeWorkspace();
    const token = await makeToken(id, {
      scopes: ['events:write', 'deliveries:read', 'integrations:write', 'integrations:read'],
    });
    const client = clientOf(id, token);
    await client.subscribe({ url: HOOK, events: ['*'] });
    const { eventId } = await client.publish('customer.created', {});
    expect(await admin.ok('DELETE', `/workspaces/${id}`)).toEqual({ deleted: true, _id: id });
    await expect.poll(async () => (await client.call('GET', '/deliveries')).status).toBe(401);
    await expect
      .poll(async () => (await running.app.store.listDeliveries(id, { eventId, limit: 1 })).items)
      .toMatchObject([{ state: 'cancelled', subscriptionStatus: 'deleted' }]);
    expect((await admin.call('GET', `/workspaces/${id}`)).status).toBe(404);
    expect((await admin.call('DELETE', `/workspaces/${id}`)).status).toBe(404);
    expect((await admin.call('GET', `/tokens?workspaceId=${id}`)).status).toBe(404);
    const refused = await admin.call('POST', '/tokens', {
      workspaceId: id,
      name: 'x',
      scopes: ['events:read'],
    });
    expect(refused.body.error?.details?.errors).toMatchObject([{ path: 'workspaceId' }]);
    const { items } = await admin.ok<List<{ action: string }>>('GET', `/admin/audit?workspaceId=${id}`);
    expect(items[0]).toMatchObject({ action: 'workspace.deleted', actor: { kind: 'admin' } });
  });
});

it('a call let in just before its workspace was deleted is answered as it will be from then on', async () => {
  const id = await makeWorkspace();
  const scopes = ['events:read', 'events:write', 'integrations:write', 'integrations:read'];
  const client = clientOf(id, await makeToken(id, { scopes }));
  const { _id } = await client.subscribe({ url: HOOK, events: ['*'] });
  // As another node does it: the token is remembered here for up to a second.
  await running.app.store.deleteWorkspace(id, Date.now());
  const event = { eventType: 'customer.created', data: {} };
  const calls = [
    ['/integrations/webhooks', { url: HOOK, events: ['*'] }],
    ['/events', event],
    ['/events', { ...event, eventId: 'mine' }],
    ['/events/batch', { events: [event, event] }],
  ] as const;
  const answers = await Promise.all(calls.map(([path, body]) => client.call('POST', path, body)));
  for (const { status, body, headers } of answers) {
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(body.error?.message).toContain('The workspace of this token was deleted');
  }
  expect((await client.call('GET', `/integrations/webhooks/${_id}`)).status).not.toBe(500);
  expect((await running.app.store.listEvents(id, { limit: 5 })).items).toEqual([]);
});

it('where a workspace is deleted, its tokens end at once', async () => {
  const id = await makeWorkspace();
  const client = clientOf(id, await makeToken(id));
  expect((await client.call('GET', '/events')).status).toBe(200);
  await admin.ok('DELETE', `/workspaces/${id}`);
  expect((await client.call('GET', '/events')).status).toBe(401);
});

describe('tokens', () => {
  it('are shown whole once, and never again', async () => {
    const id = await makeWorkspace();
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const made = await makeToken(id, { mode: 'test', expiresAt });
    expect(made.token).toMatch(/^sk_test_[0-9A-Za-z]{43}$/);
    const { token: whole, ...shown } = made;
    expect(shown).toEqual({
      _id: expect.any(String),
      workspaceId: id,
      name: 'CI',
      prefix: whole.slice(0, 16),
      scopes: ['events:read'],
      status: 'active',
      createdAt: expect.any(String),
      expiresAt,
      revokedAt: null,
      lastUsedAt: null,
    });
    const list = await admin.call('GET', `/tokens?workspaceId=${id}`);
    expect((list.body.data as unknown as List<object>).items).toEqual([shown]);
    expect(await admin.ok('GET', `/tokens/${made._id}`)).toEqual({ token: shown });
    expect(list.text).not.toContain(whole);
    expect(Buffer.concat(await running.stored()).includes(whole)).toBe(false);
    expect(running.logged()).not.toContain(whole);
  });

  it('do what their scopes say, until they are revoked or expire', async () => {
    const id = await makeWorkspace();
    const token = await makeToken(id);
    const client = clientOf(id, token);
    expect((await client.call('GET', '/events')).status).toBe(200);
    expect((await client.call('GET', '/deliveries')).body.error?.message).toContain('deliveries:read');
    expect(await admin.ok('DELETE', `/tokens/${token._id}`)).toEqual({ deleted: true, _id: token._id });
    expect((await client.call('GET', '/events')).status).toBe(401);
    expect((await admin.call('DELETE', `/tokens/${token._id}`)).status).toBe(200);
    expect(await admin.ok('GET', `/tokens/${token._id}`)).toMatchObject({ token: { status: 'revoked' } });
    const soon = await makeToken(id, { expiresAt: new Date(Date.now() + 400).toISOString() });
    expect((await clientOf(id, soon).call('GET', '/events')).status).toBe(200);
    await expect.poll(async () => (await clientOf(id, soon).call('GET', '/events')).status).toBe(401);
    expect(await admin.ok('GET', `/tokens/${soon._id}`)).toMatchObject({ token: { status: 'expired' } });
    const { items } = await admin.ok<List<Token>>('GET', `/tokens?workspaceId=${id}&active=true`);
    expect(items).toEqual([]);
  });

  it('are refused with all that is wrong with them', async () => {
    const answer = await admin.call('POST', '/tokens', {
      workspaceId: 7,
      name: '',
      scopes: ['events:read', 'everything', 'events:read'],
      expiresAt: '2020-01-01T00:00:00.000Z',
      mode: 'prod',
      prefix: 'sk_live_mine',
    });
    expect(answer.status).toBe(422);
    const paths = new Set(answer.body.error?.details?.errors.map(({ path }) => path));
    for (const path of ['workspaceId', 'name', 'scopes[1]', 'scopes', 'expiresAt', 'mode', 'prefix'])
      expect([path, paths.has(path)]).toEqual([path, true]);
    expect((await admin.call('POST', '/tokens')).status).toBe(422);
    const unknown = { workspaceId: NOBODY, name: 'x', scopes: ['events:read'] };
    expect((await admin.call('POST', '/tokens', unknown)).body.error?.details?.errors).toMatchObject([
      { path: 'workspaceId' },
    ]);
    expect((await admin.call('POST', '/tokens', { ...unknown, scopes: [] })).status).toBe(422);
    expect((await admin.call('GET', '/tokens')).status).toBe(400);
    for (const id of [NOBODY, 'x']) {
      expect((await admin.call('GET', `/tokens/${id}`)).status).toBe(404);
      expect((await admin.call('DELETE', `/tokens/${id}`)).status).toBe(404);
    }
  });
});

describe('the admin token', () => {
  it('is the only one that administers, and does nothing else', async () => {
    const first = running.api;
    for (const path of ['/workspaces', '/tokens?workspaceId=x', '/admin/audit']) {
      expect([path, (await first.call('GET', path)).status]).toEqual([path, 403]);
      expect((await new ApiClient({ ...first.access, token: 'wrong' }).call('GET', path)).status).toBe(401);
      expect((await fetch(`${running.app.url}/api/v1${path}`)).status).toBe(401);
    }
    const asAdmin = new ApiClient({ ...first.access, token: ADMIN_TOKEN });
    expect((await asAdmin.call('GET', '/events')).status).toBe(401);
    expect((await asAdmin.call('GET', '/audit')).status).toBe(401);
  });

  it('leaves its traces', async () => {
    const id = await makeWorkspace('Traced');
    const token = await makeToken(id);
    await admin.ok('PATCH', `/workspaces/${id}`, { name: 'Traced 2' });
    await admin.ok('DELETE', `/tokens/${token._id}`);
    const { items } = await admin.ok<List<{ action: string; targetId: string; fields: string[] }>>(
      'GET',
      `/admin/audit?workspaceId=${id}`,
    );
    expect(items.map(({ action, targetId, fields }) => [action, targetId, fields])).toEqual([
      ['token.revoked', token._id, []],
      ['workspace.changed', id, ['name']],
      ['token.created', token._id, ['workspaceId', 'name', 'scopes']],
      ['workspace.created', id, ['name']],
    ]);
    const all = await admin.ok<List<object>>('GET', '/admin/audit?limit=4&actor=admin');
    expect(all.items).toEqual(items);
  });
});
