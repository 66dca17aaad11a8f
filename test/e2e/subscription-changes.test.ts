import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../support/fake-clock.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import type { TestApp } from '../support/test-app.ts';
import { startTestApp } from '../support/test-app.ts';

const EVENT = 'crm.lead.created';

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

function at(path: string): (request: { path: string }) => boolean {
  return (request) => request.path === path;
}

async function patch(id: string, change: object): Promise<void> {
  await app.api.ok('PATCH', `/integrations/webhooks/${id}`, change);
}

async function statesOf(subscriptionId: string): Promise<string[]> {
  return (await app.api.deliveries(`subscriptionId=${subscriptionId}`)).map(({ state }) => state);
}

/** Resolves when the subscription's only delivery has so many recorded attempts. */
async function attempted(subscriptionId: string, attempts: number): Promise<void> {
  await expect
    .poll(async () => (await app.api.deliveries(`subscriptionId=${subscriptionId}`))[0]?.attemptCount)
    .toBe(attempts);
}

test('a new URL and a new secret apply from the next attempt of what is pending', async () => {
  receiver.respondAt('/old', { status: 500 });
  const { _id } = await app.api.subscribe({
    url: receiver.url('/old'),
    events: [EVENT],
    secret: 'the-old-secret-16',
  });
  await app.api.publish(EVENT, {});
  await attempted(_id, 1);
  await patch(_id, { url: receiver.url('/new'), secret: 'the-new-secret-16' });
  clock.advance(1_200);
  const [request] = await receiver.waitFor(1, at('/new'));
  const hex = createHmac('sha256', 'the-new-secret-16')
    .update(request?.body ?? '')
    .digest('hex');
  expect(request?.headers['x-webhook-signature']).toBe(`sha256=${hex}`);
  expect(receiver.requests.filter(at('/old'))).toHaveLength(1);
});

test('a corrected URL does not inherit the pause its predecessor asked for', async () => {
  receiver.respondAt('/wrong', { status: 429, headers: { 'retry-after': '600' } });
  const { _id } = await app.api.subscribe({ url: receiver.url('/wrong'), events: [EVENT] });
  await app.api.publish(EVENT, { n: 1 });
  await attempted(_id, 1);
  await patch(_id, { url: receiver.url('/right') });
  const { eventId } = await app.api.publish(EVENT, { n: 2 });
  await receiver.waitFor(1, ({ path, headers }) => path === '/right' && headers['webhook-id'] === eventId);
  expect(receiver.requests.filter(at('/wrong'))).toHaveLength(1);
});

test('nor one that its predecessor asks for while it is being corrected', async () => {
  const release = Promise.withResolvers<{ status: number; headers: Record<string, string> }>();
  receiver.respondAt('/wrong', () => release.promise);
  const { _id } = await app.api.subscribe({ url: receiver.url('/wrong'), events: [EVENT] });
  await app.api.publish(EVENT, { n: 1 });
  await receiver.waitFor(1, at('/wrong'));
  await patch(_id, { url: receiver.url('/right') });
  await app.api.publish(EVENT, { n: 2 });
  await receiver.waitFor(1, at('/right'));
  release.resolve({ status: 429, headers: { 'retry-after': '600' } });
  await expect
    .poll(async () => (await app.api.deliveries('state=pending')).map(({ attemptCount }) => attemptCount))
    .toEqual([1]);
  const { eventId } = await app.api.publish(EVENT, { n: 3 });
  await receiver.waitFor(1, ({ headers }) => headers['webhook-id'] === eventId);
});

test('a 410 of the old URL, given while the URL was changed, leaves the subscription active', async () => {
  const release = Promise.withResolvers<{ status: number }>();
  receiver.respondAt('/old', () => release.promise);
  const { _id } = await app.api.subscribe({ url: receiver.url('/old'), events: [EVENT] });
  await app.api.publish(EVENT, { n: 1 });
  await receiver.waitFor(1, at('/old'));
  await patch(_id, { url: receiver.url('/new') });
  release.resolve({ status: 410 });
  await expect.poll(() => statesOf(_id)).toEqual(['failed']);
  await app.api.publish(EVENT, { n: 2 });
  await receiver.waitFor(1, at('/new'));
  await expect.poll(() => statesOf(_id)).toEqual(['succeeded', 'failed']);
});

test('a change of events applies to what is published later, and nothing published after its answer misses it', async () => {
  const { _id } = await app.api.subscribe({ url: receiver.url('/hook'), events: ['customer.created'] });
  expect((await app.api.publish(EVENT, {})).deliveries).toBe(0);
  for (let i = 0; i < 20; i++) {
    await patch(_id, { events: [EVENT] });
    expect((await app.api.publish(EVENT, { i })).deliveries).toBe(1);
    await patch(_id, { events: ['customer.created'] });
    expect((await app.api.publish(EVENT, { i })).deliveries).toBe(0);
  }
});

test('what is published while subscriptions are made finds each of them as soon as it was answered', async () => {
  const wanted = { url: receiver.url('/crowd'), events: [EVENT] };
  let made = 0;
  const creating = (async () => {
    for (; made < 30; made++) await app.api.subscribe(wanted);
  })();
  while (made < 30) {
    const before = made;
    const { deliveries } = await app.api.publish(EVENT, {});
    expect(deliveries).toBeGreaterThanOrEqual(before);
  }
  await creating;
});

test('switching off cancels what is pending and skips what matches; switching on brings neither back', async () => {
  receiver.respondAt('/off', { status: 500 });
  const { _id } = await app.api.subscribe({ url: receiver.url('/off'), events: [EVENT] });
  await app.api.publish(EVENT, { n: 1 });
  await attempted(_id, 1);
  await patch(_id, { active: false });
  await expect.poll(() => statesOf(_id)).toEqual(['cancelled']);
  await app.api.publish(EVENT, { n: 2 });
  expect(await statesOf(_id)).toEqual(['skipped', 'cancelled']);
  receiver.respondAt('/off', { status: 200 });
  await patch(_id, { active: true });
  clock.advance(3_600_000);
  await app.api.publish(EVENT, { n: 3 });
  await receiver.waitFor(2, at('/off'));
  await expect.poll(() => statesOf(_id)).toEqual(['succeeded', 'skipped', 'cancelled']);
  expect(receiver.requests.filter(at('/off'))).toHaveLength(2);
});

test('an attempt in flight when its subscription is switched off is recorded: its success wins', async () => {
  const release = Promise.withResolvers<{ status: number }>();
  receiver.respondAt('/slow', () => release.promise);
  const { _id } = await app.api.subscribe({ url: receiver.url('/slow'), events: [EVENT] });
  await app.api.publish(EVENT, {});
  await receiver.waitFor(1, at('/slow'));
  await patch(_id, { active: false });
  release.resolve({ status: 200 });
  await expect.poll(() => statesOf(_id)).toEqual(['succeeded']);
});

test('an attempt in flight when its subscription is deleted is recorded: its failure is the last', async () => {
  const release = Promise.withResolvers<{ status: number }>();
  receiver.respondAt('/slow', () => release.promise);
  const { _id } = await app.api.subscribe({ url: receiver.url('/slow'), events: [EVENT] });
  await app.api.publish(EVENT, {});
  await receiver.waitFor(1, at('/slow'));
  const deleted = await app.api.call('DELETE', `/integrations/webhooks/${_id}`);
  expect(deleted.body.data).toEqual({ deleted: true, _id });
  release.resolve({ status: 500 });
  await expect.poll(() => statesOf(_id)).toEqual(['cancelled']);
  await expect.poll(async () => (await app.api.deliveries(`subscriptionId=${_id}`))[0]?.attemptCount).toBe(1);
  clock.advance(3_600_000);
  expect((await app.api.call('GET', `/integrations/webhooks/${_id}`)).status).toBe(404);
  expect(receiver.requests).toHaveLength(1);
});

test('a large backlog is cancelled too, and the subscription can be used again at once', async () => {
  const release = Promise.withResolvers<{ status: number }>();
  receiver.respondAt('/backlog', () => release.promise);
  const { _id } = await app.api.subscribe({ url: receiver.url('/backlog'), events: [EVENT] });
  await Promise.all(Array.from({ length: 1_200 }, (_, i) => app.api.publish(EVENT, { i })));
  await receiver.waitFor(1, at('/backlog'));
  await patch(_id, { active: false });
  await patch(_id, { active: true });
  release.resolve({ status: 200 });
  const before = receiver.requests.length;
  const { eventId } = await app.api.publish(EVENT, { after: true });
  await receiver.waitFor(1, ({ headers }) => headers['webhook-id'] === eventId);
  await expect
    .poll(async () => (await app.api.deliveries('state=pending')).length, { timeout: 10_000 })
    .toBe(0);
  const states = await statesOf(_id);
  expect(states).toHaveLength(1_201);
  expect(states.filter((state) => state === 'cancelled').length).toBe(
    1_201 - states.filter((s) => s === 'succeeded').length,
  );
  expect(receiver.requests.length).toBeLessThanOrEqual(before + 50);
});
