/**
 * How many events per second get from a publisher's call to a receiver's socket, all of it durable, with server,
 * publisher and receiver on the same machine; and beside it, in the same run, a bare undici loop to the same
 * receiver. Run it with `npm run bench`.
 */
import { createHmac } from 'node:crypto';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { Pool } from 'undici';
import { createServerFolder, startServerProcess, stopServerProcess } from '../test/support/server-process.ts';
import type { ServerProcess } from '../test/support/server-process.ts';
import type { BenchReceiver } from './support/receiver.ts';
import { startBenchReceiver } from './support/receiver.ts';
import { BenchPublisher } from './support/publisher.ts';
import { startCommand } from './support/start-command.ts';
import type { Usage } from './support/usage.ts';
import { usageOf } from './support/usage.ts';

const SUBSCRIPTIONS = 20;
const CONCURRENCY = 96;
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 8);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
const DRAIN_MS_MAX = 60_000;

interface Round {
  deliveriesPerSecond: number;
  serverUs: number;
  publisherUs: number;
  receiverUs: number;
  bareLoopPerSecond: number;
  bareLoopUs: number;
  p50Ms: number;
  p99Ms: number;
  rssMiB: number;
}

const receiver = await startBenchReceiver();
const folder = createServerFolder(receiver.ca);
const server = await startServerProcess(folder.environment, startCommand());
const types = Array.from({ length: SUBSCRIPTIONS }, (_, i) => `bench.thing${i}.happened`);
try {
  for (const type of types) await server.api.subscribe({ url: receiver.url(`/${type}`), events: [type] });
  const publisher = new BenchPublisher(server.api.access, types);
  await publisher.closedLoop(CONCURRENCY, 3_000);
  await drained(server);
  const rounds: Round[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    rounds.push(await measure(publisher));
    console.log(`round ${i + 1}`, rounds.at(-1));
  }
  console.log(`\nmedians of ${ROUNDS} rounds of ${SECONDS} s`, medians(rounds));
  console.log(`peak memory of the server: ${usageOf(server.pid).rssPeakMiB.toFixed(0)} MiB`);
  await publisher.close();
} finally {
  await stopServerProcess(server);
  receiver.stop();
  folder.remove();
}

async function measure(publisher: BenchPublisher): Promise<Round> {
  await receiver.reset();
  const before = usages();
  const startedAt = performance.now();
  const full = await publisher.closedLoop(CONCURRENCY, SECONDS * 1000);
  await received(full.accepted);
  const seconds = (performance.now() - startedAt) / 1000;
  const after = usages();
  const per = (of: (each: ReturnType<typeof usages>) => Usage): number =>
    Math.round((of(after).cpuUs - of(before).cpuUs) / full.accepted);
  await drained(server);
  await receiver.reset();
  await publisher.openLoop(full.accepted / seconds / 2, SECONDS * 1000);
  await drained(server);
  const half = await receiver.report();
  const bare = await bareLoop(receiver);
  return {
    deliveriesPerSecond: Math.round(full.accepted / seconds),
    serverUs: per((each) => each.server),
    publisherUs: per((each) => each.publisher),
    receiverUs: per((each) => each.receiver),
    bareLoopPerSecond: bare.perSecond,
    bareLoopUs: bare.us,
    p50Ms: half.p50Us / 1000,
    p99Ms: half.p99Us / 1000,
    rssMiB: Math.round(after.server.rssMiB),
  };
}

function usages(): { server: Usage; publisher: Usage; receiver: Usage } {
  return { server: usageOf(server.pid), publisher: usageOf(process.pid), receiver: usageOf(receiver.pid) };
}

async function received(count: number): Promise<void> {
  const until = performance.now() + DRAIN_MS_MAX;
  while ((await receiver.report()).received < count) {
    if (performance.now() > until) throw new Error('Not everything that was accepted arrived.');
    await wait(5);
  }
}

/** Until nothing is pending: what one measurement left must not weigh on the next. */
async function drained({ api }: ServerProcess): Promise<void> {
  const until = performance.now() + DRAIN_MS_MAX;
  while ((await api.call('GET', '/deliveries?state=pending&limit=1')).text.includes('"dlv_')) {
    if (performance.now() > until) throw new Error('The server does not drain.');
    await wait(50);
  }
}

/** What the deliveries alone would cost, without store, lanes, guard or records: sign and send. */
async function bareLoop({ url, ca }: BenchReceiver): Promise<{ perSecond: number; us: number }> {
  const pool = new Pool(new URL(url('/')).origin, {
    connections: 64,
    pipelining: 1,
    connect: { ca },
    allowH2: false,
  });
  const body = Buffer.from(`{"data":{"padding":"${'x'.repeat(1_000)}"}}`);
  let sent = 0;
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: 64 }, async () => {
      while (performance.now() - startedAt < (SECONDS / 2) * 1000) {
        await send(pool, body);
        sent += 1;
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  await pool.close();
  return { perSecond: Math.round(sent / seconds), us: Math.round((cpu.user + cpu.system) / sent) };
}

async function send(pool: Pool, body: Buffer): Promise<void> {
  const signature = createHmac('sha256', 'secret').update(body).digest('hex');
  const headers = { 'content-type': 'application/json', 'x-webhook-signature': `sha256=${signature}` };
  return new Promise((resolve, reject) => {
    pool.dispatch(
      { path: '/bare', method: 'POST', headers, body },
      {
        onRequestStart() {},
        onResponseStart() {},
        onResponseData() {},
        onResponseEnd: () => resolve(),
        onResponseError: (_controller, error) => reject(error),
      },
    );
  });
}

function medians(rounds: readonly Round[]): Partial<Round> {
  const keys = Object.keys(rounds[0] ?? {}) as (keyof Round)[];
  return Object.fromEntries(
    keys.map((key) => [
      key,
      rounds.map((round) => round[key]).sort((a, b) => a - b)[Math.floor(rounds.length / 2)],
    ]),
  );
}
