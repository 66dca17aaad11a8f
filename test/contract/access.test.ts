import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Scope } from '../../src/domain/token.ts';
import { SCOPES } from '../../src/domain/token.ts';
import { ApiClient } from '../support/api-client.ts';
import type { ApiRoute } from './api-routes.ts';
import { listApiRoutes } from './api-routes.ts';
import type { RunningApp } from './running-app.ts';
import { sendRaw, startContractApp } from './running-app.ts';

const NOBODY = 'f'.repeat(24);

/** With ids that nothing has. */
type Route = Pick<ApiRoute, 'method' | 'path'> & Partial<ApiRoute>;

let running: RunningApp;
let routes: Route[];
let stranger: ApiClient;

beforeAll(async () => {
  running = await startContractApp();
  stranger = await running.addWorkspace();
  routes = (await listApiRoutes(running.app.url)).map((route) => ({
    ...route,
    path: route.path.replaceAll(/\{\w+\}/g, NOBODY),
  }));
});
afterAll(() => running.stop());

/** The same client with other headers; null leaves one out. */
async function callWith(route: Route, headers: Record<string, string | null>) {
  const { token, workspaceId, url } = running.api.access;
  const merged = { authorization: `Bearer ${token}`, 'x-workspace-id': workspaceId, ...headers };
  const kept = Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== null);
  const response = await fetch(`${url}/api/v1${route.path}`, { method: route.method, headers: kept });
  const body = (await response.json()) as { success: boolean; error: { code: string; message: string } };
  return { status: response.status, headers: response.headers, body };
}

async function forEveryWorkspaceRoute(check: (route: Route) => Promise<void>): Promise<void> {
  await forEveryRoute((route) => (route.isAdmins ? Promise.resolve() : check(route)));
}

/** But for those that need no token. */
async function forEveryRoute(check: (route: Route) => Promise<void>): Promise<void> {
  expect(routes.length).toBeGreaterThanOrEqual(13);
  for (const route of routes) if (route.isOpen !== true) await check(route);
}

describe('every route', () => {
  it.each([
    ['no token', null],
    ['an empty header', ''],
    ['another scheme', 'Basic YTpi'],
    ['no scheme', `sk_test_${'a'.repeat(43)}`],
    ['a malformed token', 'Bearer sk_test_short'],
    ['an unknown token', `Bearer sk_live_${'a'.repeat(43)}`],
    ['two blanks', `Bearer  sk_live_${'a'.repeat(43)}`],
    ['a very long token', `Bearer sk_live_${'a'.repeat(10_000)}`],
    ['bytes that are not ASCII', 'Bearer sk_live_\u00e9\u00e9'],
  ])('answers 401 to %s', async (_what, authorization) => {
    await forEveryRoute(async (route) => {
      const answer = await callWith(route, { authorization });
      expect([route, answer.status, answer.body.error.code]).toEqual([route, 401, 'UNAUTHORIZED']);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    });
  });

  it('answers 401 to an expired and to a revoked token', async () => {
    const expired = await running.addToken({ expiresAt: Date.now() - 1 });
    const revoked = await running.addToken({ revokedAt: Date.now() - 1 });
    await forEveryRoute(async ({ method, path }) => {
      expect((await expired.call(method, path)).status).toBe(401);
      expect((await revoked.call(method, path)).status).toBe(401);
    });
  });

  it.each([
    ['no workspace', null],
    ['an empty one', ''],
    ['a short one', 'abc'],
    ['upper case', 'F'.repeat(24)],
    ['a wildcard', '%'],
    ['a path', '../'],
    ['a long one', 'f'.repeat(5_000)],
  ])('answers 400 to %s in x-workspace-id', async (_what, workspaceId) => {
    await forEveryWorkspaceRoute(async (route) => {
      const answer = await callWith(route, { 'x-workspace-id': workspaceId });
      expect([route, answer.status, answer.body.error.code]).toEqual([route, 400, 'BAD_REQUEST']);
    });
  });

  it('answers 403 to a token of another workspace, whether that exists or not', async () => {
    await forEveryWorkspaceRoute(async (route) => {
      for (const workspaceId of [stranger.access.workspaceId, NOBODY]) {
        const answer = await callWith(route, { 'x-workspace-id': workspaceId });
        expect([route, answer.status, answer.body.error.code]).toEqual([route, 403, 'FORBIDDEN']);
      }
    });
  });

  it('declares a scope, names it to a token without it, and lets one with just it in', async () => {
    const withNone = await running.addToken({ scopes: [] });
    await forEveryWorkspaceRoute(async ({ method, path }) => {
      const refused = await withNone.call(method, path);
      expect([method, path, refused.status]).toEqual([method, path, 403]);
      const scope = SCOPES.find((each) => refused.body.error?.message.includes(each)) as Scope;
      expect([method, path, scope]).toEqual([method, path, expect.any(String)]);
      // A secret in clear is for those who could have set it; asking about a URL changes nothing.
      const isRead = (method === 'GET' && !path.endsWith('/secret')) || path.endsWith('/check-url');
      expect(scope.endsWith(isRead ? ':read' : ':write')).toBe(true);
      const withOthers = await running.addToken({ scopes: SCOPES.filter((each) => each !== scope) });
      expect((await withOthers.call(method, path)).status).toBe(403);
      const withJustIt = await running.addToken({ scopes: [scope] });
      expect([401, 403]).not.toContain((await withJustIt.call(method, path)).status);
    });
  });

  it('looks at the token before the workspace, and at both before the body', async () => {
    const body = { method: 'POST', path: '/events' };
    expect((await callWith(body, { authorization: null, 'x-workspace-id': null })).status).toBe(401);
    expect((await callWith(body, { 'x-workspace-id': null, 'content-type': 'text/plain' })).status).toBe(400);
    const reader = await running.addToken({ scopes: ['events:read'] });
    expect((await reader.call('POST', '/events', 'no JSON')).status).toBe(403);
  });
});

describe('a token', () => {
  it('may be announced as bearer in any case', async () => {
    const { token } = running.api.access;
    const route = { method: 'GET', path: '/events' };
    for (const scheme of ['bearer', 'BEARER', 'bEaReR']) {
      expect((await callWith(route, { authorization: `${scheme} ${token}` })).status).toBe(200);
    }
  });

  it('counts in the header only', async () => {
    const { token, workspaceId, url } = running.api.access;
    const headers = {
      'x-workspace-id': workspaceId,
      cookie: `token=${token}; authorization=Bearer ${token}`,
    };
    const answer = await fetch(`${url}/api/v1/events?access_token=${token}&token=${token}`, { headers });
    expect(answer.status).toBe(401);
  });

  it('sent twice counts as none, whichever comes first', async () => {
    const { token, workspaceId } = running.api.access;
    const good = `Authorization: Bearer ${token}`;
    for (const lines of [
      [good, good],
      [good, 'Authorization: Bearer x'],
      ['authorization: Bearer x', good],
    ]) {
      const head = ['GET /api/v1/events HTTP/1.1', 'Host: x', `x-workspace-id: ${workspaceId}`, ...lines];
      expect((await sendRaw(running.port, `${head.join('\r\n')}\r\n\r\n`)).status).toBe(401);
    }
  });

  it('goes with one workspace header: two are refused, equal or not', async () => {
    const { token, workspaceId } = running.api.access;
    for (const other of [workspaceId, stranger.access.workspaceId]) {
      const head = [
        'GET /api/v1/events HTTP/1.1',
        'Host: x',
        `Authorization: Bearer ${token}`,
        `x-workspace-id: ${workspaceId}`,
        `X-Workspace-Id: ${other}`,
      ];
      expect((await sendRaw(running.port, `${head.join('\r\n')}\r\n\r\n`)).status).toBe(400);
    }
  });

  it('that was revoked stops working within the second it is remembered for', async () => {
    // The store keeps a token as it was made; what is measured is how long an answer is remembered.
    const expiring = await running.addToken({ expiresAt: Date.now() + 300 });
    expect((await expiring.call('GET', '/events')).status).toBe(200);
    await expect
      .poll(async () => (await expiring.call('GET', '/events')).status, { timeout: 2_000 })
      .toBe(401);
  });
});

describe('wrong tokens', () => {
  it('in a row from one address are told to wait, while good ones are let in', async () => {
    const flooded = await startContractApp({ VELAHOOK_RATE_LIMITS: 'on' });
    try {
      const wrong = new ApiClient({ ...flooded.api.access, token: `sk_live_${'b'.repeat(43)}` });
      const answers = await Promise.all(Array.from({ length: 500 }, () => wrong.call('GET', '/events')));
      const last = answers.filter(({ status }) => status === 429);
      expect(last.length).toBeGreaterThan(100);
      expect(Number(last[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(last[0]?.body.error?.code).toBe('TOO_MANY_REQUESTS');
      expect((await flooded.api.call('GET', '/events')).status).toBe(200);
      const fresh = await flooded.addToken({});
      expect((await fresh.call('GET', '/events')).status).toBe(200);
    } finally {
      await flooded.stop();
    }
  });
});
