import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningApp } from './running-app.ts';
import { sendRaw, startContractApp } from './running-app.ts';

const HOOKS = '/integrations/webhooks';
const NEW = { url: 'https://receiver.velahook-example.com/hook', events: ['crm.lead.created'] };

let running: RunningApp;
beforeAll(async () => {
  running = await startContractApp({
    VELAHOOK_MAX_DATA_BYTES: '10000',
    VELAHOOK_PUBLIC_URL: 'https://hooks.velahook-example.com',
  });
});
afterAll(() => running.stop());

/** Any request at all, and its answer as text: for what is outside `/api/v1` or no JSON. */
async function send(path: string, init: RequestInit & { headers?: Record<string, string> } = {}) {
  const { token, workspaceId, url } = running.api.access;
  const headers = { authorization: `Bearer ${token}`, 'x-workspace-id': workspaceId, ...init.headers };
  const response = await fetch(url + path, { ...init, headers });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const failures: [status: number, code: string, what: string, () => ReturnType<typeof send>][] = [
  [400, 'BAD_REQUEST', 'a malformed query', () => send('/api/v1/events?limit=many')],
  [400, 'BAD_REQUEST', 'an unknown query field', () => send('/api/v1/events?page=1')],
  [400, 'BAD_REQUEST', 'a query field given twice', () => send('/api/v1/events?limit=1&limit=2')],
  [400, 'BAD_REQUEST', 'a made-up cursor', () => send('/api/v1/deliveries?cursor=AAAA')],
  [400, 'BAD_REQUEST', 'a path that cannot be decoded', () => send('/api/v1/events/%E0%A4%A')],
  [401, 'UNAUTHORIZED', 'no token', () => send('/api/v1/events', { headers: { authorization: '' } })],
  [
    403,
    'FORBIDDEN',
    'another workspace',
    () => send('/api/v1/events', { headers: { 'x-workspace-id': '0'.repeat(24) } }),
  ],
  [404, 'NOT_FOUND', 'an unknown route', () => send('/api/v1/nothing')],
  [404, 'NOT_FOUND', 'an unknown route outside the API', () => send('/nothing')],
  [404, 'NOT_FOUND', 'an unknown id', () => send(`/api/v1${HOOKS}/${'f'.repeat(24)}`)],
  [405, 'METHOD_NOT_ALLOWED', 'another method', () => send('/api/v1/events', { method: 'PUT' })],
  [
    405,
    'METHOD_NOT_ALLOWED',
    'another method on one thing',
    () => send(`/api/v1${HOOKS}/x`, { method: 'POST' }),
  ],
  [405, 'METHOD_NOT_ALLOWED', 'OPTIONS', () => send('/api/v1/events', { method: 'OPTIONS' })],
  [
    422,
    'VALIDATION_ERROR',
    'a bad field',
    () => post(HOOKS, JSON.stringify({ ...NEW, url: 'http://x.example' })),
  ],
];

function post(
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  type = 'application/json',
  more: Record<string, string> = {},
) {
  return send(`/api/v1${path}`, { method: 'POST', body, headers: { 'content-type': type, ...more } });
}

/** What a failed answer says, and all that is wrong with its shape. */
function verdictOf(answer: { status: number; headers: Headers; text: string }) {
  const body = JSON.parse(answer.text) as { success: boolean; error: { code: string; message: string } };
  const problems: string[] = [];
  if (Object.keys(body).join() !== 'success,error' || body.success) problems.push('another shape');
  if (!/\S+ \S+/.test(body.error.message)) problems.push('no message');
  if (answer.headers.get('content-type') !== 'application/json; charset=utf-8') problems.push('no JSON');
  if (/ at .*\.(ts|js):|node_modules|FST_|SQLITE|\bajv\b/i.test(answer.text)) problems.push('our innards');
  return { status: answer.status, code: body.error.code, problems };
}

function failure(status: number, code: string) {
  return { status, code, problems: [] };
}

describe('a failure', () => {
  it.each(failures)('is %i %s for %s, in the one shape', async (status, code, _what, call) => {
    expect(verdictOf(await call())).toEqual(failure(status, code));
  });

  it('of a route or a method does not depend on the body', async () => {
    const bodies = ['no JSON', `"${'x'.repeat(200_000)}"`];
    for (const body of bodies) {
      expect(verdictOf(await post('/nothing', body))).toEqual(failure(404, 'NOT_FOUND'));
      const put = await send('/api/v1/events', {
        method: 'PUT',
        body,
        headers: { 'content-type': 'application/json' },
      });
      expect(verdictOf(put)).toEqual(failure(405, 'METHOD_NOT_ALLOWED'));
    }
  });

  it('of a method names those that are allowed', async () => {
    const answer = await send('/api/v1/events', { method: 'DELETE' });
    expect(answer.headers.get('allow')?.split(', ').sort()).toEqual(['GET', 'HEAD', 'POST']);
    const named = await send(`/api/v1${HOOKS}/check-url`, { method: 'PUT' });
    expect([named.status, named.headers.get('allow')]).toEqual([405, 'POST']);
    const one = await send(`/api/v1${HOOKS}/${'f'.repeat(24)}`, { method: 'PUT' });
    expect(one.headers.get('allow')?.split(', ').sort()).toEqual(['DELETE', 'GET', 'HEAD', 'PATCH']);
  });
});

describe('every answer', () => {
  it('says that it must not be sniffed, cached or referred from, and little about us', async () => {
    const calls = [
      ...failures.map(([, , , call]) => call),
      () => send('/healthz'),
      () => send('/openapi.json'),
    ];
    calls.push(
      () => send('/metrics'),
      () => send('/api/v1/event-types'),
    );
    for (const call of calls) {
      const { headers } = await call();
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('strict-transport-security')).toBe('max-age=31536000');
      expect(headers.get('x-request-id')).toMatch(/^[A-Za-z0-9-]{1,64}$/);
      expect(headers.get('server')).toBeNull();
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });

  it("carries the client's own request id if that is harmless, and another one otherwise", async () => {
    for (const id of ['abc-123', 'A'.repeat(64)]) {
      const answer = await send('/api/v1/nothing', { headers: { 'x-request-id': id } });
      expect(answer.headers.get('x-request-id')).toBe(id);
    }
    for (const id of ['A'.repeat(65), 'a b', 'a_b', '<script>', '']) {
      const answer = await send('/healthz', { headers: { 'x-request-id': id } });
      expect(answer.headers.get('x-request-id')).not.toBe(id);
    }
    const ids = await Promise.all(
      Array.from({ length: 50 }, async () => (await send('/healthz')).headers.get('x-request-id')),
    );
    expect(new Set(ids).size).toBe(50);
  });

  it('lets no other site in', async () => {
    const headers = {
      origin: 'https://evil.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization',
    };
    for (const method of ['GET', 'POST', 'OPTIONS']) {
      const answer = await send('/api/v1/events', { method, headers });
      expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });
});

describe('a body', () => {
  it.each([
    ['no content type', ''],
    ['text', 'text/plain'],
    ['a form', 'application/x-www-form-urlencoded'],
    ['parts', 'multipart/form-data; boundary=x'],
    ['another JSON', 'application/vnd.api+json'],
    ['another charset', 'application/json; charset=latin1'],
    ['another charset in quotes', 'application/json; charset="utf-16"'],
    ['two types', 'application/json, text/plain'],
    ['junk', '/;,'],
  ])('of %s is a 400', async (_what, type) => {
    for (const path of [HOOKS, '/events'])
      expect(verdictOf(await post(path, JSON.stringify(NEW), type))).toEqual(failure(400, 'BAD_REQUEST'));
  });

  it.each([
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'Application/JSON',
    'application/json; charset="utf-8"',
  ])('of %s is taken', async (type) => {
    expect((await post(HOOKS, JSON.stringify(NEW), type)).status).toBe(201);
  });

  it.each(['gzip', 'br', 'deflate', 'zstd', 'gzip, gzip', 'x-unknown'])(
    'that is %s is a 400',
    async (encoding) => {
      const answer = await post('/events', '{}', 'application/json', { 'content-encoding': encoding });
      expect(verdictOf(answer)).toEqual(failure(400, 'BAD_REQUEST'));
    },
  );

  it.each([
    ['nothing that ends', '{"url":'],
    ['a word', 'nul'],
    ['bare names', '{url:1}'],
    ['a trailing comma', '{"url":"x",}'],
    ['two documents', '{} {}'],
    ['a field twice', '{"url":"https://a.example","url":"https://b.example"}'],
    ['100,000 brackets', '['.repeat(50_000)],
    ['a byte order mark', '\ufeff{}'],
    ['NUL', '\u0000'],
  ])('of %s is a 400 that says where', async (_what, body) => {
    expect(verdictOf(await post(HOOKS, body))).toEqual(failure(400, 'BAD_REQUEST'));
    expect(verdictOf(await post('/events', body.slice(0, 20_000)))).toEqual(failure(400, 'BAD_REQUEST'));
  });

  it('that is not UTF-8 is a 400', async () => {
    const bytes = Uint8Array.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]);
    expect(verdictOf(await post(HOOKS, bytes))).toEqual(failure(400, 'BAD_REQUEST'));
    expect(verdictOf(await post('/events', bytes))).toEqual(failure(400, 'BAD_REQUEST'));
  });

  it.each(['[]', '"x"', '1', 'null'])('that is %s and no object is a 422', async (body) => {
    expect(verdictOf(await post(HOOKS, body))).toEqual(failure(422, 'VALIDATION_ERROR'));
    expect(verdictOf(await post('/events', body))).toEqual(failure(422, 'VALIDATION_ERROR'));
  });

  it('over the limit of its route is a 413, with or without a length, and the connection is closed', async () => {
    const { token, workspaceId } = running.api.access;
    const head = (extra: string) =>
      `POST /api/v1${HOOKS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nx-workspace-id: ${workspaceId}\r\n` +
      `Content-Type: application/json\r\n${extra}\r\n\r\n`;
    const lying = await sendRaw(running.port, `${head('Content-Length: 104857600')}{"url":"`);
    expect(lying).toMatchObject({ status: 413, closed: true });
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
    const endless = await sendRaw(running.port, head('Transfer-Encoding: chunked') + chunk.repeat(5));
    expect(endless).toMatchObject({ status: 413, closed: true });
    expect(JSON.parse(endless.body)).toMatchObject({ error: { code: 'PAYLOAD_TOO_LARGE' } });
    const events = await post(
      '/events',
      JSON.stringify({ eventType: 'crm.lead.created', data: { a: 'x'.repeat(30_000) } }),
    );
    expect(verdictOf(events)).toEqual(failure(413, 'PAYLOAD_TOO_LARGE'));
    const data = await post(
      '/events',
      JSON.stringify({ eventType: 'crm.lead.created', data: { a: 'x'.repeat(10_001) } }),
    );
    expect(verdictOf(data)).toEqual(failure(413, 'PAYLOAD_TOO_LARGE'));
  });

  it('cannot reach the prototype of anything', async () => {
    const hostile = '{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}}';
    const answer = await post(HOOKS, `${JSON.stringify(NEW).slice(0, -1)},${hostile.slice(1)}`);
    expect(verdictOf(answer)).toEqual(failure(422, 'VALIDATION_ERROR'));
    expect(answer.text).toContain('__proto__');
    expect((await post('/events', `{"eventType":"crm.lead.created","data":${hostile}}`)).status).toBe(202);
    expect((await send('/api/v1/events?__proto__[isAdmin]=1&constructor=2')).status).toBe(400);
    expect(({} as Record<string, unknown>)['isAdmin']).toBeUndefined();
  });
});
