import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, test } from 'vitest';
import { signingWith, startAttempts } from '../support/attempts.ts';
import { startRawReceiver } from '../support/raw-receiver.ts';
import { startReceiver } from '../support/receiver.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const BODY = Buffer.from(
  '{"eventId":"evt_1","data":{"n":12345678901234567890,"f":1.10,"u":"\\u00e9","é":1,"dup":1,"dup":2}}',
);

async function startAll() {
  const receiver = await startReceiver({ host: '127.0.0.2' });
  const attempts = await startAttempts({ userAgent: 'VelaFlows-Webhook/1.0' });
  cleanups.push(receiver.close, attempts.close);
  return { receiver, attempts };
}

describe('a request on the wire', () => {
  test('has exactly these lines, and the bytes of the body', async () => {
    const receiver = await startRawReceiver(
      (socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'),
      { host: '127.0.0.2' },
    );
    const attempts = await startAttempts();
    cleanups.push(receiver.close, attempts.close);
    const order = {
      url: receiver.url('/hook/%C3%A9?a=%0D%0A&b='),
      signing: signingWith(SECRET),
      headers: ['Authorization', 'Bearer of theirs', 'x-tenant', 'a b'],
      body: BODY,
      number: 3,
      eventType: 'crm.lead.stage_changed',
      eventId: 'evt_abc',
    };
    const result = await attempts.make(order);
    expect(result.outcome).toBe('success');
    const [head = '', body] = receiver.received().toString('latin1').split('\r\n\r\n');
    const lines = head
      .split('\r\n')
      .map((line) =>
        line
          .replace(/^webhook-timestamp: \d{10}$/, 'webhook-timestamp: T')
          .replace(/^webhook-signature: v1,[\w+/]{43}=$/, 'webhook-signature: S'),
      );
    expect(lines).toEqual([
      'POST /hook/%C3%A9?a=%0D%0A&b= HTTP/1.1',
      `host: 127.0.0.2:${receiver.port}`,
      'connection: keep-alive',
      'Content-Type: application/json',
      'User-Agent: VelaFlows-Webhook/1.0',
      'X-Webhook-Event: crm.lead.stage_changed',
      `X-Webhook-Delivery-Id: ${result.attemptId}`,
      'X-Webhook-Attempt: 3',
      'webhook-id: evt_abc',
      'webhook-timestamp: T',
      'webhook-signature: S',
      `X-Webhook-Signature: sha256=${createHmac('sha256', SECRET).update(BODY).digest('hex')}`,
      'Authorization: Bearer of theirs',
      'x-tenant: a b',
      `content-length: ${BODY.length}`,
    ]);
    expect(Buffer.from(body ?? '', 'latin1').equals(BODY)).toBe(true);
  });

  test('carries X-Webhook-Signature only where a secret was configured', async () => {
    const { receiver, attempts } = await startAll();
    const signing = { ...signingWith(SECRET), bodySecret: null };
    await attempts.make({ url: receiver.url(), signing });
    expect(receiver.requests[0]?.headers).not.toHaveProperty('x-webhook-signature');
    expect(receiver.requests[0]?.headers).toHaveProperty('webhook-signature');
  });

  test.each(['a\r\nX-Evil: 1', 'a\nb', 'a\0b', 'a\u010d\u010ab', 'a\u{1f600}b'])(
    'takes no header that would split it: %j',
    async (text) => {
      const { receiver, attempts } = await startAll();
      for (const order of [{ eventType: text }, { eventId: text }]) {
        expect(await attempts.make({ url: receiver.url(), ...order })).toMatchObject({
          outcome: 'protocol',
          statusCode: null,
        });
      }
      expect(receiver.requests).toHaveLength(0);
    },
  );
});

describe('every attempt', () => {
  test('is signed anew over the very bytes it sends, under the same webhook-id', async () => {
    const { receiver, attempts } = await startAll();
    receiver.respond({ status: 500 });
    for (let number = 1; number <= 3; number++)
      await attempts.make({ url: receiver.url(), signing: signingWith(SECRET), body: BODY, number });
    const requests = await receiver.waitFor(3);
    for (const [index, request] of requests.entries()) {
      const headers = request.headers as Record<string, string>;
      expect(() =>
        new Webhook(SECRET).verify(request.body.toString(), headers, { jsonParse: false }),
      ).not.toThrow();
      expect(request.body.equals(BODY)).toBe(true);
      expect(headers['x-webhook-attempt']).toBe(String(index + 1));
      const ageS = Date.now() / 1000 - Number(headers['webhook-timestamp']);
      expect(ageS).toBeGreaterThanOrEqual(0);
      expect(ageS).toBeLessThan(5);
    }
    expect(new Set(requests.map((request) => request.headers['webhook-id'])).size).toBe(1);
    expect(new Set(requests.map((request) => request.headers['x-webhook-delivery-id'])).size).toBe(3);
  });

  test('sends no cookie that an earlier answer set', async () => {
    const { receiver, attempts } = await startAll();
    receiver.respond({ headers: { 'set-cookie': 'a=b' } });
    await attempts.make({ url: receiver.url() });
    await attempts.make({ url: receiver.url() });
    expect(receiver.requests[1]?.headers).not.toHaveProperty('cookie');
  });
});

test.each(['not a url', 'http://127.0.0.2/', 'ftp://127.0.0.2/', ''])(
  'a URL that is not https is never dialled: %j',
  async (url) => {
    const { attempts } = await startAll();
    expect(await attempts.make({ url })).toMatchObject({ outcome: 'protocol', statusCode: null });
  },
);
