/**
 * `npm run demo`: a server on a scratch store and a real HTTPS receiver with a certificate authority of its own.
 * Subscribes five customers who behave differently, publishes a few dozen events, shows what arrives, what fails
 * and is retried, and ends by itself with a summary.
 */
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import Table from 'cli-table3';
import logUpdate from 'log-update';
import type { ApiClient, SubscriptionAnswer } from '../../test/support/api-client.ts';
import {
  createServerFolder,
  startServerProcess,
  stopServerProcess,
} from '../../test/support/server-process.ts';
import { EVENTS } from './events.ts';
import type { Customer } from './receivers.ts';
import { startCustomers } from './receivers.ts';

interface Counts {
  pending: number;
  succeeded: number;
  failed: number;
  cancelled: number;
  skipped: number;
}

const PUBLISH_EVERY_MS = 120;
const LOOK_EVERY_MS = 250;
/** Flaky customers get their events after 1 + 2 s, busy ones after 3: this is ample. */
const DEMO_MS_MAX = 60_000;

const isLive = process.stdout.isTTY;
const { receiver, customers } = await startCustomers();
const folder = createServerFolder(receiver.ca);
const server = await startServerProcess(folder.environment);
try {
  process.exitCode = await run(server.api);
} finally {
  logUpdate.done();
  await stopServerProcess(server);
  await receiver.close();
  folder.remove();
}

async function run(api: ApiClient): Promise<number> {
  console.log(`A server on a scratch store at ${api.access.url}, and a receiver at ${receiver.url('/')}\n`);
  const ids = new Map<string, Customer>();
  for (const customer of customers) {
    const subscription: SubscriptionAnswer = await api.subscribe({
      url: receiver.url(customer.path),
      events: customer.events,
      secret: customer.secret,
      description: `Demo: ${customer.behaviour}`,
    });
    ids.set(subscription._id, customer);
  }
  const startedAt = Date.now();
  const publishing = publishAll(api);
  const counts = await watch(api, ids, publishing, startedAt);
  await publishing;
  return summarise(counts, startedAt);
}

async function publishAll(api: ApiClient): Promise<void> {
  for (const [eventType, data] of EVENTS) {
    await api.publish(eventType, data);
    await wait(PUBLISH_EVERY_MS);
  }
}

/** Shows the table until every delivery has ended; answers the final counts. */
async function watch(
  api: ApiClient,
  ids: ReadonlyMap<string, Customer>,
  publishing: Promise<void>,
  startedAt: number,
): Promise<Map<Customer, Counts>> {
  let isPublished = false;
  void publishing.then(() => (isPublished = true));
  for (;;) {
    const wasPublished = isPublished;
    const counts = await count(api, ids);
    if (isLive) logUpdate(render(counts));
    const isSettled = wasPublished && [...counts.values()].every(({ pending }) => pending === 0);
    if (isSettled || Date.now() - startedAt > DEMO_MS_MAX) {
      if (!isLive) console.log(render(counts));
      return counts;
    }
    await wait(LOOK_EVERY_MS);
  }
}

async function count(api: ApiClient, ids: ReadonlyMap<string, Customer>): Promise<Map<Customer, Counts>> {
  const counts = new Map<Customer, Counts>();
  for (const customer of customers)
    counts.set(customer, { pending: 0, succeeded: 0, failed: 0, cancelled: 0, skipped: 0 });
  for (const { state, subscriptionId } of await api.deliveries()) {
    const customer = ids.get(subscriptionId);
    const own = customer && counts.get(customer);
    if (own) own[(state === 'delivering' ? 'pending' : state) as keyof Counts] += 1;
  }
  return counts;
}

function render(counts: ReadonlyMap<Customer, Counts>): string {
  const table = new Table({
    head: ['subscription', 'its receiver answers', 'requests', 'verified', 'retries', 'deliveries'],
    style: { head: isLive ? ['cyan'] : [], border: [] },
  });
  for (const [customer, states] of counts) {
    const { name, behaviour, received, verified, eventIds } = customer;
    const deliveries = Object.entries(states)
      .filter(([, number]) => number > 0)
      .map(([state, number]) => `${number} ${state}`);
    table.push([name, behaviour, received, verified, received - eventIds.size, deliveries.join(', ')]);
  }
  return table.toString();
}

function summarise(counts: ReadonlyMap<Customer, Counts>, startedAt: number): number {
  const sum = (of: (each: Counts) => number): number =>
    [...counts.values()].reduce((total, each) => total + of(each), 0);
  const requests = customers.reduce((total, each) => total + each.received, 0);
  const verified = customers.reduce((total, each) => total + each.verified, 0);
  const pending = sum((each) => each.pending);
  const total = sum((each) => Object.values(each).reduce((a: number, b: number) => a + b, 0));
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  console.log(`
${EVENTS.length} events became ${total} deliveries; ${requests} requests carried them in ${seconds} s.
${verified} of ${requests} signatures verified, as documented and with the Standard Webhooks library.
${sum((each) => each.succeeded)} succeeded; ${sum((each) => each.failed)} failed, since its receiver said 410; ${sum(
    (each) => each.cancelled + each.skipped,
  )} came after that and were skipped; ${pending} pending.
Every delivery is accounted for. Start your own server with: npm start`);
  return pending === 0 && verified === requests ? 0 : 1;
}
