import { globSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningApp } from './running-app.ts';
import { startContractApp } from './running-app.ts';

const METRICS_TOKEN = 'metrics-token-of-this-test';

interface Operation {
  operationId?: string;
  parameters?: { name: string; in: string; required?: boolean; description?: string }[];
  requestBody?: { required?: boolean };
  responses: Record<string, { content?: { 'application/json': { schema: object } } }>;
  security?: object[];
}

interface OpenApi {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
}

let running: RunningApp;
beforeAll(async () => {
  running = await startContractApp();
});
afterAll(() => running.stop());

async function openApi(): Promise<OpenApi> {
  return (await (await fetch(`${running.app.url}/openapi.json`)).json()) as OpenApi;
}

describe('health', () => {
  it('is told without a token, and tells nothing else', async () => {
    for (const [path, status] of [
      ['/healthz', 'alive'],
      ['/readyz', 'ready'],
    ]) {
      const answer = await fetch(running.app.url + path);
      expect([path, answer.status, await answer.json()]).toEqual([
        path,
        200,
        { success: true, data: { status } },
      ]);
    }
  });

  it('asks the store at most once a second, however often it is asked', async () => {
    const start = performance.now();
    await Promise.all(
      Array.from({ length: 300 }, () => fetch(`${running.app.url}/readyz`).then((a) => a.text())),
    );
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});

describe('metrics', () => {
  it('are told on this machine, count what happens, and have no label anybody can make up', async () => {
    await running.api.publish('crm.lead.created', {});
    await running.api.call('GET', '/nothing-of-ours');
    const text = await (await fetch(`${running.app.url}/metrics`)).text();
    expect(text).toMatch(/^velahook_events_total\{result="stored"\} [1-9]/m);
    expect(text).toMatch(/^velahook_deliveries_pending \d/m);
    expect(text).toMatch(
      /^velahook_http_requests_total\{route="\/api\/v1\/events",method="POST",status="202"\} [1-9]/m,
    );
    expect(text).not.toContain('nothing-of-ours');
    expect(text).not.toContain(running.api.access.workspaceId);
    expect(text).not.toContain('crm.lead');
  });

  it('are not told to what a proxy passed on', async () => {
    for (const headers of [{ 'x-forwarded-for': '127.0.0.1' }, { forwarded: 'for=127.0.0.1' }]) {
      expect((await fetch(`${running.app.url}/metrics`, { headers })).status).toBe(403);
    }
  });

  it('are told to whoever has their token, and then to nobody else', async () => {
    const address = Object.values(networkInterfaces())
      .flat()
      .find((each) => each?.family === 'IPv4' && !each.internal)?.address;
    const open = await startContractApp({ VELAHOOK_METRICS_TOKEN: METRICS_TOKEN, HOST: '0.0.0.0' });
    const closed = await startContractApp({ HOST: '0.0.0.0' });
    try {
      const host = address ?? '127.0.0.1';
      const ask = async (port: number, authorization?: string) =>
        (
          await fetch(
            `http://${host}:${port}/metrics`,
            authorization === undefined ? {} : { headers: { authorization } },
          )
        ).status;
      expect(await ask(open.port, `Bearer ${METRICS_TOKEN}`)).toBe(200);
      for (const wrong of [
        undefined,
        METRICS_TOKEN,
        `Bearer ${METRICS_TOKEN}x`,
        `Bearer ${open.api.access.token}`,
      ]) {
        expect(await ask(open.port, wrong)).toBe(401);
      }
      expect(await ask(closed.port)).toBe(address === undefined ? 200 : 403);
    } finally {
      await open.stop();
      await closed.stop();
    }
  });
});

describe('the OpenAPI document', () => {
  it('names every call of this version, each once', async () => {
    const document = await openApi();
    expect(document.openapi).toBe('3.1.0');
    const calls = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(calls.sort()).toEqual([
      'DELETE /api/v1/event-types/{name}',
      'DELETE /api/v1/integrations/webhooks/{id}',
      'DELETE /api/v1/tokens/{id}',
      'DELETE /api/v1/workspaces/{id}',
      'GET /api/v1/admin/audit',
      'GET /api/v1/audit',
      'GET /api/v1/deliveries',
      'GET /api/v1/deliveries/{id}',
      'GET /api/v1/event-types',
      'GET /api/v1/event-types/export',
      'GET /api/v1/event-types/settings',
      'GET /api/v1/event-types/{name}',
      'GET /api/v1/events',
      'GET /api/v1/events/{id}',
      'GET /api/v1/integrations/webhooks',
      'GET /api/v1/integrations/webhooks/{id}',
      'GET /api/v1/integrations/webhooks/{id}/deliveries',
      'GET /api/v1/integrations/webhooks/{id}/secret',
      'GET /api/v1/replays',
      'GET /api/v1/replays/{id}',
      'GET /api/v1/stream',
      'GET /api/v1/tokens',
      'GET /api/v1/tokens/{id}',
      'GET /api/v1/workspace/settings',
      'GET /api/v1/workspaces',
      'GET /api/v1/workspaces/{id}',
      'GET /healthz',
      'GET /readyz',
      'PATCH /api/v1/event-types/settings',
      'PATCH /api/v1/event-types/{name}',
      'PATCH /api/v1/integrations/webhooks/{id}',
      'PATCH /api/v1/workspace/settings',
      'PATCH /api/v1/workspaces/{id}',
      'POST /api/v1/deliveries/{id}/cancel',
      'POST /api/v1/deliveries/{id}/replay',
      'POST /api/v1/event-types',
      'POST /api/v1/event-types/import',
      'POST /api/v1/events',
      'POST /api/v1/events/batch',
      'POST /api/v1/events/{id}/replay',
      'POST /api/v1/integrations/webhooks',
      'POST /api/v1/integrations/webhooks/filter-test',
      'POST /api/v1/integrations/webhooks/{id}/replay',
      'POST /api/v1/integrations/webhooks/{id}/secret/rotate',
      'POST /api/v1/integrations/webhooks/{id}/secret/rotate/finish',
      'POST /api/v1/integrations/webhooks/{id}/test',
      'POST /api/v1/replays/{id}/cancel',
      'POST /api/v1/tokens',
      'POST /api/v1/workspaces',
    ]);
    const ids = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).not.toContain(undefined);
  });

  it('says what is optional, and what a client would otherwise wonder about', async () => {
    const { paths } = await openApi();
    const publish = paths['/api/v1/events']?.['post'];
    expect(publish?.requestBody?.required).toBe(true);
    expect(publish?.parameters).toMatchObject([{ name: 'Idempotency-Key', in: 'header', required: false }]);
    const test = paths['/api/v1/integrations/webhooks/{id}/test']?.['post'];
    expect(test?.requestBody?.required).toBe(false);
    const state = paths['/api/v1/deliveries']?.['get']?.parameters?.find(({ name }) => name === 'state');
    expect(state?.description).toContain('delivering');
  });

  it('says of every answer what it looks like', async () => {
    const { api, admin } = running;
    const { paths } = await openApi();
    const { token } = await admin.ok<{ token: { _id: string } }>('POST', '/tokens', {
      workspaceId: api.access.workspaceId,
      name: 'shown',
      scopes: ['events:read'],
    });
    const hook = await api.subscribe({
      url: 'https://receiver.velahook-example.com/',
      events: ['customer.*'],
    });
    const { eventId } = await api.publish('customer.created', { a: 1 });
    const [delivery] = await api.deliveries();
    const { replay } = await api.ok<{ replay: { _id: string } }>(
      'POST',
      `/integrations/webhooks/${hook._id}/replay`,
      { since: '2020-01-01T00:00:00.000Z' },
    );
    const ids: Record<string, string> = {
      webhooks: hook._id,
      events: eventId,
      deliveries: delivery?._id ?? '',
      replays: replay._id,
      workspaces: api.access.workspaceId,
      tokens: token._id,
    };
    const queries: Record<string, string> = { '/api/v1/tokens': `?workspaceId=${api.access.workspaceId}` };
    const ajv = new Ajv({ strict: false, formats: { 'date-time': true } });
    for (const [path, methods] of Object.entries(paths)) {
      const schema = methods['get']?.responses['200']?.content?.['application/json']?.schema;
      if (schema === undefined) continue;
      const noun = /\/(\w+)\/\{id\}/.exec(path)?.[1] ?? '';
      const concrete = path.replace('{id}', ids[noun] ?? '').replace('{name}', 'crm.lead.created');
      const client = methods['get']?.security?.some((each) => 'admin' in each) ? admin : api;
      const answer = path.startsWith('/api/v1')
        ? (await client.call('GET', concrete.slice('/api/v1'.length) + (queries[path] ?? ''))).body
        : await (await fetch(running.app.url + concrete)).json();
      const validate = ajv.compile(closed(schema));
      expect([path, validate(answer), validate.errors]).toEqual([path, true, null]);
    }
  });
});

/** The same schema, with no room for what it does not name. */
function closed(schema: object): object {
  return JSON.parse(JSON.stringify(schema), (_key, value: unknown) => {
    const isObject = typeof value === 'object' && value !== null && 'properties' in value;
    return isObject ? { additionalProperties: false, ...value } : value;
  }) as object;
}

describe('secrets', () => {
  it('are nowhere compared as text, which takes the longer the more of a guess is right', () => {
    const files = globSync('src/**/*.ts');
    expect(files.length).toBeGreaterThan(50);
    const secret =
      /\b\w*(?:secret|token|digest|hash|signature)\s*[!=]==?(?!=|\s*(?:undefined\b|null\b|['"`]{2}))/i;
    for (const file of files) {
      const lines = readFileSync(file, 'utf8').split('\n');
      expect([file, lines.filter((line) => secret.test(line))]).toEqual([file, []]);
    }
  });
});
