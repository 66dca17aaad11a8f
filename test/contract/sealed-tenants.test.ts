import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCOPES } from '../../src/domain/token.ts';
import { ApiClient } from '../support/api-client.ts';
import type { ApiRoute } from './api-routes.ts';
import { listApiRoutes } from './api-routes.ts';
import type { Call, Owner, RouteCase } from './route-cases.ts';
import { ROUTE_CASES } from './route-cases.ts';
import type { RunningApp } from './running-app.ts';
import { startContractApp } from './running-app.ts';

let running: RunningApp;
let routes: ApiRoute[];
let ours: ApiClient;
/** They own everything that is called for; whatever is theirs has their mark in it, or one of their ids. */
let they: Owner;
/** What is right for them, made once for each route. */
const calls = new Map<string, Call>();

beforeAll(async () => {
  running = await startContractApp();
  ours = running.api;
  const mark = `theirs${randomBytes(6).toString('hex')}`;
  they = { api: await running.addWorkspace(), admin: running.admin, mark };
  routes = await listApiRoutes(running.app.url);
  for (const { name } of routes) {
    const found = ROUTE_CASES[name];
    if (found !== undefined) calls.set(name, await found.make(they));
  }
});
afterAll(() => running.stop());

/** Every route with its row and the call that would be right for them. */
function rows(): (ApiRoute & { row: RouteCase; call: Call })[] {
  return routes.map((route) => {
    const row = ROUTE_CASES[route.name];
    const call = calls.get(route.name);
    if (row === undefined || call === undefined)
      throw new Error(`${route.name} has no row in test/contract/route-cases.ts: say how it is called.`);
    return { ...route, row, call };
  });
}

/** Those that need a token. */
function closedRows(): ReturnType<typeof rows> {
  return rows().filter(({ isOpen }) => !isOpen);
}

async function statusOf(
  client: ApiClient,
  { method, call }: { method: string; call: Call },
): Promise<number> {
  return (await client.call(method, call.path, call.body)).status;
}

/** All 24 hex digits, however they are prefixed. */
function idsIn(text: string): string[] {
  return text.match(/[0-9a-f]{24}/g) ?? [];
}

describe('the table of routes', () => {
  it('has a row for every route there is, and none for another', () => {
    expect(Object.keys(ROUTE_CASES).toSorted()).toEqual(routes.map(({ name }) => name).toSorted());
  });

  it('says of routes that need no token whose they are', () => {
    for (const { name, row, isOpen } of rows())
      expect([name, row.toOthers === "the holder's"]).toEqual([name, isOpen]);
  });

  it('says of every change what it leaves in the audit log', () => {
    for (const { name, method, row } of rows())
      expect([name, row.audit !== undefined]).toEqual([name, method !== 'GET' || row.audit !== undefined]);
  });
});

describe('every route that needs a token, called with all else right,', () => {
  it.each([
    ['no token', async () => new ApiClient({ ...they.api.access, token: '' })],
    ['a malformed token', async () => new ApiClient({ ...they.api.access, token: 'sk_live_short' })],
    [
      'an unknown token',
      async () => new ApiClient({ ...they.api.access, token: `sk_live_${'a'.repeat(43)}` }),
    ],
    ['an expired token', () => theirToken({ expiresAt: Date.now() - 1 })],
    ['a revoked token', () => theirToken({ revokedAt: Date.now() - 1 })],
    ['a token of a deleted workspace', deletedAccess],
  ])('answers 401 to %s', async (_what, makeClient) => {
    const client = await makeClient();
    for (const row of closedRows()) expect([row.name, await statusOf(client, row)]).toEqual([row.name, 401]);
  });

  it('answers 403 to a token of another workspace, and to one without the scope', async () => {
    const strange = new ApiClient({ ...they.api.access, token: ours.access.token });
    const without = await theirToken({ scopes: [] });
    for (const row of closedRows())
      for (const client of [strange, without])
        expect([row.name, await statusOf(client, row)]).toEqual([row.name, 403]);
  });

  it('answers 403 to a workspace where the admin token is needed, and 401 to the admin elsewhere', async () => {
    const asAdmin = new ApiClient({ ...they.api.access, token: running.admin.access.token });
    for (const row of closedRows()) {
      if (row.isAdmins) expect([row.name, await statusOf(they.api, row)]).toEqual([row.name, 403]);
      else expect([row.name, await statusOf(asAdmin, row)]).toEqual([row.name, 401]);
      expect([row.name, row.row.toOthers === 'admin only']).toEqual([row.name, row.isAdmins]);
    }
  });
});

describe('another workspace', () => {
  it('finds nothing by their ids, in whatever position, as by unknown ones, to the byte', async () => {
    for (const { name, method, call, row, path } of rows()) {
      if (row.toOthers !== 'unknown') continue;
      expect([name, path]).toEqual([name, expect.stringContaining('{')]);
      const answer = await ours.call(method, call.path, call.body);
      const unknown = await ours.call(method, withOtherIds(call.path), call.body);
      expect([name, answer.status, answer.text]).toEqual([name, 404, unknown.text]);
    }
  });

  it('sees nothing of theirs, whatever it asks for', async () => {
    const theirs = await theirIds();
    expect(theirs.size).toBeGreaterThan(20);
    for (const { name, method, call, row } of rows()) {
      if (row.toOthers !== 'their own' || method !== 'GET') continue;
      const { status, text, headers } = await ours.call(method, call.path, call.body);
      expect([name, status]).toEqual([name, 200]);
      const seen = `${text} ${JSON.stringify([...headers])}`;
      expect([name, seen.includes(they.mark)]).toEqual([name, false]);
      expect([name, idsIn(seen).filter((id) => theirs.has(id))]).toEqual([name, []]);
    }
  });

  it('is in no metric, and in no answer to what is refused', async () => {
    const metrics = await (await fetch(`${running.app.url}/metrics`)).text();
    expect(metrics).toContain('velahook_');
    expect(metrics).not.toContain(they.mark);
    expect(idsIn(metrics)).toEqual([]);
    for (const { name, method, call, isAdmins } of rows()) {
      if (isAdmins) continue;
      // Their ids in the path, our own mistakes in the body and the query.
      const path = `${call.path}${call.path.includes('?') ? '&' : '?'}nonsense=1`;
      const { text } = await ours.call(method, path, method === 'GET' ? undefined : { nonsense: 1 });
      expect([name, text.includes(they.mark)]).toEqual([name, false]);
      expect([name, text.includes(they.api.access.workspaceId)]).toEqual([name, false]);
    }
  });

  it('has left what is theirs as it was', async () => {
    const before = await theirState();
    for (const { method, call, row } of rows())
      if (row.toOthers === 'unknown') await ours.call(method, call.path, call.body);
    expect(await theirState()).toEqual(before);
  });
});

function theirToken(more: Parameters<RunningApp['addToken']>[0]): Promise<ApiClient> {
  return running.addToken({ workspaceId: they.api.access.workspaceId, scopes: SCOPES, ...more });
}

async function deletedAccess(): Promise<ApiClient> {
  const gone = await running.addWorkspace();
  await running.admin.ok('DELETE', `/workspaces/${gone.access.workspaceId}`);
  return new ApiClient({ ...they.api.access, token: gone.access.token });
}

/** The same path with ids that nothing has. */
function withOtherIds(path: string): string {
  return path.replaceAll(/[0-9a-f]{24}/g, 'f'.repeat(24));
}

const THEIR_LISTS = ['/integrations/webhooks', '/events', '/deliveries', '/audit'];

/** Of all that they have, and their own. */
async function theirIds(): Promise<Set<string>> {
  const lists = await Promise.all(THEIR_LISTS.map((path) => they.api.call('GET', `${path}?limit=100`)));
  return new Set(lists.flatMap(({ text }) => idsIn(text)));
}

async function theirState(): Promise<unknown> {
  const state: unknown[] = [];
  for (const path of THEIR_LISTS)
    state.push((await they.api.ok<{ items: unknown[] }>('GET', `${path}?limit=100`)).items.length);
  return state;
}
