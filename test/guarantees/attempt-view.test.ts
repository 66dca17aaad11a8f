import { expect, test } from 'vitest';
import { readRequest, requestText } from '../../src/domain/attempt-request.ts';
import { viewAttempt } from '../../src/management/attempt-view.ts';
import { signingWith } from '../support/attempts.ts';

const OF = { eventId: 'evt_1', eventType: 'crm.lead.created', userAgent: 'Acme/1.0' };
const URL = 'https://hooks.example.com/a?b=c%20d';

test('an attempt that an older program recorded shows what is known of it', () => {
  const attempt = {
    id: 'att_1',
    number: 3,
    startedAt: 0,
    durationMs: 5,
    outcome: 'timeout' as const,
    statusCode: null,
    error: 'The time of 5 ms ran out.',
    responseBody: null,
    responseTruncated: false,
    responseHeaders: null,
    request: null,
    timing: null,
    remoteAddress: null,
  };
  expect(viewAttempt(attempt, OF)).toMatchObject({
    advice: expect.stringContaining('timeoutMs') as string,
    request: null,
    responseHeaders: null,
    responseHeadersLeftOut: 0,
    timing: null,
    remoteAddress: null,
  });
});

test('a request is read as it was written, with the signatures of a rotation and the names of own headers', () => {
  const signing = { ...signingWith('one'), secrets: ['two', 'one'], privateKeys: ['k2', 'k1'] };
  const text = requestText(URL, 1_764_000_000, signing, ['Authorization', 'a secret', 'X-Tenant', '7']);
  expect(text).not.toContain('secret');
  expect(readRequest(text)).toEqual({
    url: URL,
    sentAtS: 1_764_000_000,
    hasBodySignature: true,
    v1: 2,
    v1a: 2,
    headerNames: ['Authorization', 'X-Tenant'],
  });
  const unsent = requestText(URL, null, { ...signing, bodySecret: null }, []);
  expect(readRequest(unsent)).toMatchObject({
    url: URL,
    sentAtS: null,
    hasBodySignature: false,
    headerNames: [],
  });
});
