import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Velahook, VelahookError } from '../../sdk/src/index.ts';

/** Answers that a server, or what is between it and its client, gives on a bad day. */
const ANSWERS: Record<string, (response: ServerResponse) => void> = {
  'a page of a proxy': (response) => response.end('<!doctype html><title>Sign in</title>'),
  nothing: (response) => response.end(),
  'no object': (response) => response.end('null'),
  'an answer that is cut': (response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('{"data":{', () => response.destroy());
  },
  'an answer that does not go on': (response) => response.write('{"data":{'),
};

const server = createServer(({ headers }, response) => {
  response.setHeader('x-request-id', 'req_1');
  ANSWERS[String(headers['x-answer'])]?.(response);
});
let baseUrl = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

test.each(Object.keys(ANSWERS))('a 200 with %s is a VelahookError', async (answer) => {
  const velahook = new Velahook({ baseUrl, timeoutMs: 200 });
  const failed: unknown = await velahook
    .get('/api/v1/workspace/settings', { headers: { 'x-answer': answer } })
    .catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(VelahookError);
  expect(failed).toMatchObject({ status: 200, code: 'BAD_ANSWER', requestId: 'req_1' });
  expect((failed as VelahookError).cause).toBeInstanceOf(Error);
});

test('a server that does not answer is one, too', async () => {
  const velahook = new Velahook({ baseUrl, timeoutMs: 200 });
  const call = velahook.get('/api/v1/workspace/settings', { headers: { 'x-answer': 'none' } });
  await expect(call).rejects.toMatchObject({ name: 'VelahookError', status: 0, code: 'NO_ANSWER' });
});

test('whoever ends a call himself is told so, also in the middle of its answer', async () => {
  const ending = new AbortController();
  const velahook = new Velahook({
    baseUrl,
    fetch: async (...asked) => {
      const response = await fetch(...asked);
      ending.abort();
      return response;
    },
  });
  const call = velahook.get('/api/v1/workspace/settings', {
    headers: { 'x-answer': 'an answer that does not go on' },
    signal: ending.signal,
  });
  await expect(call).rejects.toMatchObject({ name: 'AbortError' });
});
