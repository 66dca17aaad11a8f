import { readFileSync } from 'node:fs';
import process from 'node:process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { drained } from '../support/audit.ts';
import { Publisher } from '../support/load.ts';
import type { ReceivedRequest, Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import type { ServerFolder, ServerProcess } from '../support/server-process.ts';
import { createServerFolder, startServerProcess, stopServerProcess } from '../support/server-process.ts';

const BACKLOG = 100_000;
const LANES = 5_000;
const PUBLISHERS = 64;
const DRAIN_MS_MAX = 600_000;
/** Windows and records of a long lane, beside an idle server; never the backlog itself. */
const RSS_GROWTH_MIB_MAX = 250;

let receiver: Receiver;
let folder: ServerFolder;
let server: ServerProcess;

beforeEach(async () => {
  receiver = await startReceiver();
  folder = createServerFolder(receiver.ca, { VELAHOOK_MAX_SUBSCRIPTIONS: String(LANES + 100) });
  server = await startServerProcess(folder.environment);
});

afterEach(async () => {
  receiver.dropConnections();
  await stopServerProcess(server);
  await receiver.close();
  folder.remove();
});

function rssMiB(): number {
  const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

async function publishMany(eventType: string, count: number): Promise<void> {
  const publisher = new Publisher(() => server.api.access);
  let next = 0;
  await Promise.all(
    Array.from({ length: PUBLISHERS }, async () => {
      for (let i = next++; i < count; i = next++)
        await publisher.publishOnce({
          eventType,
          eventId: `${eventType.replaceAll('.', '-')}-${i}`,
          data: { i },
        });
    }),
  );
  expect(publisher.count('ok')).toBe(count);
  await publisher.close();
}

async function subscribeMany(count: number, fields: (i: number) => Record<string, unknown>): Promise<void> {
  for (let i = 0; i < count; i += 50)
    await Promise.all(
      Array.from({ length: Math.min(50, count - i) }, (_, j) => server.api.subscribe(fields(i + j))),
    );
}

const isWell = ({ path }: ReceivedRequest): boolean => path.startsWith('/well');

test('beside a lane with 100,000 pending twenty others are served at once, and memory does not grow with it', async () => {
  const before = rssMiB();
  const open = Promise.withResolvers<object>();
  receiver.respondAt('/long', () => open.promise);
  await server.api.subscribe({
    url: receiver.url('/long'),
    events: ['backlog.thing.happened'],
    timeoutMs: 30_000,
  });
  await subscribeMany(20, (i) => ({ url: receiver.url(`/well${i}`), events: ['small.thing.happened'] }));
  await publishMany('backlog.thing.happened', BACKLOG);
  await server.api.publish('small.thing.happened', {});
  await receiver.waitFor(20, isWell);
  expect(receiver.requests.filter((request) => !isWell(request)).length).toBeLessThan(BACKLOG / 10);
  open.resolve({});
  await server.api.publish('small.thing.happened', {});
  const arrived = await receiver.waitFor(40, isWell);
  expect(arrived).toHaveLength(40);
  const grownMiB = rssMiB() - before;
  process.stderr.write(`100,000 pending: ${before.toFixed(0)} MiB grew by ${grownMiB.toFixed(0)} MiB\n`);
  expect(grownMiB).toBeLessThan(RSS_GROWTH_MIB_MAX);
  await drained(server.api, DRAIN_MS_MAX);
  expect(new Set(receiver.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(BACKLOG + 2);
});

test('one event to 5,000 subscriptions reaches each of them once, also when the server is killed in between', async () => {
  await subscribeMany(LANES, (i) => ({ url: receiver.url(`/each${i}`), events: ['everyone.was.told'] }));
  const first = await server.api.publish('everyone.was.told', { n: 1 });
  expect(first.deliveries).toBe(LANES);
  // As long as a loaded machine may need for so many: a wait for a receiver is meant for a few.
  await expect.poll(() => receiver.requests.length, { timeout: DRAIN_MS_MAX }).toBeGreaterThanOrEqual(LANES);
  const paths = new Set(receiver.requests.map(({ path }) => path));
  expect([paths.size, receiver.requests.length]).toEqual([LANES, LANES]);
  await server.api.publish('everyone.was.told', { n: 2 }, { eventId: 'cut-short' });
  server.kill('SIGKILL');
  await server.exited;
  server = await startServerProcess(folder.environment);
  await expect
    .poll(
      () =>
        new Set(
          receiver.requests
            .filter(({ headers }) => headers['webhook-id'] === 'cut-short')
            .map(({ path }) => path),
        ).size,
      { timeout: DRAIN_MS_MAX },
    )
    .toBe(LANES);
  await drained(server.api, DRAIN_MS_MAX);
});
