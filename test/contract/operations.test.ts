import { globSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROUTE_CASES } from './route-cases.ts';
import type { RunningApp } from './running-app.ts';
import { startContractApp } from './running-app.ts';

const METRICS_TOKEN = 'metrics-token-of-this-test';

interface Operation {
  operationId?: string;
  parameters?: { name: string; in: string; required?: boolean; description?: string }[];
  requestBody?: { required?: boolean };
  responses: Record<string, { content?: { 'application/json': { schema: object } } }>;
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
    const ofApi = Object.keys(ROUTE_CASES).map((name) => name.replace(' ', ' /api/v1'));
    expect(calls.sort()).toEqual([...ofApi, 'GET /healthz', 'GET /readyz'].sort());
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
    const ajv = new Ajv({ strict: false, formats: { 'date-time': true } });
    for (const [path, methods] of Object.entries(paths)) {
      const schema = methods['get']?.responses['200']?.content?.['application/json']?.schema;
      if (schema === undefined) continue;
      const row = ROUTE_CASES[`GET ${path.slice('/api/v1'.length)}`];
      const call = await row?.make({ api, admin, mark: 'shown' });
      const caller = row?.toOthers === 'admin only' ? admin : api;
      const answer = call
        ? (await caller.call('GET', call.path, undefined, call.headers)).body
        : await (await fetch(running.app.url + path)).json();
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
