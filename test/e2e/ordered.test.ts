import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drained } from '../support/audit.ts';
import type { ReceivedRequest, Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import type { TestApp } from '../support/test-app.ts';
import { startTestApp } from '../support/test-app.ts';

let receiver: Receiver;
let node: TestApp;

beforeAll(async () => {
  receiver = await startReceiver();
  node = await startTestApp({
    ca: receiver.ca,
    environment: { VELAHOOK_RETRY_SCHEDULE: '200ms,200ms' },
  });
});

afterAll(async () => {
  await node.stop();
  await receiver.close();
});

interface Published {
  key: string | null;
  n: number;
}

function publishedOf({ body }: ReceivedRequest): Published {
  return (JSON.parse(body.toString()) as { data: Published }).data;
}

function at(path: string): ReceivedRequest[] {
  return receiver.requests.filter((request) => request.path === path);
}

async function subscribe(path: string, fields: Record<string, unknown> = {}): Promise<string> {
  const events = [`order${path.replaceAll('/', '.').replaceAll('-', '_')}`];
  const { _id } = await node.api.subscribe({ url: receiver.url(path), events, ordered: true, ...fields });
  return _id;
}

async function publish(path: string, key: string | null, n: number): Promise<void> {
  const type = `order${path.replaceAll('/', '.').replaceAll('-', '_')}`;
  await node.api.publish(type, { key, n }, key === null ? {} : { orderingKey: key });
}

/** The first arrival of each, by key, in the order they came. */
function arrivals(path: string): Map<string | null, number[]> {
  const byKey = new Map<string | null, number[]>();
  for (const request of at(path)) {
    const { key, n } = publishedOf(request);
    const of = byKey.get(key) ?? [];
    if (of.at(-1) !== n) byKey.set(key, [...of, n]);
  }
  return byKey;
}

describe('an ordered subscription', () => {
  test('gets the events of each key in order, one at a time, though some fail', async () => {
    await subscribe('/keys');
    let open = 0;
    let openMost = 0;
    const seen = new Set<string>();
    receiver.respondAt('/keys', async (request) => {
      const { key, n } = publishedOf(request);
      if (key === 'a') openMost = Math.max(openMost, ++open);
      await wait(2);
      const isFirst = !seen.has(`${key} ${n}`);
      seen.add(`${key} ${n}`);
      if (key === 'a') open -= 1;
      return { status: isFirst && n % 5 === 0 ? 500 : 200 };
    });
    const keys = ['a', 'b', 'c', null];
    for (let n = 0; n < 60; n += 4) await Promise.all(keys.map((key, k) => publish('/keys', key, n + k)));
    await drained(node.api, 20_000);
    for (const [key, order] of arrivals('/keys')) {
      expect(order, `key ${key}`).toEqual(order.toSorted((one, two) => one - two));
      expect(order).toHaveLength(15);
    }
    expect(openMost).toBe(1);
  });

  test('goes on with the next when one has failed for good, and holds up no other key meanwhile', async () => {
    await subscribe('/last');
    receiver.respondAt('/last', (request) => {
      const { key, n } = publishedOf(request);
      return { status: key === 'bad' && n === 0 ? 500 : 200 };
    });
    for (let n = 0; n < 3; n++) await publish('/last', 'bad', n);
    for (let n = 0; n < 3; n++) await publish('/last', 'good', n);
    await receiver.waitFor(3, (request) => request.path === '/last' && publishedOf(request).key === 'good');
    expect(arrivals('/last').get('bad')).toEqual([0]);
    await drained(node.api, 20_000);
    expect(
      at('/last')
        .map((request) => publishedOf(request))
        .filter(({ key }) => key === 'bad')
        .map(({ n }) => n),
    ).toEqual([0, 0, 0, 1, 2]);
  });

  test('goes on when the one that fails is cancelled, and a replay of it joins the end', async () => {
    const id = await subscribe('/cancelled');
    let isFailing = true;
    const gate = Promise.withResolvers<object>();
    receiver.respondAt('/cancelled', (request) => {
      const { n } = publishedOf(request);
      if (n === 0 && isFailing) return { status: 503, headers: { 'retry-after': '1' } };
      return n === 1 ? gate.promise : {};
    });
    for (let n = 0; n < 3; n++) await publish('/cancelled', 'k', n);
    await receiver.waitFor(1, ({ path }) => path === '/cancelled');
    const { items } = await node.api.ok<{
      items: { _id: string; eventId: string; nextAttemptAt: string | null }[];
    }>('GET', `/deliveries?subscriptionId=${id}`);
    const [third, second, first] = items;
    expect([third?.nextAttemptAt, second?.nextAttemptAt]).toEqual([null, null]);
    isFailing = false;
    await expect
      .poll(async () => (await node.api.call('POST', `/deliveries/${first?._id}/cancel`, {})).status)
      .toBe(200);
    await receiver.waitFor(1, (request) => request.path === '/cancelled' && publishedOf(request).n === 1);
    await node.api.ok('POST', `/deliveries/${first?._id}/replay`, {});
    gate.resolve({});
    await drained(node.api, 20_000);
    expect(arrivals('/cancelled').get('k')).toEqual([0, 1, 2, 0]);
  });

  test('that is switched off and on begins anew, and what it held back is cancelled', async () => {
    const id = await subscribe('/anew');
    const gate = Promise.withResolvers<object>();
    receiver.respondAt('/anew', () => gate.promise);
    for (let n = 0; n < 3; n++) await publish('/anew', 'k', n);
    await receiver.waitFor(1, ({ path }) => path === '/anew');
    for (const active of [false, true])
      await node.api.ok('PATCH', `/integrations/webhooks/${id}`, { active });
    gate.resolve({ status: 200 });
    await publish('/anew', 'k', 3);
    await drained(node.api, 20_000);
    expect(arrivals('/anew').get('k')).toEqual([0, 3]);
  });

  test('that is so no longer gets later events without order', async () => {
    const id = await subscribe('/freed');
    const gate = Promise.withResolvers<object>();
    receiver.respondAt('/freed', (request) => (publishedOf(request).n === 0 ? gate.promise : {}));
    for (let n = 0; n < 2; n++) await publish('/freed', null, n);
    await receiver.waitFor(1, ({ path }) => path === '/freed');
    await node.api.ok('PATCH', `/integrations/webhooks/${id}`, { ordered: false });
    await publish('/freed', null, 2);
    await receiver.waitFor(2, ({ path }) => path === '/freed');
    expect(arrivals('/freed').get(null)).toEqual([0, 2]);
    gate.resolve({});
    await drained(node.api, 20_000);
    expect(arrivals('/freed').get(null)).toEqual([0, 2, 1]);
  });

  test('that is one of many is not overtaken by a later event on its way through the others', async () => {
    const others = 150;
    const url = receiver.url('/crowd');
    const events = ['order.crowd'];
    for (let i = 0; i < others; i += 50)
      await Promise.all(Array.from({ length: 50 }, () => node.api.subscribe({ url, events })));
    await subscribe('/crowd-last', { events: ['order.crowd', 'order.few'] });
    for (let n = 0; n < 8; n += 2) {
      const [crowd, few] = [
        { eventType: 'order.crowd', data: { key: null, n } },
        { eventType: 'order.few', data: { key: null, n: n + 1 } },
      ];
      await node.api.ok('POST', '/events/batch', { events: [crowd, few] });
    }
    await drained(node.api, 30_000);
    expect(arrivals('/crowd-last').get(null)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(at('/crowd')).toHaveLength(4 * others);
  });
});

/** The most requests that came in any second. */
function mostInASecond(times: readonly number[]): number {
  let from = 0;
  return times.reduce((most, at, i) => {
    while ((times[from] ?? at) <= at - 1_000) from += 1;
    return Math.max(most, i - from + 1);
  }, 0);
}

describe('a subscription with a limit', () => {
  test('gets no more in any second, and another limit within a second; waiting is no attempt', async () => {
    const id = await subscribe('/limited', { ordered: false, rateLimit: 20 });
    for (let n = 0; n < 60; n += 20)
      await Promise.all(Array.from({ length: 20 }, (_, k) => publish('/limited', null, n + k)));
    await receiver.waitFor(40, ({ path }) => path === '/limited');
    const times = at('/limited').map(({ receivedAt }) => receivedAt);
    expect(mostInASecond(times)).toBeLessThanOrEqual(22);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(1_800);
    await node.api.ok('PATCH', `/integrations/webhooks/${id}`, { rateLimit: null });
    const changedAt = Date.now();
    await drained(node.api, 10_000);
    expect(Date.now() - changedAt).toBeLessThan(1_500);
    expect(new Set(at('/limited').map(({ headers }) => headers['x-webhook-attempt']))).toEqual(
      new Set(['1']),
    );
  });
});
