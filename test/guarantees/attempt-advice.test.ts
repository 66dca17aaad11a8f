import { describe, expect, test } from 'vitest';
import { adviceFor } from '../../src/domain/attempt-advice.ts';
import { ATTEMPT_OUTCOMES } from '../../src/domain/attempt.ts';

/** Capital, full stop, and none in between. */
const ONE_SENTENCE = /^[A-Z](?:[^.]|\.(?=\d))*\.$/;

describe('the advice about an attempt', () => {
  test.each(ATTEMPT_OUTCOMES)('that ended with %s is one sentence, and none after a success', (outcome) => {
    const advice = adviceFor({ outcome, statusCode: outcome === 'http_status' ? 500 : null });
    if (outcome === 'success') expect(advice).toBeNull();
    else expect(advice).toMatch(ONE_SENTENCE);
  });

  test('of any status is one sentence', () => {
    const failing = Array.from({ length: 900 }, (_, i) => 100 + i).filter((code) => code < 200 || code > 299);
    const told = failing.map((statusCode) => adviceFor({ outcome: 'http_status', statusCode }));
    expect(told.filter((advice) => advice === null || !ONE_SENTENCE.test(advice))).toEqual([]);
  });

  test.each([
    [301, 'redirects to'],
    [302, 'redirects to'],
    [307, 'redirects to'],
    [308, 'redirects to'],
    [304, 'from 200 to 299'],
    [400, 'does not accept'],
    [401, 'credential'],
    [403, 'firewall'],
    [404, 'path'],
    [405, 'POST'],
    [410, 'activate'],
    [413, 'request bodies'],
    [418, 'refused the request'],
    [422, 'does not accept'],
    [429, 'rateLimit'],
    [500, 'log'],
    [502, 'behind the proxy'],
    [503, 'overloaded'],
    [504, 'behind the proxy'],
    [599, 'log'],
    [999, 'from 200 to 299'],
  ])('after a %i says what is particular to it', (statusCode, part) => {
    expect(adviceFor({ outcome: 'http_status', statusCode })).toContain(part);
  });

  test.each([
    ['dns', 'A or AAAA'],
    ['connect', 'firewall'],
    ['tls', 'certificate'],
    ['protocol', 'HTTP/1.1'],
    ['blocked_address', 'public'],
  ] as const)('after %s says where to look', (outcome, part) => {
    expect(adviceFor({ outcome, statusCode: null })).toContain(part);
  });

  test('after a timeout depends on whether the receiver had the request', () => {
    const outcome = 'timeout' as const;
    expect(adviceFor({ outcome, statusCode: null, isSent: false })).toContain('reachable');
    for (const isSent of [true, undefined])
      expect(adviceFor({ outcome, statusCode: null, isSent })).toContain('timeoutMs');
  });
});
