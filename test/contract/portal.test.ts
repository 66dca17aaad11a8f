import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Keyring } from '../../src/lib/keyring.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { SealedValue } from '../../src/management/sealed-value.ts';
import { ApiClient } from '../support/api-client.ts';
import { BrowserSession } from '../support/browser-session.ts';
import { ENCRYPTION_KEY } from '../support/test-store.ts';
import type { RunningApp } from './running-app.ts';
import { ADMIN_TOKEN, startContractApp } from './running-app.ts';

const HOOKS = '/integrations/webhooks';
const HOOK = { url: 'https://receiver.velahook-example.com/', events: ['*'] };
const PUBLIC_URL = 'http://hooks.velahook-example.com';
const SCOPES_DEFAULT = ['integrations:read', 'integrations:write', 'events:read', 'deliveries:read'];

interface Link {
  url: string;
  expiresAt: string;
  scopes: string[];
}

interface Granted {
  bearer: string;
  workspaceId: string;
  workspaceName: string;
  expiresAt: string;
  scopes: string[];
  portal: unknown;
}

let running: RunningApp;
/** A workspace of its own for each test. */
let api: ApiClient;
beforeAll(async () => {
  running = await startContractApp({
    VELAHOOK_ENCRYPTION_KEY: ENCRYPTION_KEY,
    VELAHOOK_PUBLIC_URL: PUBLIC_URL,
    VELAHOOK_RATE_LIMITS: 'on',
  });
});
beforeEach(async () => {
  api = await running.addWorkspace();
});
afterAll(() => running.stop());

async function makeLink(body?: unknown, by: ApiClient = api): Promise<Link> {
  return (await by.ok<{ link: Link }>('POST', '/portal/links', body)).link;
}

async function exchange(code: string): Promise<{ status: number; granted: Granted | undefined }> {
  const response = await fetch(`${running.app.url}/api/v1/portal/exchange`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  });
  const { data } = (await response.json()) as { data?: Granted };
  return { status: response.status, granted: data };
}

function codeOf({ url }: Link): string {
  return new URL(url).hash.slice(1);
}

/** Whoever has opened the link. */
async function visit(link: Link): Promise<ApiClient> {
  const { granted } = await exchange(codeOf(link));
  const { bearer = '', workspaceId = '' } = granted ?? {};
  return new ApiClient({ url: running.app.url, workspaceId, token: bearer });
}

function as(client: ApiClient, more: Partial<ApiClient['access']>): ApiClient {
  return new ApiClient({ ...client.access, ...more });
}

/** As this installation seals codes and bearers. */
function seal(purpose: string, issuer: string, workspaceId: string, expiresAt: number): string {
  const keyring = new Keyring([Buffer.from(ENCRYPTION_KEY, 'hex')], systemRandom);
  return new SealedValue(keyring, purpose, 1_000).seal([issuer, workspaceId, expiresAt, [0, 2]]);
}

async function issuerOf({ access }: ApiClient): Promise<string> {
  const path = `/tokens?workspaceId=${access.workspaceId}`;
  return (await running.admin.ok<{ items: { _id: string }[] }>('GET', path)).items[0]?._id ?? '';
}

describe('a link to the portal', () => {
  test('is exchanged, as often as the page is loaded, for what shows the workspace', async () => {
    const link = await makeLink({});
    const { workspaceId } = api.access;
    expect(link.url).toMatch(new RegExp(`^${PUBLIC_URL}/portal/${workspaceId}#[\\w-]{100,230}$`));
    expect(link.scopes).toEqual(SCOPES_DEFAULT);
    const minutes = (Date.parse(link.expiresAt) - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(59);
    expect(minutes).toBeLessThanOrEqual(60);
    for (const _ of [1, 2])
      expect((await exchange(codeOf(link))).granted).toEqual({
        bearer: expect.stringMatching(/^sk_portal_[\w-]+$/),
        workspaceId,
        workspaceName: 'other',
        expiresAt: link.expiresAt,
        scopes: SCOPES_DEFAULT,
        portal: null,
      });
    const visitor = await visit(link);
    expect((await visitor.call('POST', HOOKS, HOOK)).status).toBe(201);
    const { eventId } = await api.publish('crm.lead.created', {});
    for (const path of [HOOKS, '/events', `/events/${eventId}`, '/deliveries', '/event-types', '/stream'])
      expect([path, (await visitor.call('GET', path)).status]).toEqual([path, 200]);
    expect((await visitor.call('GET', '/event-types/customer.created')).status).toBe(200);
  });

  test('comes with the platform’s looks, and not with who may frame it', async () => {
    const look = {
      title: 'Acme webhooks',
      logoUrl: 'https://acme.example.com/logo.svg',
      primaryColor: '#1f6feb',
    };
    const portal = { ...look, frameAncestors: ['https://app.example.com'] };
    await api.ok('PATCH', '/workspace/settings', { portal });
    expect((await exchange(codeOf(await makeLink()))).granted?.portal).toEqual(look);
  });

  test('does what it is said to, and never what is the workspace’s own', async () => {
    const few = await visit(await makeLink({ scopes: ['integrations:read'], expiresInMinutes: 5 }));
    expect((await few.call('GET', HOOKS)).status).toBe(200);
    expect((await few.call('POST', HOOKS, HOOK)).body.error?.message).toContain('integrations:write');
    const all = await visit(await makeLink({ scopes: [...SCOPES_DEFAULT, 'deliveries:write'] }));
    for (const [method, path] of [
      ['GET', '/audit'],
      ['GET', '/workspace/settings'],
      ['PATCH', '/workspace/settings'],
      ['GET', '/erasures'],
      ['POST', '/events'],
      ['POST', '/event-types'],
      ['POST', '/portal/links'],
      ['GET', '/tokens'],
      ['GET', '/workspaces'],
      ['GET', '/admin/audit'],
    ] as const)
      expect([path, (await all.call(method, path, method === 'GET' ? undefined : {})).status]).toEqual([
        path,
        403,
      ]);
  });

  test('gives no more than its maker has, nor what no link may give', async () => {
    const { workspaceId } = api.access;
    const scopes = ['integrations:write', 'deliveries:read'] as const;
    const maker = await running.addToken({ workspaceId, scopes });
    expect((await makeLink(undefined, maker)).scopes).toEqual(scopes);
    const more = await maker.call('POST', '/portal/links', { scopes: ['integrations:write', 'events:read'] });
    expect([more.status, more.body.error?.message]).toEqual([403, expect.stringContaining('events:read')]);
    const reader = await running.addToken({ workspaceId, scopes: ['integrations:read'] });
    expect((await reader.call('POST', '/portal/links')).status).toBe(403);
    const wrong = await api.call('POST', '/portal/links', {
      scopes: ['audit:read'],
      expiresInMinutes: 4,
      to: 1,
    });
    expect(wrong.status).toBe(422);
    expect(wrong.body.error?.details?.errors.map(({ path }) => path).toSorted()).toEqual([
      'expiresInMinutes',
      'scopes[0]',
      'to',
    ]);
    for (const body of [
      { expiresInMinutes: 1_441 },
      { scopes: [] },
      { scopes: ['events:read', 'events:read'] },
    ])
      expect((await api.call('POST', '/portal/links', body)).status).toBe(422);
  });

  test('is written down, and what is done by it names whose it was', async () => {
    const visitor = await visit(await makeLink({ expiresInMinutes: 5 }));
    await visitor.ok('POST', HOOKS, HOOK);
    const { items } = await api.ok<{ items: { action: string; fields: string[]; actor: object }[] }>(
      'GET',
      '/audit',
    );
    expect(items).toMatchObject([
      { action: 'subscription.created', actor: { kind: 'token', tokenName: 'test', via: 'portal' } },
      { action: 'portal.link_created', fields: ['expiresInMinutes'], actor: { kind: 'token' } },
    ]);
    expect(items[1]?.actor).not.toHaveProperty('via');
  });

  test('of the administrator is of one workspace, while that is there', async () => {
    const admin = await BrowserSession.start(running.app.url, ADMIN_TOKEN);
    const { workspaceId } = api.access;
    const made = await admin.call('POST', '/portal/links', {}, { 'x-workspace-id': workspaceId });
    expect(made.status).toBe(201);
    const link = made.body.data?.['link'] as Link;
    const visitor = await visit(link);
    expect((await visitor.call('POST', HOOKS, HOOK)).status).toBe(201);
    expect(
      (await as(visitor, { workspaceId: running.api.access.workspaceId }).call('GET', HOOKS)).status,
    ).toBe(403);
    const { items } = await api.ok<{ items: { actor: object }[] }>(
      'GET',
      '/audit?action=subscription.created',
    );
    expect(items.map(({ actor }) => actor)).toEqual([{ kind: 'admin', via: 'portal' }]);
    await running.admin.ok('DELETE', `/workspaces/${workspaceId}`);
    expect((await visitor.call('GET', HOOKS)).status).toBe(401);
    expect((await exchange(codeOf(link))).status).toBe(401);
  });

  test('ends when it expires, and with the token it was made with', async () => {
    const link = await makeLink();
    const visitor = await visit(link);
    const issuer = await issuerOf(api);
    const { workspaceId } = api.access;
    const [past, soon] = [Date.now() - 1, Date.now() + 60_000];
    const bearer = (at: number) =>
      as(visitor, { token: `sk_portal_${seal('portal bearer', issuer, workspaceId, at)}` });
    expect((await bearer(soon).call('GET', HOOKS)).status).toBe(200);
    expect((await bearer(past).call('GET', HOOKS)).status).toBe(401);
    expect((await exchange(seal('portal code', issuer, workspaceId, soon))).status).toBe(200);
    expect((await exchange(seal('portal code', issuer, workspaceId, past))).status).toBe(401);
    const expiresAt = Date.now() + 120_000;
    const brief = await running.addToken({ workspaceId, expiresAt });
    expect(Date.parse((await makeLink(undefined, brief)).expiresAt)).toBe(expiresAt);
    await running.admin.ok('DELETE', `/tokens/${issuer}`);
    expect((await visitor.call('GET', HOOKS)).status).toBe(401);
    expect((await exchange(codeOf(link))).status).toBe(401);
    expect((await (await visit(await makeLink(undefined, brief))).call('GET', HOOKS)).status).toBe(200);
  });
});

describe('what a link is exchanged for', () => {
  test('is of its workspace, and counted apart', async () => {
    const visitor = await visit(await makeLink());
    const other = await running.addWorkspace();
    const elsewhere = as(visitor, { workspaceId: other.access.workspaceId });
    expect((await elsewhere.call('GET', HOOKS)).status).toBe(403);
    expect((await as(visitor, { workspaceId: '' }).call('GET', HOOKS)).status).toBe(400);
    const { headers } = await visitor.call('GET', HOOKS);
    expect(headers.get('x-ratelimit-limit')).toBe('3000');
    expect((await api.call('GET', HOOKS)).headers.get('x-ratelimit-remaining')).toBe('299');
  });

  test('is no code, no session, and a code is no bearer', async () => {
    const link = await makeLink();
    const code = codeOf(link);
    const visitor = await visit(link);
    const { token } = visitor.access;
    for (const text of [
      code,
      `sk_portal_${code}`,
      token.slice(0, -1),
      `${token}A`,
      token.replace('sk_portal_', ''),
    ])
      expect([text, (await as(visitor, { token: text }).call('GET', HOOKS)).status]).toEqual([text, 401]);
    for (const text of [token, token.replace('sk_portal_', ''), api.access.token, 'x', 'A'.repeat(900)])
      expect([text, (await exchange(text)).status]).toEqual([text, 401]);
    for (const text of [code, token])
      await expect(BrowserSession.start(running.app.url, text)).rejects.toThrow('401');
    const headers = { cookie: `velahook_session=${code}`, 'x-workspace-id': api.access.workspaceId };
    expect((await fetch(`${running.app.url}/api/v1${HOOKS}`, { headers })).status).toBe(401);
    expect(running.logged()).not.toContain(code);
  });
});

describe('checking a URL', () => {
  test('says what creating a subscription would, and stores nothing', async () => {
    const visitor = await visit(await makeLink({ scopes: ['integrations:read'] }));
    for (const url of ['http://example.com/', 'https://10.0.0.1/', 'https://user@x.local/#a', '']) {
      const checked = await visitor.ok<{ problems: { message: string }[] }>('POST', `${HOOKS}/check-url`, {
        url,
      });
      const created = await api.call('POST', HOOKS, { url, events: ['*'] });
      const messages = (created.body.error?.details?.errors ?? []).map(({ message }) => ({ message }));
      expect([url, checked.problems]).toEqual([url, messages]);
      expect(messages.length).toBeGreaterThan(0);
    }
    const fine = await visitor.ok('POST', `${HOOKS}/check-url`, { url: HOOK.url });
    expect(fine).toEqual({ problems: [] });
    expect((await api.call('POST', `${HOOKS}/check-url`, { url: 1 })).status).toBe(422);
    expect(await api.ok('GET', HOOKS)).toMatchObject({ items: [] });
  });
});
