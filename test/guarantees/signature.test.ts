import { createHmac, timingSafeEqual } from 'node:crypto';
import * as fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { signBody, signStandard, standardKey } from '../../src/domain/signature.ts';

const BODY = Buffer.from('{"eventId":"evt_1","data":{"name":"Zoë","n":12345678901234567890}}');

/** As the VelaFlows documentation tells receivers to. */
function verifyAsDocumented(rawBody: Buffer, header: string, secret: string): boolean {
  const expected = 'sha256=' + createHmac('sha256', secret).update(rawBody).digest('hex');
  return header.length === expected.length && timingSafeEqual(Buffer.from(header), Buffer.from(expected));
}

describe('X-Webhook-Signature', () => {
  test('is what a fixed example says', () => {
    expect(signBody('key', Buffer.from('The quick brown fox jumps over the lazy dog'))).toBe(
      'sha256=f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8',
    );
  });

  test.each(['s', 'my-secret', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'x'.repeat(256)])(
    'verifies as documented, with the secret %s exactly as given',
    (secret) => {
      expect(verifyAsDocumented(BODY, signBody(secret, BODY), secret)).toBe(true);
      expect(verifyAsDocumented(BODY, signBody(secret, BODY), `${secret}x`)).toBe(false);
      expect(
        verifyAsDocumented(Buffer.concat([BODY, Buffer.from(' ')]), signBody(secret, BODY), secret),
      ).toBe(false);
    },
  );
});

describe('webhook-signature', () => {
  test('is what the specification gives as an example', () => {
    const body = Buffer.from('{"test": 2432232314}');
    expect(
      signStandard(
        'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        'msg_p5jXN8AQM9LWM0D4loKWxJek',
        1614265330,
        body,
      ),
    ).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  test('verifies with the Standard Webhooks library, for any key and body', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.json(), (key, body) => {
        const secret = `whsec_${Buffer.from(key).toString('base64')}`;
        const timestampS = Math.floor(Date.now() / 1000);
        const headers = {
          'webhook-id': 'evt_1',
          'webhook-timestamp': String(timestampS),
          'webhook-signature': signStandard(secret, 'evt_1', timestampS, Buffer.from(body)),
        };
        expect(() => new Webhook(secret).verify(body, headers)).not.toThrow();
        expect(() => new Webhook(secret).verify(`${body} `, headers)).toThrow('No matching signature');
      }),
    );
  });

  test('verifies with a raw key when the secret is not whsec_', () => {
    const timestampS = Math.floor(Date.now() / 1000);
    const headers = {
      'webhook-id': 'evt_1',
      'webhook-timestamp': String(timestampS),
      'webhook-signature': signStandard('my plain secret', 'evt_1', timestampS, BODY),
    };
    expect(() =>
      new Webhook('my plain secret', { format: 'raw' }).verify(BODY.toString(), headers),
    ).not.toThrow();
  });
});

describe('the key of Standard Webhooks', () => {
  test.each([
    ['whsec_AAECAw==', Buffer.from([0, 1, 2, 3])],
    ['whsec_AAECAw', Buffer.from([0, 1, 2, 3])],
    ['whsec_+/+/', Buffer.from([251, 255, 191])],
  ])('%s is decoded', (secret, key) => {
    expect(standardKey(secret)).toEqual(key);
  });

  test.each([
    ['not base64', 'whsec_%%%%'],
    ['of the URL alphabet', 'whsec_-_-_'],
    ['padded too little', 'whsec_AAECAw='],
    ['padded too much', 'whsec_AAECAw==='],
    ['not canonical: its last bits are not zero', 'whsec_AAECAx=='],
    ['with white space inside', 'whsec_AAEC Aw=='],
    ['empty', 'whsec_'],
    ['without the prefix', 'AAECAw=='],
    ['with the prefix in capitals', 'WHSEC_AAECAw=='],
  ])('a secret that is %s is used whole', (_why, secret) => {
    expect(standardKey(secret)).toBe(secret);
  });
});
