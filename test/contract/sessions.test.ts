import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Keyring } from '../../src/lib/keyring.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { SealedValue } from '../../src/management/sealed-value.ts';
import type { ApiClient } from '../support/api-client.ts';
import { BrowserSession } from '../support/browser-session.ts';
import { ENCRYPTION_KEY } from '../support/test-store.ts';
import type { RunningApp } from './running-app.ts';
import { ADMIN_TOKEN, sendRaw, startContractApp } from './running-app.ts';

const HOOKS = '/integrations/webhooks';
const HOOK = { url: 'https://receiver.velahook-example.com/', events: ['*'] };

let running: RunningApp;
let url: string;
let endOfStream: Promise<string> | undefined;
beforeAll(async () => {
  running = await startContractApp({ VELAHOOK_ENCRYPTION_KEY: ENCRYPTION_KEY, VELAHOOK_RATE_LIMITS: 'on' });
  ({ url } = running.app);
});
afterAll(() => running.stop());

function signIn(api: ApiClient = running.api, headers = {}): Promise<BrowserSession> {
  return BrowserSession.start(url, api.access.token, headers);
}

async function statusWith(browser: BrowserSession, cookie: string): Promise<number> {
  return (await browser.call('GET', HOOKS, undefined, { cookie })).status;
}

/** A session as this installation seals them, or one with another key. */
function sealed(issuer: string, expiresAt: number, key = ENCRYPTION_KEY): string {
  const keyring = new Keyring([Buffer.from(key, 'hex')], systemRandom);
  const text = new SealedValue(keyring, 'session', 1_000).seal([issuer, expiresAt, 'x']);
  return `velahook_session=${text}`;
}

async function tokenIdOf(api: ApiClient): Promise<string> {
  const { workspaceId, token } = api.access;
  const path = `/tokens?workspaceId=${workspaceId}`;
  const { items } = await running.admin.ok<{ items: { _id: string; prefix: string }[] }>('GET', path);
  return items.find(({ prefix }) => token.startsWith(prefix))?._id ?? '';
}

describe('a session', () => {
  test('is begun with a token, does what that may, and is ended by signing out', async () => {
    const api = await running.addToken({ scopes: ['integrations:read', 'integrations:write'] });
    const browser = await signIn(api);
    expect(browser.session).toMatchObject({
      kind: 'workspace',
      workspaceId: api.access.workspaceId,
      scopes: ['integrations:read', 'integrations:write'],
      tokenPrefix: api.access.token.slice(0, 16),
      tokenName: 'test',
    });
    const hours = (Date.parse(browser.session.expiresAt) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(11.9);
    expect(hours).toBeLessThanOrEqual(12);
    expect(browser.setCookie).toMatch(
      /^velahook_session=[\w-]+; Path=\/; Expires=[^;]+ GMT; HttpOnly; SameSite=Strict$/,
    );
    expect(browser.setCookie).not.toContain(api.access.token);
    expect((await browser.call('GET', '/session')).body.data).toEqual({ session: browser.session });
    expect((await browser.call('POST', HOOKS, HOOK)).status).toBe(201);
    expect((await browser.call('GET', '/events')).status).toBe(403);
    const out = await browser.call('DELETE', '/session');
    expect([out.status, out.body.data]).toEqual([200, { deleted: true }]);
    expect(out.headers.get('set-cookie')).toMatch(/^velahook_session=; .*Expires=Thu, 01 Jan 1970/);
  });

  test('of the administrator acts in any workspace there is, as the administrator', async () => {
    const api = await running.addWorkspace();
    const browser = await BrowserSession.start(url, ADMIN_TOKEN);
    expect(browser.session).toMatchObject({ kind: 'admin', workspaceId: null, tokenPrefix: null });
    const inIt = { 'x-workspace-id': api.access.workspaceId };
    expect((await browser.call('POST', HOOKS, HOOK, inIt)).status).toBe(201);
    const { items } = await api.ok<{ items: { actor: object }[] }>('GET', '/audit');
    expect(items.map(({ actor }) => actor)).toEqual([{ kind: 'admin', via: 'session' }]);
    expect((await browser.call('GET', '/workspaces')).status).toBe(200);
    expect((await browser.call('POST', '/workspaces', { name: 'Made by session' })).status).toBe(201);
    const nowhere = { 'x-workspace-id': 'f'.repeat(24) };
    expect((await browser.call('GET', HOOKS, undefined, nowhere)).status).toBe(404);
    expect((await browser.call('GET', HOOKS)).status).toBe(400);
    await running.admin.ok('DELETE', `/workspaces/${api.access.workspaceId}`);
    expect((await browser.call('GET', HOOKS, undefined, inIt)).status).toBe(404);
  });

  test('is written down, and what is done with it says so', async () => {
    const api = await running.addWorkspace();
    const browser = await signIn(api);
    await browser.call('POST', HOOKS, HOOK);
    const { items } = await api.ok<{ items: { action: string; actor: object }[] }>('GET', '/audit');
    expect(items.map(({ action }) => action)).toEqual(['subscription.created', 'session.started']);
    for (const { actor } of items) expect(actor).toMatchObject({ kind: 'token', via: 'session' });
  });

  test('of a workspace is of no other, and not for the administrator’s calls', async () => {
    const [browser, other] = [await signIn(), await running.addWorkspace()];
    const elsewhere = { 'x-workspace-id': other.access.workspaceId };
    expect((await browser.call('GET', HOOKS, undefined, elsewhere)).status).toBe(403);
    expect((await browser.call('GET', HOOKS, undefined, { 'x-workspace-id': '' })).status).toBe(400);
    expect((await browser.call('GET', '/workspaces')).status).toBe(403);
  });

  test('listens to the live stream', async () => {
    const api = await running.addWorkspace();
    const { cookie } = await signIn(api);
    const { workspaceId } = api.access;
    const headers = { cookie, 'x-workspace-id': workspaceId };
    const response = await fetch(`${url}/api/v1/stream`, { headers });
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
    ]);
    await running.admin.ok('DELETE', `/tokens/${await tokenIdOf(api)}`);
    // It takes seconds to notice: looked at by the last test of this file.
    endOfStream = response.text();
  });

  test('is limited by itself, ten times as a token is', async () => {
    const api = await running.addToken({});
    const browser = await signIn(api);
    const read = await browser.call('GET', HOOKS);
    expect(read.headers.get('x-ratelimit-limit')).toBe('3000');
    const own = await api.call('GET', HOOKS);
    expect([own.headers.get('x-ratelimit-limit'), own.headers.get('x-ratelimit-remaining')]).toEqual([
      '300',
      '299',
    ]);
  });
});

describe('another site', () => {
  test('changes nothing in the name of who is signed in here', async () => {
    const [browser, other] = [await signIn(), await signIn()];
    const strange = other.session.antiForgeryToken;
    expect(strange).not.toBe(browser.session.antiForgeryToken);
    for (const method of ['POST', 'PATCH', 'DELETE']) {
      const path = method === 'POST' ? HOOKS : `${HOOKS}/${'f'.repeat(24)}`;
      for (const token of ['', strange, `${browser.session.antiForgeryToken}x`]) {
        const answer = await browser.call(method, path, {}, { 'x-anti-forgery-token': token });
        expect([method, token, answer.status]).toEqual([method, token, 403]);
        expect(answer.body.error?.message).toContain('x-anti-forgery-token');
      }
    }
    for (const site of ['cross-site', 'same-site', 'none', 'x']) {
      const answer = await browser.call('POST', HOOKS, HOOK, { 'sec-fetch-site': site });
      expect([site, answer.status]).toEqual([site, 403]);
    }
    expect((await browser.call('DELETE', '/session', undefined, { 'x-anti-forgery-token': '' })).status).toBe(
      403,
    );
    const admin = await BrowserSession.start(url, ADMIN_TOKEN);
    const bare = { 'x-anti-forgery-token': '' };
    expect((await admin.call('POST', '/workspaces', { name: 'x' }, bare)).status).toBe(403);
  });

  test('reads nothing either, while a person may type an address', async () => {
    const browser = await signIn();
    for (const [site, status] of [
      ['cross-site', 403],
      ['same-site', 403],
      ['none', 200],
      ['', 200],
    ] as const)
      expect([
        site,
        (await browser.call('GET', HOOKS, undefined, { 'sec-fetch-site': site })).status,
      ]).toEqual([site, status]);
  });

  test('signs nobody in', async () => {
    for (const site of ['cross-site', 'same-site', 'none'])
      await expect(signIn(running.api, { 'sec-fetch-site': site })).rejects.toThrow('403');
    // A form can send no JSON.
    await expect(signIn(running.api, { 'content-type': 'text/plain' })).rejects.toThrow('400');
  });
});

describe('a cookie', () => {
  test('that was planted before signing in is worth nothing afterwards', async () => {
    const planted = await signIn();
    const signedIn = await signIn(running.api, { cookie: planted.cookie });
    expect(signedIn.cookie).not.toBe(planted.cookie);
    expect(signedIn.session.antiForgeryToken).not.toBe(planted.session.antiForgeryToken);
    const mixed = await signedIn.call('POST', HOOKS, HOOK, { cookie: planted.cookie });
    expect(mixed.status).toBe(403);
  });

  test('that was altered, has run out or is of another installation is none', async () => {
    const browser = await signIn();
    const id = await tokenIdOf(running.api);
    const soon = Date.now() + 60_000;
    expect(await statusWith(browser, sealed(id, soon))).toBe(200);
    expect(await statusWith(browser, sealed(id, Date.now() - 1))).toBe(401);
    expect(await statusWith(browser, sealed(id, soon, 'beef'.repeat(16)))).toBe(401);
    expect(await statusWith(browser, sealed('admin:guessed', soon))).toBe(401);
    const { cookie } = browser;
    for (const at of [25, 60, cookie.length - 1]) {
      const other = cookie[at] === 'A' ? 'B' : 'A';
      const altered = cookie.slice(0, at) + other + cookie.slice(at + 1);
      expect([at, await statusWith(browser, altered)]).toEqual([at, 401]);
    }
    const gone = await browser.call('GET', '/session', undefined, { cookie: `${cookie}.` });
    expect([gone.status, gone.headers.get('set-cookie')]).toEqual([
      401,
      expect.stringContaining('velahook_session=; '),
    ]);
  });

  test('ends with its token: revoked, expired, or of a workspace that was deleted', async () => {
    const revoked = await signIn(await running.addToken({ name: 'revoked' }));
    const expiring = await signIn(await running.addToken({ expiresAt: Date.now() + 400 }));
    const gone = await running.addWorkspace();
    const deleted = await signIn(gone);
    for (const each of [revoked, expiring, deleted]) expect(await statusWith(each, each.cookie)).toBe(200);
    const { items } = await running.admin.ok<{ items: { _id: string; name: string }[] }>(
      'GET',
      `/tokens?workspaceId=${running.api.access.workspaceId}`,
    );
    await running.admin.ok('DELETE', `/tokens/${items.find(({ name }) => name === 'revoked')?._id}`);
    await running.admin.ok('DELETE', `/workspaces/${gone.access.workspaceId}`);
    expect(await statusWith(revoked, revoked.cookie)).toBe(401);
    expect(await statusWith(deleted, deleted.cookie)).toBe(401);
    await expect.poll(() => statusWith(expiring, expiring.cookie)).toBe(401);
  });

  test('counts only where there is no Authorization', async () => {
    const browser = await signIn();
    for (const authorization of ['Bearer sk_live_short', 'Basic YTpi', `Bearer ${ADMIN_TOKEN}`])
      expect((await browser.call('GET', HOOKS, undefined, { authorization })).status).toBe(401);
    const { token } = running.api.access;
    const bearer = {
      authorization: `Bearer ${token}`,
      'x-anti-forgery-token': '',
      'sec-fetch-site': 'cross-site',
    };
    expect((await browser.call('POST', HOOKS, HOOK, bearer)).status).toBe(201);
  });

  test('may be one of many, and long ones cost nothing but their refusal', async () => {
    const browser = await signIn();
    const many = Array.from({ length: 500 }, (_, i) => `c${i}=${i}`).join('; ');
    expect(await statusWith(browser, `${many}; ${browser.cookie}`)).toBe(200);
    expect(await statusWith(browser, `velahook_session=${'A'.repeat(12_000)}`)).toBe(401);
    expect(await statusWith(browser, `velahook_session=%00%ff; ${'='.repeat(1_000)}`)).toBe(401);
    const head = `GET /api/v1/session HTTP/1.1\r\nHost: x\r\nCookie: ${'a=b; '.repeat(5_000)}\r\n\r\n`;
    expect((await sendRaw(running.port, head)).status).toBe(431);
  });
});

describe('signing in', () => {
  test('by HTTPS sets a cookie that no neighbour can plant', async () => {
    const secure = await startContractApp({ VELAHOOK_PUBLIC_URL: 'https://hooks.velahook-example.com' });
    try {
      const { setCookie, cookie } = await BrowserSession.start(secure.app.url, secure.api.access.token);
      expect(setCookie).toMatch(/^__Host-velahook_session=[\w-]+; .*HttpOnly; Secure; SameSite=Strict$/);
      expect(setCookie).not.toContain('Domain');
      const { workspaceId } = secure.api.access;
      const statusOf = async (text: string): Promise<number> => {
        const headers = { cookie: text, 'x-workspace-id': workspaceId };
        return (await fetch(`${secure.app.url}/api/v1${HOOKS}`, { headers })).status;
      };
      expect(await statusOf(cookie)).toBe(200);
      expect(await statusOf(cookie.replace('__Host-', ''))).toBe(401);
    } finally {
      await secure.stop();
    }
  });

  test('with what is no token is told, and counted like any failure', async () => {
    await expect(BrowserSession.start(url, '')).rejects.toThrow('422');
    const before = await failures();
    for (const token of ['x', `sk_live_${'a'.repeat(43)}`, 'sk_admin_wrong', 'x'.repeat(900)])
      await expect(BrowserSession.start(url, token)).rejects.toThrow('401');
    expect((await failures()) - before).toBe(4);
    expect(running.logged()).not.toContain(running.api.access.token);
  });
});

test('a live stream ends with the token that its session was begun with', async () => {
  expect(await endOfStream).toContain('event: end\ndata: {"reason":"token"}');
});

async function failures(): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^velahook_\w*auth\w* (\d+)$/m.exec(text)?.[1]);
}
