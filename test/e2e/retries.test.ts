import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_RETRY_POLICY } from '../../src/domain/retry-policy.ts';
import type { DeliveryDetailAnswer } from '../support/api-client.ts';
import { FakeClock } from '../support/fake-clock.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import type { TestApp } from '../support/test-app.ts';
import { startTestApp } from '../support/test-app.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
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

/** The event's only delivery, once it has so many recorded attempts. */
async function attempted(eventId: string, attempts: number): Promise<DeliveryDetailAnswer> {
  await expect
    .poll(async () => (await app.api.deliveries(`eventId=${eventId}`))[0]?.attemptCount)
    .toBe(attempts);
  const [delivery] = await app.api.deliveries(`eventId=${eventId}`);
  if (!delivery) throw new Error('it was waited for');
  return app.api.delivery(delivery._id);
}

describe('the schedule', () => {
  test('a receiver that always fails gets twelve attempts within a day, each when it is due, then none', async () => {
    receiver.respond({ status: 500 });
    await app.api.subscribe({ url: receiver.url('/fails'), events: [EVENT] });
    const { eventId } = await app.api.publish(EVENT, { n: 1 });
    const waits = DEFAULT_RETRY_POLICY.delaysMs;
    let delivery = await attempted(eventId, 1);
    for (const [i, waitMs] of waits.entries()) {
      // Not a millisecond early; at most a tenth of jitter and the time an attempt takes late.
      clock.advance(waitMs - 1);
      expect(receiver.requests).toHaveLength(i + 1);
      clock.advance(waitMs * 0.1 + 1_000);
      delivery = await attempted(eventId, i + 2);
    }
    expect(delivery).toMatchObject({ state: 'failed', failureReason: 'exhausted', attemptCount: 12 });
    clock.advance(48 * HOUR_MS);
    expect(receiver.requests).toHaveLength(12);
    const bodies = new Set(receiver.requests.map(({ body }) => body.toString()));
    expect(bodies.size).toBe(1);
    expect(receiver.requests.map(({ headers }) => headers['x-webhook-attempt'])).toEqual(
      waits.concat(0).map((_, i) => String(i + 1)),
    );
    expect(new Set(receiver.requests.map(({ headers }) => headers['x-webhook-delivery-id'])).size).toBe(12);
    const starts = delivery.attempts.map(({ startedAt }) => Date.parse(startedAt));
    expect((starts.at(-1) ?? 0) - (starts[0] ?? 0)).toBeLessThanOrEqual(24 * HOUR_MS);
  });

  test('a receiver that recovers gets the event once more, and no further retry', async () => {
    receiver.respond(({ number }) => ({ status: number < 3 ? 503 : 204 }));
    await app.api.subscribe({ url: receiver.url('/recovers'), events: [EVENT] });
    const { eventId } = await app.api.publish(EVENT, {});
    await attempted(eventId, 1);
    clock.advance(1_200);
    await attempted(eventId, 2);
    clock.advance(2_300);
    expect(await attempted(eventId, 3)).toMatchObject({ state: 'succeeded' });
    clock.advance(25 * HOUR_MS);
    expect(receiver.requests).toHaveLength(3);
  });

  test('a redirect is not followed, and is retried', async () => {
    receiver.respond(({ path }) =>
      path === '/moved' ? { status: 307, headers: { location: '/elsewhere' } } : {},
    );
    await app.api.subscribe({ url: receiver.url('/moved'), events: [EVENT] });
    const { eventId } = await app.api.publish(EVENT, {});
    expect(await attempted(eventId, 1)).toMatchObject({ state: 'pending' });
    expect(receiver.requests.map(({ path }) => path)).toEqual(['/moved']);
  });

  test('a 429 with Retry-After waits that long, and holds the whole subscription back', async () => {
    receiver.respond(({ number }) =>
      number === 1 ? { status: 429, headers: { 'retry-after': '120' } } : {},
    );
    await app.api.subscribe({ url: receiver.url('/busy'), events: [EVENT] });
    const first = await app.api.publish(EVENT, { n: 1 });
    await attempted(first.eventId, 1);
    const second = await app.api.publish(EVENT, { n: 2 });
    clock.advance(119_000);
    expect((await app.api.deliveries(`eventId=${second.eventId}`))[0]?.attemptCount).toBe(0);
    expect(receiver.requests).toHaveLength(1);
    clock.advance(1_500);
    await attempted(first.eventId, 2);
    await attempted(second.eventId, 1);
  });

  test('a due time is kept over a restart: neither forgotten nor counted anew', async () => {
    receiver.respond(({ number }) => ({ status: number <= 5 ? 500 : 200 }));
    await app.api.subscribe({ url: receiver.url('/later'), events: [EVENT] });
    const { eventId } = await app.api.publish(EVENT, {});
    await attempted(eventId, 1);
    for (const [i, waitMs] of [1, 2, 4, 8].entries()) {
      clock.advance(waitMs * 1_100 + 100);
      await attempted(eventId, i + 2);
    }
    const { environment } = app;
    await app.stop(true);
    clock.advance(30_000);
    app = await startTestApp({ ca: receiver.ca, ports: { clock }, environment });
    clock.advance(25_000);
    expect(receiver.requests).toHaveLength(5);
    clock.advance(12_000);
    expect(await attempted(eventId, 6)).toMatchObject({ state: 'succeeded' });
  });
});

describe('the clock', () => {
  test('set back by an hour, holds up neither a pause, nor a retry, nor a new event', async () => {
    const slowly = Promise.withResolvers<{ status: number }>();
    receiver.respond(({ body, headers }) => {
      if (body.toString().includes('"n":2')) return { status: 200 };
      return headers['x-webhook-attempt'] === '1' ? slowly.promise : { status: 500 };
    });
    await app.api.subscribe({ url: receiver.url('/clock'), events: [EVENT], timeoutMs: 1_000 });
    const first = await app.api.publish(EVENT, { n: 1 });
    await attempted(first.eventId, 1);
    clock.step(-HOUR_MS);
    const second = await app.api.publish(EVENT, { n: 2 });
    clock.advance(1_200);
    await attempted(first.eventId, 2);
    clock.advance(3_000);
    await attempted(second.eventId, 1);
    expect(Date.parse(second.timestamp)).toBeLessThan(Date.parse(first.timestamp));
    slowly.resolve({ status: 200 });
  });

  test('set forward by an hour, makes what is due by it due, once', async () => {
    receiver.respond(({ number }) => ({ status: number < 6 ? 500 : 200 }));
    await app.api.subscribe({ url: receiver.url('/clock'), events: [EVENT] });
    const { eventId } = await app.api.publish(EVENT, {});
    await attempted(eventId, 1);
    for (const [i, waitMs] of [1, 2, 4, 8].entries()) {
      clock.advance(waitMs * 1_100 + 100);
      await attempted(eventId, i + 2);
    }
    clock.step(HOUR_MS);
    clock.advance(1_000);
    expect(await attempted(eventId, 6)).toMatchObject({ state: 'succeeded' });
    expect(receiver.requests).toHaveLength(6);
  });
});

describe('deactivation', () => {
  test('a 410 deactivates at once, fails its delivery, cancels the others and tells who asked to be told', async () => {
    const release = Promise.withResolvers<void>();
    receiver.respondAt('/gone', async ({ body }) => {
      if (body.toString().includes('"first"')) return { status: 410 };
      await release.promise;
      return { status: 500 };
    });
    await app.api.subscribe({ url: receiver.url('/told'), events: ['webhook.subscription.deactivated'] });
    const gone = await app.api.subscribe({
      url: receiver.url('/gone'),
      events: [EVENT, 'webhook.subscription.deactivated', '*'],
    });
    const waiting = await app.api.publish(EVENT, { which: 'second' });
    await receiver.waitFor(1, ({ path }) => path === '/gone');
    const first = await app.api.publish(EVENT, { which: 'first' });
    const [notice] = await receiver.waitFor(1, ({ path }) => path === '/told');
    expect(JSON.parse(notice?.body.toString() ?? '').data).toMatchObject({
      subscriptionId: gone._id,
      reason: 'gone',
    });
    expect(await attempted(first.eventId, 1)).toMatchObject({ state: 'failed', failureReason: 'gone' });
    const { subscription } = await app.api.ok<{ subscription: object }>(
      'GET',
      `/integrations/webhooks/${gone._id}`,
    );
    expect(subscription).toMatchObject({ status: 'deactivated', active: false, deactivationReason: 'gone' });
    release.resolve();
    await expect
      .poll(async () => (await app.api.deliveries(`eventId=${waiting.eventId}`))[0]?.state)
      .toBe('cancelled');
    const later = await app.api.publish(EVENT, { which: 'third' });
    expect((await app.api.deliveries(`eventId=${later.eventId}`)).map(({ state }) => state)).toEqual([
      'skipped',
    ]);
    expect(receiver.requests.filter(({ path }) => path === '/told')).toHaveLength(1);
  });

  test('a subscription that only fails is told after 24 h and switched off after 72 h and 20 failed deliveries', async () => {
    receiver.respondAt('/dead', { status: 500 });
    const dead = await app.api.subscribe({
      url: receiver.url('/dead'),
      events: [EVENT, 'webhook.subscription.failing'],
    });
    await app.api.subscribe({
      url: receiver.url('/told'),
      events: ['webhook.subscription.failing', 'webhook.subscription.deactivated'],
    });
    const began = clock.now();
    for (let i = 0; i < 20; i++) await app.api.publish(EVENT, { i });
    const state = async (): Promise<unknown> =>
      (await app.api.ok<{ subscription: object }>('GET', `/integrations/webhooks/${dead._id}`)).subscription;
    for (const [i, waitMs] of [0, ...DEFAULT_RETRY_POLICY.delaysMs].entries()) {
      clock.advance(waitMs * 1.1 + 100);
      await expect
        .poll(async () => {
          // Attempts to a failing receiver are made one at a time; each end lets the next begin, at once or, where
          // a loaded machine made one slow, after a pause.
          clock.advance(500);
          const pending = await app.api.deliveries('state=pending');
          return pending.every(({ attemptCount }) => attemptCount > i);
        })
        .toBe(true);
    }
    await expect.poll(async () => (await app.api.deliveries('state=failed')).length).toBe(20);
    clock.advance(HOUR_MS);
    const [failing] = await receiver.waitFor(1, ({ path }) => path === '/told');
    expect(failing?.headers['x-webhook-event']).toBe('webhook.subscription.failing');
    expect(await state()).toMatchObject({ status: 'active' });
    // It asked to be told, too; but by what it does not answer it cannot be.
    const own = `subscriptionId=${dead._id}&eventType=webhook.subscription.failing`;
    expect(await app.api.deliveries(own)).toEqual([]);
    clock.advance(50 * HOUR_MS);
    const [, deactivated] = await receiver.waitFor(2, ({ path }) => path === '/told');
    expect(deactivated?.headers['x-webhook-event']).toBe('webhook.subscription.deactivated');
    expect(await state()).toMatchObject({ status: 'deactivated', deactivationReason: 'failing' });
    // What failed two days before it was switched off is part of what it missed, and its replay takes it.
    const hook = `/integrations/webhooks/${dead._id}`;
    const { missed } = await app.api.ok<{ missed: { since: string; count: number } }>(
      'GET',
      `${hook}/missed`,
    );
    expect(missed.count).toBe(20);
    // A day before the first failure: soon after the beginning, however slow the machine.
    const first = Date.parse(missed.since) + 24 * HOUR_MS;
    expect((first - began) / HOUR_MS).toBeCloseTo(0, 0);
    await app.api.ok('PATCH', hook, { active: true });
    const { since } = missed;
    const { replay } = await app.api.ok<{ replay: { count: number } }>('POST', `${hook}/replay`, { since });
    expect(replay.count).toBe(20);
  }, 60_000);
});
