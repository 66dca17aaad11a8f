import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EventAnswer } from '../support/api-client.ts';
import { drained } from '../support/audit.ts';
import type { ReceivedRequest, Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import type { TemporaryDatabase } from '../support/temporary-postgres.ts';
import { makeTemporaryDatabase } from '../support/temporary-postgres.ts';
import type { TestApp } from '../support/test-app.ts';
import { startTestApp } from '../support/test-app.ts';
import { environmentOf } from '../support/test-store.ts';

const EVENT = 'crm.lead.created';
/** Enough that they are worth sharing out. */
const LANES = 60;

let receiver: Receiver;
let database: TemporaryDatabase;
let nodes: TestApp[];
let one: TestApp;
let two: TestApp;

beforeEach(async () => {
  receiver = await startReceiver();
  database = await makeTemporaryDatabase();
  nodes = [];
  [one, two] = await Promise.all([startNode(), startNode()]);
});

afterEach(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  await database.remove();
  await receiver.close();
});

async function startNode(more: Record<string, string> = {}): Promise<TestApp> {
  const environment = { ...environmentOf(database), VELAHOOK_SHUTDOWN_GRACE_MS: '5000', ...more };
  const node = await startTestApp({ ca: receiver.ca, environment });
  nodes.push(node);
  return node;
}

function to(path: string): (request: ReceivedRequest) => boolean {
  return (request) => request.path === path;
}

function eventIdsAt(path: string): string[] {
  return receiver.requests.filter(to(path)).map(({ headers }) => String(headers['webhook-id']));
}

/** So many events, on both nodes by turns; as many at once as a slow machine can take. */
async function publishOnBoth(count: number): Promise<EventAnswer[]> {
  const events: EventAnswer[] = [];
  for (let i = 0; i < count; i += 50) {
    const some = Array.from({ length: Math.min(50, count - i) }, (_, k) =>
      (k % 2 === 0 ? one : two).api.publish(EVENT, { i, k }),
    );
    events.push(...(await Promise.all(some)));
  }
  return events;
}

/** All of them arrived there, each once, and nothing is left to be done. */
async function expectEachOnce(path: string, events: readonly EventAnswer[]): Promise<void> {
  await drained(one.api, 20_000);
  expect(eventIdsAt(path).toSorted()).toEqual(events.map(({ eventId }) => eventId).toSorted());
}

async function ownerships(): Promise<{ epoch: number; lanes: number }[]> {
  return database.query(
    `SELECT epoch::int, (SELECT count(*)::int FROM velahook.lanes WHERE owner = epoch) AS lanes
     FROM velahook.nodes WHERE NOT retired ORDER BY epoch`,
  );
}

describe('two nodes of one database', () => {
  test('what is subscribed on one is delivered when published on the other at once, once', async () => {
    const published: EventAnswer[] = [];
    for (let i = 0; i < 20; i++) {
      const [here, there] = i % 2 === 0 ? [one, two] : [two, one];
      const path = `/at-once-${i}`;
      await here.api.subscribe({ url: receiver.url(path), events: [`some.thing.number_${i}`] });
      const event = await there.api.publish(`some.thing.number_${i}`, { i });
      expect(event.deliveries).toBe(1);
      published.push(event);
    }
    await drained(one.api, 20_000);
    for (const [i, event] of published.entries())
      expect(eventIdsAt(`/at-once-${i}`)).toEqual([event.eventId]);
  });

  test('events published on both arrive once each, whoever owns the lane', async () => {
    await one.api.subscribe({ url: receiver.url('/both'), events: [EVENT] });
    const events: EventAnswer[] = [];
    for (let i = 0; i < 40; i++) {
      const event = await (i % 2 === 0 ? one : two).api.publish(EVENT, { i });
      events.push(event);
      await receiver.waitFor(1, ({ headers }) => headers['webhook-id'] === event.eventId);
    }
    await expectEachOnce('/both', events);
  });

  test('a flood of events on both at once arrives once each', async () => {
    for (const path of ['/flood-1', '/flood-2', '/flood-3'])
      await one.api.subscribe({ url: receiver.url(path), events: [EVENT] });
    const events = await publishOnBoth(300);
    for (const path of ['/flood-1', '/flood-2', '/flood-3']) await expectEachOnce(path, events);
  });

  test('the same eventId published on both at once is one event', async () => {
    await one.api.subscribe({ url: receiver.url('/same'), events: [EVENT] });
    const publishing = Array.from({ length: 40 }, (_, i) =>
      (i % 2 === 0 ? one : two).api.publish(EVENT, { total: 1 }, { eventId: 'order-4711' }),
    );
    const answers = await Promise.all(publishing);
    expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    await drained(one.api, 20_000);
    expect(eventIdsAt('/same')).toEqual(['order-4711']);
  });

  test('a subscription switched off on one gets nothing more from the other within a second', async () => {
    receiver.respond({ delayMs: 300 });
    const { _id } = await one.api.subscribe({ url: receiver.url('/off'), events: [EVENT] });
    // Two has the lane, and a backlog for it that lasts.
    for (let i = 0; i < 15; i++)
      await Promise.all(Array.from({ length: 100 }, (_, k) => two.api.publish(EVENT, { i, k })));
    await receiver.waitFor(1, to('/off'));
    await one.api.ok('PATCH', `/integrations/webhooks/${_id}`, { active: false });
    const stopped = Date.now();
    await drained(one.api, 20_000);
    const late = receiver.requests.filter(({ receivedAt }) => receivedAt > stopped + 1_000);
    expect(late).toEqual([]);
    const states = (await two.api.deliveries(`subscriptionId=${_id}`)).map(({ state }) => state);
    expect(states).toHaveLength(1_500);
    expect(states.filter((state) => state === 'cancelled').length).toBeGreaterThan(0);
  });

  test('a URL changed on one is used by the other within a second', async () => {
    receiver.respondAt('/old', { status: 429, headers: { 'retry-after': '600' } });
    const { _id } = await one.api.subscribe({ url: receiver.url('/old'), events: [EVENT] });
    await two.api.publish(EVENT, { n: 1 });
    await receiver.waitFor(1, to('/old'));
    await one.api.ok('PATCH', `/integrations/webhooks/${_id}`, { url: receiver.url('/new') });
    const changedAt = Date.now();
    const { eventId } = await two.api.publish(EVENT, { n: 2 });
    const [request] = await receiver.waitFor(1, to('/new'));
    expect(request?.headers['webhook-id']).toBe(eventId);
    expect((request?.receivedAt ?? 0) - changedAt).toBeLessThan(1_500);
    expect(receiver.requests.filter(to('/old'))).toHaveLength(1);
  });

  test('when one ends in good order the other goes on at once, and nothing is lost or repeated', async () => {
    receiver.respond({ delayMs: 5 });
    for (const path of ['/left-1', '/left-2', '/left-3', '/left-4'])
      await one.api.subscribe({ url: receiver.url(path), events: [EVENT] });
    const events = await publishOnBoth(400);
    const leaving = two.stop();
    for (let i = 0; i < 20; i++) events.push(await one.api.publish(EVENT, { later: i }));
    await leaving;
    expect(await ownerships()).toHaveLength(1);
    for (const path of ['/left-1', '/left-2', '/left-3', '/left-4']) await expectEachOnce(path, events);
  });

  test('busy lanes are shared out though only one is published to, and none of it arrives twice', async () => {
    receiver.respond({ delayMs: 20 });
    await Promise.all(
      Array.from({ length: LANES }, (_, i) =>
        one.api.subscribe({ url: receiver.url(`/shared-${i}`), events: [EVENT] }),
      ),
    );
    let isOver = false;
    const publishing = (async () => {
      let published = 0;
      for (; !isOver; published++) await one.api.publish(EVENT, { published });
      return published;
    })();
    const fewest = async (): Promise<number> => Math.min(...(await ownerships()).map(({ lanes }) => lanes));
    await expect.poll(fewest).toBeGreaterThanOrEqual(LANES / 4);
    isOver = true;
    const published = await publishing;
    await drained(one.api, 20_000);
    expect(receiver.requests).toHaveLength(published * LANES);
  });
});

describe('a node whose lease was ended', () => {
  test('registers anew by itself, and nothing is lost', async () => {
    receiver.respond({ delayMs: 5 });
    for (const path of ['/lease-1', '/lease-2'])
      await one.api.subscribe({ url: receiver.url(path), events: [EVENT] });
    const before = await ownerships();
    const events: EventAnswer[] = [];
    let isOver = false;
    const publishing = (async () => {
      for (let i = 0; !isOver; i++) events.push(await (i % 2 === 0 ? one : two).api.publish(EVENT, { i }));
    })();
    await receiver.waitFor(20);
    await database.query(
      `UPDATE velahook.nodes SET lease_until = clock_timestamp() - interval '1 second' WHERE epoch = $1`,
      [before[0]?.epoch],
    );
    // Found dead by the other; and by itself at its next renewal, a sixth of the lease later.
    await expect
      .poll(async () => (await ownerships()).map(({ epoch }) => epoch > (before[1]?.epoch ?? 0)), {
        timeout: 25_000,
      })
      .toEqual([false, true]);
    isOver = true;
    await publishing;
    await drained(one.api, 20_000);
    for (const path of ['/lease-1', '/lease-2'])
      expect(new Set(eventIdsAt(path))).toEqual(new Set(events.map(({ eventId }) => eventId)));
    const states = new Set((await one.api.deliveries()).map(({ state }) => state));
    expect(states).toEqual(new Set(['succeeded']));
    for (const node of [one, two]) expect((await fetch(`${node.api.access.url}/readyz`)).status).toBe(200);
  }, 60_000);
});

describe('nodes with a role', () => {
  test('one takes events in and makes no attempt, the other makes them and has no API', async () => {
    await Promise.all([one.stop(), two.stop()]);
    const [api, delivery] = await Promise.all([
      startNode({ VELAHOOK_ROLE: 'api' }),
      startNode({ VELAHOOK_ROLE: 'delivery' }),
    ]);
    await api.api.subscribe({ url: receiver.url('/role'), events: [EVENT] });
    const { eventId } = await api.api.publish(EVENT, {});
    const [request] = await receiver.waitFor(1, to('/role'));
    expect(request?.headers['webhook-id']).toBe(eventId);
    expect((await delivery.api.call('GET', '/events')).status).toBe(404);
    for (const node of [api, delivery])
      for (const path of ['/healthz', '/readyz', '/metrics'])
        expect((await fetch(`${node.api.access.url}${path}`)).status).toBe(200);
    expect(await ownerships()).toHaveLength(1);
  });
});
