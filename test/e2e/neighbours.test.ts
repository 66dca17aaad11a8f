import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SchedulerLimits } from '../../src/engine/schedule/scheduler.ts';
import { ApiClient } from '../support/api-client.ts';
import { FakeClock } from '../support/fake-clock.ts';
import type { ReceivedRequest, Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import type { TestApp } from '../support/test-app.ts';
import { startTestApp } from '../support/test-app.ts';
import { addWorkspace } from '../support/workspaces.ts';

/** Small, so that a few hundred lanes are a crowd. */
const SLOTS: SchedulerLimits = { slots: 64, slotsPerWorkspace: 32, slotsPerOrigin: 16 };
const SHARE_OF_NEW = 1 / 4;
const HEALTHY = 20;
/** No attempt of these tests times out by itself, unless it is to. */
const LONG = { timeoutMs: 30_000 };
const ALL = 'everyone.was.told';

let receivers: Receiver[] = [];
let app: TestApp;

beforeEach(async () => {
  receivers = await Promise.all(Array.from({ length: 8 }, () => startReceiver()));
  app = await startTestApp({ ca: first().ca, ports: { slots: SLOTS } });
});

afterEach(async () => {
  for (const receiver of receivers) receiver.dropConnections();
  await app.stop();
  await Promise.all(receivers.map((receiver) => receiver.close()));
});

/** Each receiver is an origin. */
function first(): Receiver {
  return originOf(0);
}

function originOf(i: number): Receiver {
  const receiver = receivers[i % receivers.length];
  if (!receiver) throw new Error('there are receivers');
  return receiver;
}

const hangs = ({ path }: ReceivedRequest): boolean => path.startsWith('/hang');
const isWell = ({ path }: ReceivedRequest): boolean => path.startsWith('/well');
const to =
  (path: string) =>
  (request: ReceivedRequest): boolean =>
    request.path === path;

function held(): number {
  return receivers.reduce((sum, { requests }) => sum + requests.filter(hangs).length, 0);
}

/** Subscriptions that answer at once, at one origin; each has answered before, unless it is to be new. */
async function subscribeHealthy(receiver: Receiver, count = HEALTHY, isNew = false): Promise<void> {
  for (let i = 0; i < count; i++)
    await app.api.subscribe({ url: receiver.url(`/well${i}`), events: ['healthy.*', ALL] });
  if (isNew) return;
  await app.api.publish('healthy.thing.proved', {});
  await receiver.waitFor(count, isWell);
}

async function subscribeMany(count: number, fields: (i: number) => Record<string, unknown>): Promise<void> {
  for (let i = 0; i < count; i += 50)
    await Promise.all(
      Array.from({ length: Math.min(50, count - i) }, (_, j) => app.api.subscribe(fields(i + j))),
    );
}

/** What the server says of itself. */
async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${app.app.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? NaN);
}

test('one that hangs holds no more than its own slots, and twenty beside it at its origin get everything', async () => {
  const receiver = first();
  await subscribeHealthy(receiver);
  receiver.respondAt('/hang', { hang: true });
  await app.api.subscribe({ url: receiver.url('/hang'), events: [ALL], ...LONG });
  await app.api.publishMany(ALL, 50);
  await receiver.waitFor(HEALTHY * 51, isWell);
  expect(held()).toBe(SLOTS.slotsPerOrigin * SHARE_OF_NEW);
  await expect.poll(() => metric('velahook_attempts_in_flight')).toBe(held());
});

test('one that always answered and begins to hang leaves slots of its origin to the others', async () => {
  const receiver = first();
  await subscribeHealthy(receiver);
  await app.api.subscribe({ url: receiver.url('/hang'), events: ['hanging.*', ALL], ...LONG });
  // By now it may have more in flight than its origin has slots.
  await app.api.publishMany('hanging.thing.proved', 100);
  await receiver.waitFor(100, hangs);
  receiver.respondAt('/hang', { hang: true });
  await app.api.publishMany('hanging.thing.happened', 100);
  await app.api.publishMany(ALL, 20);
  await receiver.waitFor(HEALTHY * 21, isWell);
  expect(held() - 100).toBe(2 + SLOTS.slotsPerOrigin / 2);
});

test('three hundred that hang hold a quarter of the slots, and are then probed with an eighth', async () => {
  const ours = first();
  await subscribeHealthy(ours);
  for (const receiver of receivers) receiver.respond((request) => (hangs(request) ? { hang: true } : {}));
  await subscribeMany(300, (i) => ({
    url: originOf(i).url(`/hang${i}`),
    events: ['hanging.*', ALL],
    timeoutMs: 1_000,
  }));
  await app.api.publish('hanging.thing.happened', {});
  await app.api.publishMany(ALL, 10);
  await ours.waitFor(HEALTHY * 11, isWell);
  await expect.poll(() => metric('velahook_lanes_unhealthy')).toBeGreaterThan(0);
  // While some are found out and others are still new, both together hold no more than their parts.
  for (let i = 0; i < 20; i++) {
    await app.api.publish('healthy.thing.happened', {});
    await ours.waitFor(HEALTHY * (12 + i), isWell);
    const theirs = SLOTS.slotsPerWorkspace * (1 / 4 + 1 / 8);
    await expect.poll(() => metric('velahook_attempts_in_flight')).toBeLessThanOrEqual(theirs);
  }
  const count = async (state: string): Promise<number> => (await app.api.deliveries(`state=${state}`)).length;
  // The last have arrived and may not be recorded yet.
  await expect.poll(() => count('succeeded')).toBe(HEALTHY * 31);
  expect(await Promise.all([count('failed'), count('cancelled')])).toEqual([0, 0]);
});

test('new subscriptions are served too, once those that hang beside them are found out', async () => {
  const receiver = first();
  receiver.respond((request) => (hangs(request) ? { hang: true } : {}));
  await subscribeMany(24, (i) => ({ url: receiver.url(`/hang${i}`), events: [ALL], timeoutMs: 1_000 }));
  await subscribeHealthy(receiver, 5, true);
  await app.api.publish(ALL, {});
  await receiver.waitFor(5, isWell);
  expect(await metric('velahook_lanes_unhealthy')).toBeLessThanOrEqual(24);
});

test('others are served in their turn beside a lane with thousands pending', async () => {
  const receiver = first();
  const open = Promise.withResolvers<void>();
  receiver.respondAt('/long', () => open.promise.then(() => ({})));
  await app.api.subscribe({ url: receiver.url('/long'), events: ['backlog.*'], ...LONG });
  await app.api.publishMany('backlog.thing.happened', 3_000);
  await subscribeMany(10, (i) => ({ url: receiver.url(`/well${i}`), events: [ALL] }));
  open.resolve();
  await receiver.waitFor(200, to('/long'));
  await app.api.publish(ALL, {});
  const before = receiver.requests.length;
  const arrived = await receiver.waitFor(10, isWell);
  // Whatever was handed over before they were published, once more as its slots are given back while they are, and
  // one turn of the long one for each turn of theirs.
  for (const { number } of arrived)
    expect(number - before).toBeLessThanOrEqual(2 * SLOTS.slotsPerOrigin + 2 * 10);
  expect(receiver.requests.filter(to('/long')).length).toBeLessThan(3_000);
  await receiver.waitFor(3_000, to('/long'));
});

test('a due retry is one of the next four attempts of its lane, however long the backlog', async () => {
  await app.stop();
  const clock = new FakeClock();
  app = await startTestApp({ ca: first().ca, ports: { slots: SLOTS, clock } });
  const receiver = first();
  let gate = Promise.withResolvers<void>();
  gate.resolve();
  receiver.respond(async ({ number }) => {
    if (number === 1) return { status: 500 };
    await gate.promise;
    return {};
  });
  await app.api.subscribe({ url: receiver.url('/'), events: [ALL], ...LONG });
  const { eventId } = await app.api.publish(ALL, {});
  await receiver.waitFor(1);
  await expect.poll(async () => (await app.api.deliveries())[0]?.attemptCount).toBe(1);
  gate = Promise.withResolvers<void>();
  await app.api.publishMany(ALL, 500);
  // As many as are let in; then its second falls due.
  const atGate = await metric('velahook_attempts_in_flight');
  await receiver.waitFor(1 + atGate);
  clock.advance(1_200);
  gate.resolve();
  const isRetry = ({ headers }: ReceivedRequest): boolean => headers['webhook-id'] === eventId;
  const [, retry] = await receiver.waitFor(2, isRetry);
  const turn = (retry?.number ?? Infinity) - 1 - atGate;
  // Requests on different connections overtake each other, as far as there are some.
  expect(turn).toBeLessThanOrEqual(4 + SLOTS.slotsPerOrigin);
  await receiver.waitFor(501);
});

test('a workspace with one lane is served beside one with three hundred busy ones', async () => {
  const { workspaceId, token } = await addWorkspace(app.app.store);
  const single = new ApiClient({ url: app.app.url, workspaceId, token });
  const open = Promise.withResolvers<void>();
  const arrived: string[] = [];
  for (const receiver of receivers)
    receiver.respond(({ path }) => {
      arrived.push(path);
      return path === '/single' ? {} : open.promise.then(() => ({}));
    });
  const crowd = (): number => arrived.filter((path) => path !== '/single').length;
  const [own, ...others] = receivers;
  if (!own) throw new Error('there are receivers');
  await subscribeMany(300, (i) => ({
    url: others[i % others.length]?.url(`/crowd${i}`),
    events: [ALL],
    ...LONG,
  }));
  await single.subscribe({ url: own.url('/single'), events: [ALL] });
  await app.api.publishMany(ALL, 10);
  await expect.poll(crowd).toBe(SLOTS.slotsPerWorkspace * SHARE_OF_NEW);
  // The crowd holds all it may, and nothing of it moves: the other workspace does not notice.
  await single.publishMany(ALL, 20);
  await own.waitFor(20, to('/single'));
  expect(crowd()).toBe(SLOTS.slotsPerWorkspace * SHARE_OF_NEW);
  open.resolve();
  // Now 3,000 are under way, and its next twenty take their turns with them.
  await expect.poll(crowd).toBeGreaterThan(100);
  await single.publishMany(ALL, 20);
  const before = arrived.length;
  await own.waitFor(40, to('/single'));
  // Twenty are two rounds of the slots one lane may have at its origin.
  expect(arrived.lastIndexOf('/single') - before).toBeLessThanOrEqual(3 * SLOTS.slots);
  expect(crowd()).toBeLessThan(3_000);
  await expect.poll(crowd, { timeout: 20_000 }).toBe(3_000);
});
