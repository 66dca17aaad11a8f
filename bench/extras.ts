/**
 * What the live stream, filters and statistics cost, in microseconds of the server's CPU per delivery: nothing of them
 * used, a filter that is asked for each delivery, a stream that is listened to. Each in a workspace of its own on the same
 * server, in turns. And, in this process, what counting a record for statistics comes to. Run it with
 * `npm run bench:extras`.
 */
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { StatisticsKeeper } from '../src/engine/statistics-keeper.ts';
import { SCOPES } from '../src/domain/token.ts';
import { ApiClient } from '../test/support/api-client.ts';
import type { ServerProcess } from '../test/support/server-process.ts';
import { createServerFolder, startServerProcess, stopServerProcess } from '../test/support/server-process.ts';
import { BenchPublisher } from './support/publisher.ts';
import type { BenchReceiver } from './support/receiver.ts';
import { startBenchReceiver } from './support/receiver.ts';
import { startCommand } from './support/start-command.ts';
import { usageOf } from './support/usage.ts';

const ADMIN_TOKEN = 'the-admin-token-of-the-benchmark-of-extras';
const SUBSCRIPTIONS = 20;
const CONCURRENCY = 96;
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 4);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 7);
const DRAIN_MS_MAX = 60_000;
const RECORDS_COUNTED = 1_000_000;
/** Looks at three members of `data`, and matches. */
const FILTER = { padding: { $exists: true }, sentAt: { $ne: 'x' }, none: { $exists: false } };
const TYPES = Array.from({ length: SUBSCRIPTIONS }, (_, i) => `bench.thing${i}.happened`);

/** A use of Velahook: a workspace that publishes to itself. */
interface Use {
  name: string;
  publisher: BenchPublisher;
  cpuUs: number[];
}

const receiver = await startBenchReceiver();
const folder = createServerFolder(receiver.ca, { VELAHOOK_ADMIN_TOKEN: ADMIN_TOKEN });
const server = await startServerProcess(folder.environment, startCommand());
const listening = new AbortController();
try {
  const uses = [await arrange('nothing'), await arrange('filter', FILTER), await arrange('stream')];
  for (const { publisher } of uses) await measure(publisher, 2);
  for (let round = 0; round < ROUNDS; round++)
    for (const use of uses) use.cpuUs.push(await measure(use.publisher, SECONDS));
  for (const { name, cpuUs } of uses) console.log(`${name}: ${medianOf(cpuUs)} µs per delivery`, cpuUs);
  for (const { publisher } of uses) await publisher.close();
  console.log(`statistics: ${statisticsNs()} ns per record, in memory`);
} finally {
  listening.abort();
  await stopServerProcess(server);
  receiver.stop();
  folder.remove();
}

async function arrange(name: string, filter?: object): Promise<Use> {
  const admin = new ApiClient({ ...server.api.access, token: ADMIN_TOKEN });
  const { workspace } = await admin.ok<{ workspace: { _id: string } }>('POST', '/workspaces', { name });
  const draft = { workspaceId: workspace._id, name, scopes: SCOPES };
  const { token } = await admin.ok<{ token: { token: string } }>('POST', '/tokens', draft);
  const api = new ApiClient({ ...server.api.access, workspaceId: workspace._id, token: token.token });
  for (const type of TYPES)
    await api.subscribe({ url: receiver.url(`/${type}`), events: [type], ...(filter && { filter }) });
  if (name === 'stream') void listen(api);
  return { name, publisher: new BenchPublisher(api.access, TYPES), cpuUs: [] };
}

/** Reads the workspace's stream, and forgets what it reads. */
async function listen({ access: { url, workspaceId, token } }: ApiClient): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'x-workspace-id': workspaceId };
  try {
    const { body } = await fetch(`${url}/api/v1/stream`, { headers, signal: listening.signal });
    let bytes = 0;
    for await (const chunk of body ?? []) bytes += (chunk as Uint8Array).length;
    throw new Error(`The stream ended after ${bytes} bytes.`);
  } catch (error) {
    if (!listening.signal.aborted) throw error;
  }
}

/** The server's CPU, all threads, for publishing and delivering as fast as it can, until the last has arrived. */
async function measure(publisher: BenchPublisher, seconds: number): Promise<number> {
  await receiver.reset();
  const before = usageOf(server.pid).cpuUs;
  const { accepted } = await publisher.closedLoop(CONCURRENCY, seconds * 1000);
  await received(receiver, accepted);
  await settled(server);
  return Math.round((usageOf(server.pid).cpuUs - before) / accepted);
}

async function received({ report }: BenchReceiver, count: number): Promise<void> {
  const until = performance.now() + DRAIN_MS_MAX;
  while ((await report()).received < count) {
    if (performance.now() > until) throw new Error('Not everything that was accepted arrived.');
    await wait(5);
  }
}

/** Until it rests: records and the stream are written a moment after the delivery. */
async function settled({ pid }: ServerProcess): Promise<void> {
  let before = -1;
  for (let now = usageOf(pid).cpuUs; now - before > 20_000; now = usageOf(pid).cpuUs) {
    before = now;
    await wait(200);
  }
}

/** Of the part that every record pays; what is written twice a minute is a statement for 250 subscriptions. */
function statisticsNs(): number {
  const keeper = new StatisticsKeeper({
    store: { addStatistics: () => Promise.resolve() },
    after: () => () => undefined,
    log: { debug() {}, info() {}, warn() {}, error() {} },
  });
  const attempt = { outcome: 'success', durationMs: 20, state: 'succeeded' } as const;
  const at = Date.now();
  const startedAt = performance.now();
  for (let i = 0; i < RECORDS_COUNTED; i++) {
    const delivery = { subscriptionId: TYPES[i % SUBSCRIPTIONS] ?? '', workspaceId: 'w' };
    keeper.count(delivery, attempt, at);
  }
  return Math.round(((performance.now() - startedAt) * 1e6) / RECORDS_COUNTED);
}

function medianOf(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
