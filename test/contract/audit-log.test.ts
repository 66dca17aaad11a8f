import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiClient } from '../support/api-client.ts';
import { listApiRoutes } from './api-routes.ts';
import { ROUTE_CASES } from './route-cases.ts';
import type { RunningApp } from './running-app.ts';
import { startContractApp } from './running-app.ts';

const HOOK = 'https://receiver.velahook-example.com/hook';

interface Entry {
  _id: string;
  action: string;
  targetId: string;
  fields: string[];
  actor: Record<string, string>;
  address: string;
  requestId: string;
}

let running: RunningApp;

beforeAll(async () => {
  running = await startContractApp({ VELAHOOK_TRUSTED_PROXIES: '127.0.0.1/32' });
});
afterAll(() => running.stop());

async function auditOf(api: ApiClient, query = ''): Promise<Entry[]> {
  return (await api.ok<{ items: Entry[] }>('GET', `/audit?limit=100${query}`)).items;
}

describe('the audit log', () => {
  it('tells who changed what, from where and by which request, and no value', async () => {
    const api = await running.addWorkspace();
    const from = { 'x-forwarded-for': '203.0.113.7', 'x-request-id': 'mine-1' };
    const { subscription } = await api.ok<{ subscription: { _id: string } }>(
      'POST',
      '/integrations/webhooks',
      { url: HOOK, events: ['*'], secret: 'correct horse battery' },
      from,
    );
    const path = `/integrations/webhooks/${subscription._id}`;
    await api.ok('PATCH', path, { secret: 'another horse', timeoutMs: 5_000 });
    await api.ok('POST', `${path}/test`);
    await api.ok('DELETE', path);
    const entries = await auditOf(api);
    expect(entries.map(({ action, fields }) => [action, fields])).toEqual([
      ['subscription.deleted', []],
      ['subscription.tested', []],
      ['subscription.changed', ['secret', 'timeoutMs']],
      ['subscription.created', ['url', 'events', 'secret']],
    ]);
    expect(entries.every(({ targetId }) => targetId === subscription._id)).toBe(true);
    expect(entries.at(-1)).toMatchObject({
      address: '203.0.113.7',
      requestId: 'mine-1',
      actor: { kind: 'token', tokenName: 'test', tokenPrefix: api.access.token.slice(0, 16) },
    });
    expect(JSON.stringify(entries)).not.toContain('horse');
    expect(JSON.stringify(entries)).not.toContain(api.access.token);
    expect(await auditOf(api, `&action=subscription.changed&targetId=${subscription._id}`)).toHaveLength(1);
    expect((await api.call('GET', '/audit?cursor=x')).status).toBe(400);
  });

  it('has nothing of what was refused', async () => {
    const api = await running.addWorkspace();
    const path = `/integrations/webhooks/${'f'.repeat(24)}`;
    expect((await api.call('POST', '/integrations/webhooks', { url: 'http://x', events: [] })).status).toBe(
      422,
    );
    expect((await api.call('PATCH', path, { active: false })).status).toBe(404);
    expect((await api.call('DELETE', path)).status).toBe(404);
    expect(await auditOf(api)).toEqual([]);
  });

  it('cannot be changed or deleted', async () => {
    const api = await running.addWorkspace();
    const { _id } = await api.subscribe({ url: HOOK, events: ['*'] });
    const [entry] = await auditOf(api);
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      expect((await api.call(method, '/audit')).status).toBe(405);
      expect((await api.call(method, `/audit/${entry?._id}`)).status).toBe(404);
    }
    expect(await auditOf(api)).toMatchObject([{ targetId: _id }]);
  });

  it('gets one entry from every route that changes something, and none from any other', async () => {
    const { admin } = running;
    const entriesOf = async (api: ApiClient, path: string): Promise<Entry[]> =>
      (await api.ok<{ items: Entry[] }>('GET', path)).items;
    for (const { name, method, isAdmins } of await listApiRoutes(running.app.url)) {
      const row = ROUTE_CASES[name];
      if (row === undefined) throw new Error(`${name} has no row in test/contract/route-cases.ts.`);
      const api = await running.addWorkspace();
      const call = await row.make({ api, admin, mark: 'audited' });
      const [caller, log] = isAdmins
        ? [admin, () => entriesOf(admin, '/admin/audit?limit=100')]
        : [api, () => entriesOf(api, '/audit?limit=100')];
      const before = new Set((await log()).map(({ _id }) => _id));
      const answer = await caller.call(method, call.path, call.body, call.headers);
      expect([name, answer.status, answer.status >= 400 && answer.text]).toEqual([
        name,
        answer.status,
        false,
      ]);
      const made = (await log()).filter(({ _id }) => !before.has(_id));
      const expected = typeof row.audit === 'string' ? [row.audit] : [];
      expect([name, made.map(({ action }) => action)]).toEqual([name, expected]);
      for (const { actor } of made) expect(actor['kind']).toBe(isAdmins ? 'admin' : 'token');
    }
  });
});
