import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DeliveryAnswer } from '../support/api-client.ts';
import { drained, unfinished } from '../support/audit.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import { RestartingServer } from '../support/restarting-server.ts';
import type { ServerFolder } from '../support/server-process.ts';
import { createServerFolder } from '../support/server-process.ts';

const POISON = 'faults.poison.sent';
const HARMLESS = 'faults.harmless.sent';
/** The least there is: last chances are so far apart. */
const TIMEOUT_MS = 1_000;
/** Slow enough that the attempts beside the deadly one are under way whenever the process dies. */
const LATENCY_MS = 300;
const DRAIN_MS_MAX = 30_000;

let receiver: Receiver;
let folder: ServerFolder;
let server: RestartingServer;

beforeEach(async () => {
  receiver = await startReceiver();
  folder = createServerFolder(receiver.ca);
  server = new RestartingServer(folder.environment);
  // The receiver itself ends the process: as an event would that crashes it.
  receiver.respond(({ headers }) => {
    if (headers['x-webhook-event'] !== POISON) return { delayMs: LATENCY_MS };
    void server.kill();
    return { hang: true };
  });
  await server.start();
  for (const path of ['/a', '/b', '/c'])
    await server.api.subscribe({ url: receiver.url(path), events: [HARMLESS], timeoutMs: TIMEOUT_MS });
  await server.api.subscribe({
    url: receiver.url('/d'),
    events: [POISON, 'faults.behind.sent'],
    timeoutMs: TIMEOUT_MS,
  });
});

afterEach(async () => {
  await server.kill();
  await receiver.close();
  folder.remove();
});

async function statesOf(eventType: string): Promise<DeliveryAnswer[]> {
  return server.api.deliveries(`eventType=${eventType}`);
}

/** Starts the server as often as it dies; how often that was, the time before the first start included. */
async function startUntilItLives(onStart: () => Promise<unknown>): Promise<number> {
  for (let deaths = 1; ; deaths++) {
    await server.start();
    const { api, exited } = server.process;
    let isDead = false;
    void exited.then(() => (isDead = true));
    await onStart().catch(() => undefined);
    const isOver = async (): Promise<boolean> => isDead || (await unfinished(api).catch(() => 1)) === 0;
    await expect.poll(isOver, { timeout: DRAIN_MS_MAX, interval: 50 }).toBe(true);
    if (!isDead) return deaths;
  }
}

test('an attempt that kills its node three times fails, and no other does, behind it or beside it', async () => {
  const beside = Array.from({ length: 5 }, (_, i) => `beside-${i}`);
  await Promise.all(beside.map((eventId) => server.api.publish(HARMLESS, {}, { eventId })));
  await server.api.publish(POISON, {}).catch(() => undefined);
  await server.process.exited;
  const publishBehind = (): Promise<unknown> =>
    server.api.publish('faults.behind.sent', {}, { eventId: 'behind' });
  const deaths = await startUntilItLives(publishBehind);
  // The first death was not announced: nothing told that lane from others then.
  expect(deaths).toBe(4);
  expect(await statesOf(POISON)).toMatchObject([
    { state: 'failed', failureReason: 'crashed_nodes', attemptCount: 0 },
  ]);
  const others = [...(await statesOf(HARMLESS)), ...(await statesOf('faults.behind.sent'))];
  expect(others.map(({ state }) => state)).toEqual(Array(3 * beside.length + 1).fill('succeeded'));
}, 120_000);

test('kills from outside, however many, fail nothing', async () => {
  await server.api.publish(HARMLESS, {}, { eventId: 'unlucky' });
  // Each time with an attempt under way: more often than a delivery survives when it is to blame.
  for (let i = 0; i < 5; i++) {
    const { exited } = server.process;
    const before = receiver.requests.length;
    const isUnderWay = receiver.waitFor(before + 1).catch(() => undefined);
    const isQuiet = new Promise((resolve) => setTimeout(resolve, 1_000));
    await Promise.race([isUnderWay, isQuiet]);
    await server.kill();
    await exited;
    await server.start();
  }
  await drained(server.api, DRAIN_MS_MAX);
  expect((await statesOf(HARMLESS)).map(({ state }) => state)).toEqual(Array(3).fill('succeeded'));
}, 120_000);
