import { execFileSync } from 'node:child_process';
import { createHmac, createPublicKey, verify } from 'node:crypto';
import process from 'node:process';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../support/fake-clock.ts';
import type { ReceivedRequest, Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import type { TestApp } from '../support/test-app.ts';
import { startTestApp } from '../support/test-app.ts';

const EVENT = 'crm.lead.created';
const OLD = 'the-old-secret-16';
const NEW = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const HOUR = 3_600_000;
/** A Python with the package `standardwebhooks`, where there is one. */
const PYTHON = findPython();

interface Shown {
  _id: string;
  publicKey: string;
  previousPublicKey: string | null;
  secret?: string;
}

let receiver: Receiver;
let clock: FakeClock;
let app: TestApp;

beforeEach(async () => {
  receiver = await startReceiver();
  clock = new FakeClock();
  app = await startTestApp({ ca: receiver.ca, ports: { clock } });
});

afterEach(async () => {
  await app.stop();
  await receiver.close();
});

async function subscribe(fields: Record<string, unknown>): Promise<Shown> {
  const made = await app.api.subscribe({ url: receiver.url('/hook'), events: [EVENT], ...fields });
  return made as unknown as Shown;
}

async function rotate(id: string, body: Record<string, unknown> = {}): Promise<Shown> {
  const path = `/integrations/webhooks/${id}/secret/rotate`;
  return (await app.api.ok<{ subscription: Shown }>('POST', path, body)).subscription;
}

/** What arrives of an event that is published now. */
async function next(): Promise<ReceivedRequest> {
  const { eventId } = await app.api.publish(EVENT, { name: 'Zoë', n: 12345678901234567890n.toString() });
  const [request] = await receiver.waitFor(1, ({ headers }) => headers['webhook-id'] === eventId);
  if (request === undefined) throw new Error('It has arrived.');
  return request;
}

function signaturesOf({ headers }: ReceivedRequest, version: 'v1' | 'v1a'): string[] {
  const all = String(headers['webhook-signature']).split(' ');
  return all.filter((signature) => signature.startsWith(`${version},`));
}

/** By the official library for JavaScript. */
function acceptsJavaScript(secret: string, { body, headers }: ReceivedRequest): boolean {
  const verifier = secret.startsWith('whsec_') ? new Webhook(secret) : new Webhook(secret, { format: 'raw' });
  try {
    verifier.verify(body.toString(), headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
}

/** By the one for Python. */
function acceptsPython(secret: string, { body, headers }: ReceivedRequest): boolean {
  const script = `
import base64, json, sys
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
given = json.load(sys.stdin)
secret = given["secret"]
key = secret if secret.startswith("whsec_") else base64.b64encode(secret.encode()).decode()
try:
    Webhook(key).verify(given["body"], given["headers"])
    print("yes")
except WebhookVerificationError:
    print("no")`;
  const input = JSON.stringify({ secret, body: body.toString(), headers });
  return execFileSync(PYTHON ?? '', ['-c', script], { input, encoding: 'utf8' }).trim() === 'yes';
}

function bySecret(secret: string, { body }: ReceivedRequest): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

/** Which of the `v1a` signatures the public key verifies, by their places. As the documentation does it. */
function verifiedBy(publicKey: string, request: ReceivedRequest): number[] {
  const head = Buffer.from('302a300506032b6570032100', 'hex');
  const point = Buffer.from(publicKey.slice('whpk_'.length), 'base64');
  const key = createPublicKey({ key: Buffer.concat([head, point]), format: 'der', type: 'spki' });
  const { headers, body } = request;
  const text = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.`;
  const signed = Buffer.concat([Buffer.from(text), body]);
  return signaturesOf(request, 'v1a').flatMap((signature, i) =>
    verify(null, signed, key, Buffer.from(signature.slice('v1a,'.length), 'base64')) ? [i] : [],
  );
}

describe('during a rotation', () => {
  test('both secrets sign, the documented signature stays with the old one; after it only the new one does', async () => {
    const { _id } = await subscribe({ secret: OLD });
    await rotate(_id, { secret: NEW, overlapHours: 1 });
    const during = await next();
    expect(signaturesOf(during, 'v1')).toHaveLength(2);
    expect([acceptsJavaScript(OLD, during), acceptsJavaScript(NEW, during)]).toEqual([true, true]);
    expect(during.headers['x-webhook-signature']).toBe(bySecret(OLD, during));

    clock.advance(HOUR);
    const after = await next();
    expect(signaturesOf(after, 'v1')).toHaveLength(1);
    expect([acceptsJavaScript(OLD, after), acceptsJavaScript(NEW, after)]).toEqual([false, true]);
    expect(after.headers['x-webhook-signature']).toBe(bySecret(NEW, after));
    await expect
      .poll(async () => {
        clock.advance(60_000);
        return (await app.app.store.findSubscription(app.api.access.workspaceId, _id))?.previous;
      })
      .toBeNull();
  });

  test('the new secret comes first, and finishing leaves it alone', async () => {
    const { _id, secret: first = '' } = await subscribe({});
    const { secret: second = '' } = await rotate(_id);
    const during = await next();
    expect(during.headers).not.toHaveProperty('x-webhook-signature');
    const newest = {
      ...during,
      headers: { ...during.headers, 'webhook-signature': signaturesOf(during, 'v1')[0] },
    };
    expect([acceptsJavaScript(first, newest), acceptsJavaScript(second, newest)]).toEqual([false, true]);
    await app.api.ok('POST', `/integrations/webhooks/${_id}/secret/rotate/finish`);
    const after = await next();
    expect([acceptsJavaScript(first, after), acceptsJavaScript(second, after)]).toEqual([false, true]);
  });

  test('a secret that is given where none was configured makes the documented signature at once', async () => {
    const { _id } = await subscribe({});
    expect((await next()).headers).not.toHaveProperty('x-webhook-signature');
    await rotate(_id, { secret: NEW });
    const during = await next();
    expect(during.headers['x-webhook-signature']).toBe(bySecret(NEW, during));
  });
});

test('ed25519 signatures verify with the public keys shown, and disturb nobody', async () => {
  const { _id, publicKey } = await subscribe({ secret: OLD, ed25519: true });
  const before = await next();
  expect(signaturesOf(before, 'v1a')).toHaveLength(1);
  expect(verifiedBy(publicKey, before)).toEqual([0]);
  expect(acceptsJavaScript(OLD, before)).toBe(true);
  expect(verifiedBy(publicKey, { ...before, body: Buffer.from(`${before.body.toString()} `) })).toEqual([]);

  const rotated = await rotate(_id, { secret: NEW });
  expect(rotated.previousPublicKey).toBe(publicKey);
  const during = await next();
  expect(signaturesOf(during, 'v1a')).toHaveLength(2);
  expect(verifiedBy(rotated.publicKey, during)).toEqual([0]);
  expect(verifiedBy(publicKey, during)).toEqual([1]);
  expect([acceptsJavaScript(OLD, during), acceptsJavaScript(NEW, during)]).toEqual([true, true]);

  clock.advance(24 * HOUR);
  const after = await next();
  expect(verifiedBy(rotated.publicKey, after)).toEqual([0]);
  expect(verifiedBy(publicKey, after)).toEqual([]);
});

test('extra headers go with what is pending, too, from the next attempt', async () => {
  receiver.respond({ status: 500 });
  const { _id } = await subscribe({ headers: { Authorization: 'Bearer one', 'X-Region': 'eu' } });
  const { headers: first } = await next();
  expect([first['authorization'], first['x-region']]).toEqual(['Bearer one', 'eu']);
  await app.api.ok('PATCH', `/integrations/webhooks/${_id}`, {
    headers: { Authorization: 'Bearer two', 'X-Region': '********' },
  });
  await expect.poll(async () => (await app.api.deliveries())[0]?.attemptCount).toBe(1);
  clock.advance(1_200);
  const [, second] = await receiver.waitFor(2);
  expect([second?.headers['authorization'], second?.headers['x-region']]).toEqual(['Bearer two', 'eu']);
});

test.skipIf(PYTHON === undefined)(
  `the Python library agrees, in a rotation and beside ed25519${PYTHON === undefined ? ' (there is no python3 with standardwebhooks)' : ''}`,
  async () => {
    const { _id } = await subscribe({ secret: OLD, ed25519: true });
    const before = await next();
    expect(acceptsPython(OLD, before)).toBe(true);
    expect(acceptsPython(OLD, { ...before, body: Buffer.from('{}') })).toBe(false);
    await rotate(_id, { secret: NEW });
    const during = await next();
    expect([acceptsPython(OLD, during), acceptsPython(NEW, during)]).toEqual([true, true]);
    clock.advance(24 * HOUR);
    const after = await next();
    expect([acceptsPython(OLD, after), acceptsPython(NEW, after)]).toEqual([false, true]);
  },
);

function findPython(): string | undefined {
  const python = process.env['VELAHOOK_TEST_PYTHON'] ?? 'python3';
  try {
    execFileSync(python, ['-c', 'import standardwebhooks'], { stdio: 'ignore' });
    return python;
  } catch {
    return undefined;
  }
}
