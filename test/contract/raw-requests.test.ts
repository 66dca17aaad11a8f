import { STATUS_CODES } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningApp } from './running-app.ts';
import { sendRaw, startContractApp } from './running-app.ts';

let running: RunningApp;
beforeAll(async () => {
  running = await startContractApp();
});
afterAll(() => running.stop());

describe('a path', () => {
  it.each([
    '/../../etc/passwd',
    '/..%2f..%2fetc/passwd',
    '/%2e%2e/',
    '/..;/',
    '/static/..\\..\\x',
    '//etc/passwd',
    '/.env',

    '/.git/config',
    '/package.json',
    '/%00',
    '/%c0%ae%c0%ae/',
    '/static//etc/passwd',
    '/api/v1/../../etc/passwd',

    '/healthz/',
    '/HEALTHZ',
    '/api/v1/events/',
    '/openapi.json.map',
    `/${'a'.repeat(10_000)}`,
    '/api/v1/events;x=1',
  ])('%s leads nowhere', async (path) => {
    const { token, workspaceId } = running.api.access;
    const answer = await sendRaw(
      running.port,
      `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nx-workspace-id: ${workspaceId}\r\n\r\n`,
    );
    expect([path, [400, 404].includes(answer.status)]).toEqual([path, true]);
    expect(JSON.parse(answer.body)).toMatchObject({ success: false });
    expect(answer.body).not.toContain('root:');
  });
});

describe('bytes that are no proper request', () => {
  const good = 'POST /api/v1/events HTTP/1.1\r\nHost: x\r\n';
  it.each([
    ['garbage', 'GARBAGE\r\n\r\n', 400],
    ['TLS', '\u0016\u0003\u0001\u0002', 400],
    ['two lengths', `${good}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`, 400],
    ['a length and chunks', `${good}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    ['an unknown coding', `${good}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`, 400],
    ['a folded header', `${good}X-A: a\r\n b\r\n\r\n`, 400],
    ['a blank before the colon', `${good}Content-Length : 2\r\n\r\n{}`, 400],
    ['NUL in a header', `${good}X-A: a\u0000b\r\n\r\n`, 400],
    ['no host', 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ['a bad chunk size', `${good}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, 400],
    ['long headers', `${good}X-A: ${'a'.repeat(100_000)}\r\n\r\n`, 431],
    ['many headers', `${good}${Array.from({ length: 10_000 }, (_, n) => `X-${n}: 1\r\n`).join('')}\r\n`, 431],
    ['a long URL', `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
    ['an unknown expectation', `${good}Expect: 200-maybe\r\nContent-Length: 0\r\n\r\n`, 400],
  ])('are refused: %s', async (_what, bytes, status) => {
    const answer = await sendRaw(running.port, bytes);
    expect([answer.head, answer.status, answer.closed]).toEqual([answer.head, status, true]);
    expect(answer.head).toContain(`HTTP/1.1 ${status} ${STATUS_CODES[status]}`);
    expect(JSON.parse(answer.body)).toMatchObject({ success: false, error: { code: 'BAD_REQUEST' } });
    expect(answer.head.toLowerCase()).toContain('x-content-type-options: nosniff');
  });

  it('do not disturb the next client', async () => {
    expect((await fetch(`${running.app.url}/healthz`)).status).toBe(200);
  });
});
