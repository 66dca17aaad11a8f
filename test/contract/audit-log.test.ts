import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

async function auditOf(api = running.api, query = ''): Promise<Entry[]> {
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
});
