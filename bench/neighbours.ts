/**
 * What a bad neighbour costs: how long events take from the publisher's call to the sockets of twenty healthy
 * subscriptions, at a moderate rate, undisturbed and beside receivers that hang, a long backlog and a crowded
 * workspace, all in one run, each right after an undisturbed measurement. A control carries as many deliveries to receivers that are well, so that what the CPU
 * costs, which all processes here share, can be told from what the neighbour does. Run it with
 * `npm run bench:neighbours`; `BENCH_ONLY=hanging` measures only what has that word in its name;
 * `TMPDIR=/dev/shm` keeps the store in memory, where the disk's own stalls are longer than what is looked for.
 */
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { createSqliteStore } from '../src/store/sqlite/sqlite-store.ts';
import { ApiClient } from '../test/support/api-client.ts';
import { createServerFolder, startServerProcess, stopServerProcess } from '../test/support/server-process.ts';
import { addWorkspace } from '../test/support/workspaces.ts';
import type { Disturbance } from './support/disturbances.ts';
import { disturbances } from './support/disturbances.ts';
import { BenchPublisher } from './support/publisher.ts';
import { startBenchReceiver } from './support/receiver.ts';
import { startCommand } from './support/start-command.ts';
import { usageOf } from './support/usage.ts';

const HEALTHY = 20;
const PER_SECOND = 200;
const ORIGINS = 100;
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 12);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
const ONLY = process.env['BENCH_ONLY'] ?? '';
const SETTLE_MS_MAX = 60_000;
/** Nothing cancelled for so long: all is. */
const QUIET_MS = 1_000;
/** Before each measurement, as it will be measured: what was set up just now must not be counted. */
const LEAD_IN_MS = 2_000;

interface Figures {
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
  /** Deliveries to everybody in the time. */
  perSecond: number;
  /** CPU seconds per second of the server: 1 is a whole core. */
  serverCores: number;
  /** To the undisturbed measurement right before it. */
  p99Ratio: number;
}

const healthy = await startBenchReceiver();
const other = await startBenchReceiver(ORIGINS);
const folder = createServerFolder(healthy.ca, { VELAHOOK_MAX_SUBSCRIPTIONS: '6000' });
const crowdAccess = await addWorkspaceTo(folder.environment);
const server = await startServerProcess(folder.environment, startCommand());
const { api } = server;
const crowdApi = new ApiClient({ ...api.access, ...crowdAccess });
const types = Array.from({ length: HEALTHY }, (_, i) => `healthy.thing${i}.happened`);
const publisher = new BenchPublisher(api.access, types);
const results = new Map<string, Figures[]>();
try {
  for (const type of types) await api.subscribe({ url: healthy.url(`/${type}`), events: [type] });
  const all = disturbances({ api, crowdApi, healthy, other });
  const chosen = all.filter(({ name }) => name.includes(ONLY));
  for (let round = 1; round <= ROUNDS; round++) for (const each of chosen) await measure(each);
  report();
} finally {
  await publisher.close();
  await stopServerProcess(server);
  healthy.stop();
  other.stop();
  folder.remove();
}

/** One after the other, so that both have the machine as it is just now. */
async function measure({ name, begin }: Disturbance): Promise<void> {
  const undisturbed = await figures();
  note('undisturbed', { ...undisturbed, p99Ratio: 1 });
  const end = await begin();
  const disturbed = await figures();
  note(name, { ...disturbed, p99Ratio: disturbed.p99Ms / undisturbed.p99Ms });
  await end();
  await settled();
}

function note(name: string, measured: Figures): void {
  console.log(name, measured);
  results.set(name, [...(results.get(name) ?? []), measured]);
}

async function figures(): Promise<Omit<Figures, 'p99Ratio'>> {
  await healthy.reset();
  await arrived((await publisher.openLoop(PER_SECOND, LEAD_IN_MS)).accepted);
  await Promise.all([healthy.reset(), other.reset()]);
  const cpuBefore = usageOf(server.pid).cpuUs;
  const startedAt = performance.now();
  const { accepted } = await publisher.openLoop(PER_SECOND, SECONDS * 1_000);
  await arrived(accepted);
  const seconds = (performance.now() - startedAt) / 1_000;
  const [own, others] = await Promise.all([healthy.report(), other.report()]);
  return {
    p50Ms: own.p50Us / 1_000,
    p99Ms: own.p99Us / 1_000,
    maxMs: own.maxUs / 1_000,
    perSecond: Math.round((own.received + others.received) / seconds),
    serverCores: Number(((usageOf(server.pid).cpuUs - cpuBefore) / 1e6 / seconds).toFixed(2)),
  };
}

async function arrived(count: number): Promise<void> {
  const until = performance.now() + SETTLE_MS_MAX;
  while ((await healthy.report()).timed < count) {
    if (performance.now() > until)
      throw new Error(
        `Of ${count} healthy deliveries ${JSON.stringify(await healthy.report())} arrived. ${server.output()}`,
      );
    await wait(5);
  }
}

/**
 * Until nothing is in flight, nothing waits and nothing is cancelled any more, which is done in chunks behind the end
 * of a subscription: what one measurement left must not weigh on the next.
 */
async function settled(): Promise<void> {
  const until = performance.now() + SETTLE_MS_MAX;
  for (let before = -1; ;) {
    const metrics = await (await fetch(`${api.access.url}/metrics`)).text();
    const cancelled = Number(
      /^velahook_deliveries_ended_total{state="cancelled"} (\d+)$/m.exec(metrics)?.[1] ?? 0,
    );
    const isIdle = ['attempts_in_flight', 'records_waiting'].every((name) =>
      new RegExp(`^velahook_${name} 0$`, 'm').test(metrics),
    );
    if (isIdle && cancelled === before) return;
    if (performance.now() > until) throw new Error('The server does not come to rest.');
    before = cancelled;
    await wait(QUIET_MS);
  }
}

async function addWorkspaceTo(environment: Record<string, string>): ReturnType<typeof addWorkspace> {
  const store = await createSqliteStore({
    dataDir: environment['VELAHOOK_DATA_DIR'] ?? '',
    onDeath: (error) => {
      throw error;
    },
  });
  return addWorkspace(store).finally(() => store.close());
}

function report(): void {
  const rows = [...results.keys()].map((name) => {
    const { p50Ms, p99Ms, maxMs, perSecond, serverCores, p99Ratio } = medianOf(name);
    return {
      beside: name,
      'p50 ms': p50Ms.toFixed(2),
      'p99 ms': p99Ms.toFixed(2),
      'max ms': maxMs.toFixed(1),
      'p99 to undisturbed before': p99Ratio.toFixed(2),
      'deliveries/s': perSecond,
      'server cores': serverCores,
    };
  });
  console.log(
    `\nmedians of ${ROUNDS} rounds of ${SECONDS} s, ${PER_SECOND} events/s to ${HEALTHY} healthy subscriptions`,
  );
  console.table(rows);
}

function medianOf(name: string): Figures {
  const all = results.get(name) ?? [];
  const median = (of: (figures: Figures) => number): number =>
    all.map(of).sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? NaN;
  return {
    p50Ms: median((figures) => figures.p50Ms),
    p99Ms: median((figures) => figures.p99Ms),
    maxMs: median((figures) => figures.maxMs),
    perSecond: median((figures) => figures.perSecond),
    serverCores: median((figures) => figures.serverCores),
    p99Ratio: median((figures) => figures.p99Ratio),
  };
}
