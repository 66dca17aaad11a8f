import { describe, expect, it } from 'vitest';
import { CATALOGUED_NAMES } from '../../src/domain/catalogue.ts';
import { Refusal } from '../../src/domain/errors.ts';
import { createEventTypeJudge } from '../../src/domain/event-type.ts';
import { readPublishRequest, readTestRequest } from '../../src/engine/intake/publish-request.ts';

const rules = { dataBytesMax: 1_000, judge: createEventTypeJudge(CATALOGUED_NAMES, 'warn') };
const read = (body: string | Uint8Array) =>
  readPublishRequest(typeof body === 'string' ? Buffer.from(body) : body, rules);

function refusal(body: string | Uint8Array): Refusal {
  try {
    read(body);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('a publish request', () => {
  it('keeps data byte for byte, in memory of its own', () => {
    const data =
      '{"n":12345678901234567890,"f":1.10, "z":-0,"u":"\\u00e9","s":"a\\/b","dup":1,"dup":2,"":{}}';
    const body = Buffer.from(`{"data":${data} , "eventType":"crm.lead.created"}`);
    const request = readPublishRequest(body, rules);
    body.fill(0);
    expect(Buffer.from(request.data).toString()).toBe(data);
    expect(request.data.buffer.byteLength).toBe(data.length);
    expect(request).toMatchObject({ eventType: 'crm.lead.created', warnings: [] });
  });

  it('has its timestamp normalised', () => {
    const at = (timestamp: string) =>
      read(JSON.stringify({ eventType: 'crm.lead.created', data: {}, timestamp })).timestamp;
    expect(at('2026-03-24T16:30:00+02:00')).toBe('2026-03-24T14:30:00.000Z');
    expect(at('2026-03-24t14:30:00.123456z')).toBe('2026-03-24T14:30:00.123Z');
    expect(at('2024-02-29T23:59:59.9-00:30')).toBe('2024-03-01T00:29:59.900Z');
  });

  it.each([
    '2026-03-24',
    '2026-03-24T14:30:00',
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-03-24T24:00:00Z',
    '2026-03-24T14:60:00Z',
    '2026-03-24T14:30:60Z',
    '2026-03-24T14:30:00+24:00',
    '0000-01-01T00:00:00+23:59',
    'Tue, 24 Mar 2026 14:30:00 GMT',
    '1774362600',
    '',
  ])('refuses the timestamp %j', (timestamp) => {
    const { mistakes } = refusal(JSON.stringify({ eventType: 'crm.lead.created', data: {}, timestamp }));
    expect(mistakes?.map(({ path }) => path)).toEqual(['timestamp']);
  });

  it('is told all its mistakes at once', () => {
    const body = JSON.stringify({
      eventType: 'crm..lead',
      data: [],
      eventId: 'a.b',
      timestamp: 'noon',
      orderingKey: 'x'.repeat(129),
      workspaceId: 'other',
      ['x'.repeat(500)]: 1,
    });
    const { code, mistakes } = refusal(body);
    expect(code).toBe('VALIDATION_ERROR');
    expect(mistakes?.map(({ path }) => path)).toEqual([
      'data',
      'eventType',
      'eventId',
      'timestamp',
      'orderingKey',
      'workspaceId',
      `${'x'.repeat(64)}…`,
    ]);
    expect(refusal('{}').mistakes?.map(({ path }) => path)).toEqual(['eventType', 'data']);
    expect(refusal('{"eventType":7,"data":null,"eventId":null}').mistakes).toHaveLength(3);
  });

  it.each([
    ['an event type given twice', '{"eventType":"crm.lead.created","data":{},"eventType":"crm.deal.won"}'],
    ['data given twice', '{"eventType":"crm.lead.created","data":{},"data":{}}'],
    ['a field given twice, once escaped', '{"eventType":"crm.lead.created","event\\u0054ype":"x","data":{}}'],
    ['an unknown field given twice', '{"eventType":"crm.lead.created","data":{},"x":1,"x":1}'],
    ['no JSON', '{"eventType"'],
    ['nothing', ''],
    ['a byte order mark', '\ufeff{}'],
  ])('is a 400 for %s', (_what, body) => {
    expect(refusal(body).code).toBe('BAD_REQUEST');
  });

  it.each([
    ['an invalid byte', [0xc3, 0x28]],
    ['an overlong form', [0xc0, 0xaf]],
    ['an encoded surrogate', [0xed, 0xa0, 0x80]],
    ['half a character', [0xe2, 0x82]],
  ])('is a 400 for %s, which is never repaired', (_what, bytes) => {
    const body = Buffer.concat([
      Buffer.from('{"eventType":"crm.lead.created","data":{"a":"'),
      Buffer.from(bytes),
      Buffer.from('"}}'),
    ]);
    expect(refusal(body)).toMatchObject({ code: 'BAD_REQUEST' });
  });

  it.each(['utf16le', 'ucs2'] as const)('is a 400 in %s', (encoding) => {
    expect(refusal(Buffer.from('\ufeff{"eventType":"crm.lead.created","data":{}}', encoding)).code).toBe(
      'BAD_REQUEST',
    );
    expect(refusal(Buffer.from('{"eventType":"crm.lead.created","data":{}}', encoding)).code).toBe(
      'BAD_REQUEST',
    );
  });

  it('takes escaped surrogates and NUL in data as they are', () => {
    const data = '{"lone":"\\ud800","nul":"\\u0000"}';
    expect(Buffer.from(read(`{"eventType":"crm.lead.created","data":${data}}`).data).toString()).toBe(data);
  });

  it('takes data up to its limit and not a byte more', () => {
    const sized = (bytes: number) =>
      `{"eventType":"crm.lead.created","data":{"a":"${'x'.repeat(bytes - '{"a":""}'.length)}"}}`;
    expect(read(sized(1_000)).data).toHaveLength(1_000);
    expect(refusal(sized(1_001)).code).toBe('PAYLOAD_TOO_LARGE');
  });

  it('cannot reach the prototype of anything', () => {
    const hostile = '{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}}';
    const { mistakes } = refusal(`{"eventType":"crm.lead.created","data":{},${hostile.slice(1)}`);
    expect(mistakes?.map(({ path }) => path)).toEqual(['__proto__', 'constructor']);
    const request = read(`{"eventType":"crm.lead.created","data":${hostile}}`);
    expect(Buffer.from(request.data).toString()).toBe(hostile);
    expect(({} as Record<string, unknown>)['isAdmin']).toBeUndefined();
  });

  it('warns of an unknown type, refuses a misspelt and a reserved one', () => {
    const typed = (eventType: string) => JSON.stringify({ eventType, data: {} });
    expect(read(typed('shop.order.paid')).warnings).toHaveLength(1);
    expect(refusal(typed('crm.lead.craeted')).message).toContain('crm.lead.created');
    expect(refusal(typed('webhook.subscription.failing')).code).toBe('VALIDATION_ERROR');
    expect(refusal(typed('webhook.anything')).code).toBe('VALIDATION_ERROR');
  });
});

describe('a request for a test event', () => {
  const test = (body: string | undefined) =>
    readTestRequest(body === undefined ? undefined : Buffer.from(body), rules);

  it('may say nothing', () => {
    expect(test(undefined)).toEqual({ warnings: [] });
    expect(test('')).toEqual({ warnings: [] });
    expect(test('{}')).toEqual({ warnings: [] });
  });

  it('may choose a type, one of our own too, and data', () => {
    const request = test('{"eventType":"webhook.subscription.failing","data":{"n":1.0}}');
    expect(request.eventType).toBe('webhook.subscription.failing');
    expect(Buffer.from(request.data ?? []).toString()).toBe('{"n":1.0}');
  });

  it.each(['{"eventType":"crm.*"}', '{"eventType":"nodots"}', '{"data":1}', '{"url":"https://x.example"}'])(
    'is refused as %s',
    (body) => {
      expect(() => test(body)).toThrow(Refusal);
    },
  );
});
