import * as fc from 'fast-check';
import type { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { readResponseHeaders, responseHeadersText } from '../../src/domain/response-headers.ts';
import { type Attempts, startAttempts } from '../support/attempts.ts';
import { startRawReceiver } from '../support/raw-receiver.ts';

let attempts: Attempts;
beforeAll(async () => (attempts = await startAttempts()));
afterAll(() => attempts.close());
const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** What is kept of a response with this head, as it comes over the wire. */
async function keptOf(fields: string, status = 500) {
  const head = Buffer.from(`HTTP/1.1 ${status} X\r\ncontent-length: 0\r\n${fields}\r\n`, 'latin1');
  const receiver = await startRawReceiver((socket: Socket) => void socket.end(head), { host: '127.0.0.2' });
  cleanups.push(receiver.close);
  const { outcome, responseHeaders } = await attempts.make({ url: receiver.url() });
  return { outcome, text: responseHeaders ?? '', ...readResponseHeaders(responseHeaders ?? '') };
}

describe('the headers of a response', () => {
  test('that failed are kept, in lower case and in their order, each as often as it came', async () => {
    const kept = await keptOf('Server: nginx\r\nX-Empty:\r\nVary: a\r\nRetry-After: 5\r\nvary: b: c\r\n');
    expect(kept.fields).toEqual([
      { name: 'content-length', value: '0' },
      { name: 'server', value: 'nginx' },
      { name: 'x-empty', value: '' },
      { name: 'vary', value: 'a' },
      { name: 'vary', value: 'b: c' },
      { name: 'retry-after', value: '5' },
    ]);
    expect(kept.leftOut).toBe(0);
  });

  test('of a success are content-type alone, and a count of the others', async () => {
    const kept = await keptOf('Server: nginx\r\nContent-Type: application/json\r\nX-Id: 7\r\n', 200);
    expect(kept).toMatchObject({
      outcome: 'success',
      text: 'content-type: application/json\n+3',
      fields: [{ name: 'content-type', value: 'application/json' }],
      leftOut: 3,
    });
  });

  test('have no cookie', async () => {
    const kept = await keptOf('Set-Cookie: session=secret1; Path=/\r\nset-cookie: other=secret2\r\n');
    expect(kept.text).not.toContain('secret');
    expect(kept.fields.slice(1)).toEqual([
      { name: 'set-cookie', value: '[redacted]' },
      { name: 'set-cookie', value: '[redacted]' },
    ]);
  });

  test('are latin1, with what cannot be seen escaped', async () => {
    const kept = await keptOf(
      'x-a: caf\u00e9 \u0085\u00ad\u009b31m\r\nx-b: <script>alert(1)</script>\t\u00a0!\r\n',
    );
    expect(kept.fields.slice(1)).toEqual([
      { name: 'x-a', value: 'caf\u00e9 \\u{85}\\u{ad}\\u{9b}31m' },
      { name: 'x-b', value: '<script>alert(1)</script>\\u{9}\u00a0!' },
    ]);
  });

  test.each([
    'x: a\0b\r\n',
    'x: a\nSet-Cookie: b\r\n',
    'x: a\r\n folded\r\n',
    'x: a\rinjected: b\r\n',
    'x y: z\r\n',
  ])('make no field that was not one: %j', async (fields) => {
    const { outcome, text, fields: kept } = await keptOf(fields);
    // The parser refuses most of them; whatever it takes has one line for each field.
    if (outcome === 'protocol') expect(text).toBe('');
    else expect(text.split('\n').filter(Boolean)).toHaveLength(kept.length);
    expect(kept.map(({ name }) => name)).not.toContain('injected');
    expect(JSON.stringify(kept)).not.toContain('"b"');
  });

  test('are 32 fields at most, however many come', async () => {
    const many = Array.from({ length: 1_500 }, (_, i) => `h${i}:v\r\n`).join('');
    const kept = await keptOf(many);
    expect(kept.fields).toHaveLength(32);
    expect(kept.leftOut).toBe(1_501 - 32);
    expect((await keptOf('a:b\r\n'.repeat(2_500))).leftOut).toBe(2_501 - 32);
  });

  test('are 4 KiB at most, and a long value is cut', async () => {
    const long = `x: ${'\u00e9'.repeat(10_000)}\r\n`;
    const kept = await keptOf(long);
    expect(kept.fields[1]?.value).toMatch(/^\u00e9{511}…$/);
    const large = await keptOf(
      Array.from({ length: 20 }, (_, i) => `h${i}: ${'x'.repeat(600)}\r\n`).join(''),
    );
    expect(Buffer.byteLength(large.text)).toBeLessThanOrEqual(4_096);
    expect(large.fields.length + large.leftOut).toBe(21);
    expect(large.leftOut).toBeGreaterThan(10);
  });

  test('may have any name', () => {
    const names = ['__proto__', 'constructor', 'hasownproperty', '10', 'x'.repeat(500)];
    const headers = Object.fromEntries(names.map((name) => [name, 'v']));
    const { fields } = readResponseHeaders(responseHeadersText(headers, false));
    expect(fields.map(({ name }) => name)).toEqual(
      Object.keys(headers).map((name) => (name.length > 128 ? `${name.slice(0, 127)}…` : name)),
    );
  });

  test('come out of the store as they went in, one line each, whatever they are', () => {
    const value = fc.string({ unit: 'binary', maxLength: 700 });
    const name = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9a-z-]{1,20}$/);
    fc.assert(
      fc.property(
        fc.dictionary(name, fc.oneof(value, fc.array(value))),
        fc.boolean(),
        (headers, isSuccess) => {
          const text = responseHeadersText(headers, isSuccess);
          const count = Object.values(headers).flat().length;
          const { fields, leftOut } = readResponseHeaders(text);
          expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4_096);
          expect(fields.length + leftOut).toBe(count);
          expect(/[\p{Cc}\u2028\u2029]/u.test(text.replaceAll('\n', ''))).toBe(false);
          expect(text.split('\n').filter((line) => line.includes(': '))).toHaveLength(fields.length);
        },
      ),
    );
  });
});
