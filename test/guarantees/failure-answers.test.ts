import { expect, test } from 'vitest';
import { failureOf } from '../../src/http/errors.ts';
import { StoreUnavailable } from '../../src/store/store.ts';

const REQUEST_ID = '0b8f0e5e-a1c2-4a43-9a57-1c6a0d6f2a11';

test('a fault of ours is a 500 that names the request and nothing of the fault', () => {
  const faults = [
    new TypeError("Cannot read properties of undefined (reading 'hash')"),
    Object.assign(new Error('relation "tokens" does not exist'), { code: '42P01', statusCode: 500 }),
    'a thrown string',
    undefined,
  ];
  for (const fault of faults) {
    const { status, body, isOurs } = failureOf(fault, REQUEST_ID);
    expect([status, body.success, body.error.code, isOurs]).toEqual([500, false, 'INTERNAL_ERROR', true]);
    expect(body.error.message).toContain(REQUEST_ID);
    expect(JSON.stringify(body)).not.toMatch(/undefined|hash|relation|42P01|string|\bat\b/);
  }
});

test('a store that does not answer is a 503 that says when to come back, and nothing of the store', () => {
  const { status, headers, body } = failureOf(new StoreUnavailable('SQLITE_BUSY'), REQUEST_ID);
  expect([status, body.error.code]).toEqual([503, 'UNAVAILABLE']);
  expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  expect(JSON.stringify(body)).not.toContain('SQLITE');
});
