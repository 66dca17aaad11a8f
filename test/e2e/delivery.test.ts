import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ApiAnswer, EventAnswer } from '../support/api-client.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import type { TestApp } from '../support/test-app.ts';
import { startTestApp } from '../support/test-app.ts';

let receiver: Receiver;
let app: TestApp;

beforeAll(async () => {
  receiver = await startReceiver();
  app = await startTestApp({ ca: receiver.ca });
});

afterAll(async () => {
  await app.stop();
  await receiver.close();
});

function requestsTo(path: string): (request: { path: string }) => boolean {
  return (request) => request.path === path;
}

function eventOf({ body }: ApiAnswer): EventAnswer {
  return (body.data as unknown as { event: EventAnswer }).event;
}

test('a delivery carries the documented body and headers, and both signatures verify', async () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  await app.api.subscribe({ url: receiver.url('/signed'), events: ['crm.lead.created'], secret });
  const event = await app.api.publish('crm.lead.created', { leadId: 'lead_1' });
  const [request] = await receiver.waitFor(1, requestsTo('/signed'));
  if (!request) throw new Error('it was waited for');
  expect(request.method).toBe('POST');
  expect(JSON.parse(request.body.toString())).toEqual({
    eventId: event.eventId,
    eventType: 'crm.lead.created',
    timestamp: event.timestamp,
    workspaceId: app.api.access.workspaceId,
    data: { leadId: 'lead_1' },
  });
  expect(request.headers).toMatchObject({
    'content-type': 'application/json',
    'user-agent': 'VelaFlows-Webhook/1.0',
    'x-webhook-event': 'crm.lead.created',
    'x-webhook-attempt': '1',
    'webhook-id': event.eventId,
  });
  expect(request.headers['x-webhook-delivery-id']).toMatch(/^att_[0-9a-f]{24}$/);
  // As the documentation tells receivers to verify.
  const hex = createHmac('sha256', secret).update(request.body).digest('hex');
  expect(request.headers['x-webhook-signature']).toBe(`sha256=${hex}`);
  // As Standard Webhooks does.
  const verified = new Webhook(secret).verify(request.body, request.headers as Record<string, string>);
  expect(verified).toHaveProperty('eventId', event.eventId);
});

test('without a configured secret only the generated key signs, and it is shown once', async () => {
  const subscription = await app.api.subscribe({
    url: receiver.url('/generated'),
    events: ['customer.merged'],
  });
  expect(subscription.secret).toMatch(/^whsec_/);
  await app.api.publish('customer.merged', {});
  const [request] = await receiver.waitFor(1, requestsTo('/generated'));
  expect(request?.headers['x-webhook-signature']).toBeUndefined();
  const verify = (): unknown =>
    new Webhook(subscription.secret ?? '').verify(
      request?.body ?? '',
      request?.headers as Record<string, string>,
    );
  expect(verify).not.toThrow();
  const again = await app.api.call('GET', `/integrations/webhooks/${subscription._id}`);
  expect(again.text).not.toContain(subscription.secret);
});

test('big integers, decimals, duplicate keys, order and spaces of data arrive byte for byte', async () => {
  const data =
    '{ "n":12345678901234567890,"f":1.0, "e":1E400,"z":-0,"u":"\\u00e9","s":"a\\/b","dup":1,"dup":2,"__proto__":{"x":1},"b":1,"a":2 }';
  await app.api.subscribe({ url: receiver.url('/bytes'), events: ['workflow.*', 'broadcast.campaign.sent'] });
  const answer = await app.api.call(
    'POST',
    '/events',
    `{"eventType":"broadcast.campaign.sent","data":${data}}`,
  );
  expect(answer.status).toBe(202);
  const [request] = await receiver.waitFor(1, requestsTo('/bytes'));
  expect(request?.body.toString()).toContain(`"data":${data}}`);
  expect(request?.headers['content-length']).toBe(String(request?.body.length));
});

test('every subscription that wants the type gets it, and an inactive one is skipped', async () => {
  const path = '/wanted';
  await app.api.subscribe({ url: receiver.url(path), events: ['scheduling.*'] });
  await app.api.subscribe({ url: receiver.url(path), events: ['scheduling.appointment.booked', 'auth.*'] });
  await app.api.subscribe({ url: receiver.url(path), events: ['auth.*'] });
  const off = await app.api.subscribe({ url: receiver.url(path), events: ['scheduling.*'], active: false });
  const event = await app.api.publish('scheduling.appointment.booked', { at: 1 });
  expect(event.deliveries).toBe(3);
  await receiver.waitFor(2, requestsTo(path));
  const deliveries = await app.api.deliveries(`eventId=${event.eventId}`);
  expect(deliveries.find(({ subscriptionId }) => subscriptionId === off._id)?.state).toBe('skipped');
  expect(deliveries).toHaveLength(3);
});

test('the same eventId again is the same event, and another content under it is a conflict', async () => {
  const path = '/once';
  await app.api.subscribe({ url: receiver.url(path), events: ['once.thing.happened'] });
  const event = { eventType: 'once.thing.happened', eventId: 'order-4711', data: { total: 1 } };
  const answers = await Promise.all(Array.from({ length: 50 }, () => app.api.call('POST', '/events', event)));
  expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(202));
  expect(answers.filter((answer) => eventOf(answer).duplicate)).toHaveLength(49);
  const other = await app.api.call('POST', '/events', { ...event, data: { total: 2 } });
  expect(other.status).toBe(409);
  const keyed = { eventType: 'once.thing.happened', data: {} };
  const first = await app.api.call('POST', '/events', keyed, { 'idempotency-key': 'k1' });
  const again = await app.api.call('POST', '/events', keyed, { 'idempotency-key': 'k1' });
  expect(eventOf(again)).toMatchObject({ eventId: eventOf(first).eventId, duplicate: true });
  await receiver.waitFor(2, requestsTo(path));
  expect(receiver.requests.filter(requestsTo(path))).toHaveLength(2);
});

test('a test event goes to its subscription only, whatever it subscribes to', async () => {
  const path = '/tested';
  const subscription = await app.api.subscribe({ url: receiver.url(path), events: ['auth.user.logged_in'] });
  await app.api.subscribe({ url: receiver.url('/not-tested'), events: ['crm.*'] });
  const before = receiver.requests.filter(requestsTo('/not-tested')).length;
  const answer = await app.api.call('POST', `/integrations/webhooks/${subscription._id}/test`, {
    eventType: 'crm.lead.created',
    data: { hello: 'world' },
  });
  expect(answer.status).toBe(202);
  const [request] = await receiver.waitFor(1, requestsTo(path));
  expect(JSON.parse(request?.body.toString() ?? '')).toMatchObject({ data: { hello: 'world' } });
  expect(receiver.requests.filter(requestsTo('/not-tested'))).toHaveLength(before);
});

test('a delivery with an attempt in flight is shown as delivering, and found among the pending ones', async () => {
  const release = Promise.withResolvers<object>();
  receiver.respondAt('/held', () => release.promise);
  const { _id } = await app.api.subscribe({ url: receiver.url('/held'), events: ['held.thing.happened'] });
  await app.api.publish('held.thing.happened', {});
  await receiver.waitFor(1, requestsTo('/held'));
  const [delivery] = await app.api.deliveries(`subscriptionId=${_id}&state=pending`);
  expect(delivery?.state).toBe('delivering');
  release.resolve({});
  await expect
    .poll(async () => (await app.api.deliveries(`subscriptionId=${_id}`))[0]?.state)
    .toBe('succeeded');
});
