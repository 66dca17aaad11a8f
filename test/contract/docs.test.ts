import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunningApp } from './running-app.ts';
import { startContractApp } from './running-app.ts';

let running: RunningApp;

beforeAll(async () => {
  running = await startContractApp();
});
afterAll(() => running.stop());

function get(path: string): Promise<Response> {
  return fetch(new URL(path, running.app.url));
}

interface Operation {
  operationId?: string;
  summary?: string;
  tags?: string[];
  requestBody?: { required?: boolean };
}

describe('the reader for the OpenAPI document', () => {
  test('is a page whose every part comes from this server', async () => {
    const page = await get('/docs');
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const html = await page.text();
    expect(html).toContain('<title>Velahook API</title>');
    const parts = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path);
    expect(parts.length).toBeGreaterThan(4);
    for (const part of parts) {
      expect(part).toMatch(/^\/docs\/static\//);
      const answer = await get(part);
      const isTyped = /^(?:text\/(?:css|javascript)|application\/javascript|image\/png)/.test(
        answer.headers.get('content-type') ?? '',
      );
      expect([part, answer.status, isTyped]).toEqual([part, 200, true]);
    }
    const initializer = await (await get('/docs/static/swagger-initializer.js')).text();
    expect(initializer.match(/https?:\/\/(?!www\.w3\.org|stackoverflow\.com)[^\s"')]+/g)).toBeNull();
    expect(initializer).toMatch(/"validatorUrl":\s*null/);
  });

  test.each(['/docs', '/docs/', '/docs/static/swagger-ui-bundle.js', '/docs/json'])(
    '%s may load nothing from elsewhere, nor be framed',
    async (path) => {
      const { headers } = await get(path);
      const policy = headers.get('content-security-policy') ?? '';
      const sources = policy.split(';').flatMap((rule) => rule.trim().split(/\s+/).slice(1));
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");
      for (const source of sources)
        expect(["'none'", "'self'", "'unsafe-inline'", 'data:']).toContain(source);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    },
  );

  test('shows the document', async () => {
    expect(await (await get('/docs/json')).json()).toEqual(await (await get('/openapi.json')).json());
  });

  test('is not on other paths, and what it serves stays in its folder', async () => {
    for (const path of ['/docs/static/nothing.js', '/docs/static/..%2fpackage.json', '/docs/other'])
      expect([path, (await get(path)).status]).toEqual([path, 404]);
    // The rest of the server is as strict as before.
    expect((await get('/healthz')).headers.get('content-security-policy')).toBe(
      "default-src 'none'; frame-ancestors 'none'",
    );
  });

  test('has a summary and a group for every call', async () => {
    const { paths } = (await (await get('/openapi.json')).json()) as {
      paths: Record<string, Record<string, Operation>>;
    };
    const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
    const bare = operations.filter(({ summary, tags }) => !summary || tags?.length !== 1);
    expect(bare.map(({ operationId }) => operationId)).toEqual([]);
  });

  test('says of each call whether it needs a body', async () => {
    const { api } = running;
    const { paths } = (await (await get('/openapi.json')).json()) as {
      paths: Record<string, Record<string, Operation>>;
    };
    const { _id } = await api.subscribe({ url: 'https://example.com/hook', events: ['crm.lead.created'] });
    const { eventId } = await api.publish('crm.lead.created', {});
    const needed = new Map<string, boolean>();
    for (const [path, methods] of Object.entries(paths))
      for (const [method, { operationId = '', requestBody }] of Object.entries(methods)) {
        if (requestBody === undefined || !/^\/api\/v1\/(integrations\/webhooks\/\{id\}|events\/)/.test(path))
          continue;
        const url = path.replace('/api/v1', '').replace('{id}', _id).replace('{eventId}', eventId);
        const { status } = await api.call(method.toUpperCase(), url);
        needed.set(operationId, status === 400 || status === 422);
        expect([operationId, needed.get(operationId)]).toEqual([operationId, requestBody.required ?? false]);
      }
    expect(needed.get('rotateSecret')).toBe(false);
    expect(needed.get('startReplay')).toBe(true);
  });
});
