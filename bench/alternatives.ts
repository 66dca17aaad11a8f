/**
 * Publish to receipt, all of it durable, beside what someone would otherwise build: pg-boss, graphile-worker and BullMQ
 * (Redis, `appendfsync always`), each behind an HTTP call and with an undici worker that signs, POSTs and records. All
 * in one run, in turns, with the same publisher and the same receiver on the same machine.
 *
 * Run it with `npm run bench:alternatives`, which installs them; it needs `redis-server` in the path.
 * `BENCH_ONLY=postgres` measures only what has that word in its name.
 */
import type { ChildProcess } from 'node:child_process';
import { fork, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import type { ApiAccess } from '../test/support/api-client.ts';
import type { PostgresServer } from '../test/support/postgres-server.ts';
import { startPostgresServer } from '../test/support/postgres-server.ts';
import { createServerFolder, startServerProcess, stopServerProcess } from '../test/support/server-process.ts';
import { BenchPublisher } from './support/publisher.ts';
import { startBenchReceiver } from './support/receiver.ts';
import { startCommand } from './support/start-command.ts';
import { usageOf } from './support/usage.ts';

const TYPES = Array.from({ length: 20 }, (_, i) => `bench.thing${i}.happened`);
const CONCURRENCY = 96;
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 8);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
const ONLY = process.env['BENCH_ONLY'] ?? '';
/** Events per call where a publisher has many at a time. */
const BATCH = 10;
const DRAIN_MS_MAX = 120_000;
const REDIS_PORT = 16_379;

/** Something that takes events over HTTP and delivers them to the receiver. */
interface Contestant {
  name: string;
  /** Events per call; 1 unless it says so. */
  perCall?: number;
  start(): Promise<Running>;
}

interface Running {
  access: ApiAccess;
  pid: number;
  /** The database's process, whose children count too. */
  databasePid?: number;
  stop(): Promise<void>;
}

interface Figures {
  deliveriesPerSecond: number;
  serverUs: number;
  databaseUs: number;
  p50Ms: number;
  p99Ms: number;
}

const receiver = await startBenchReceiver();
const folder = mkdtempSync(join(tmpdir(), 'velahook-bench-'));
const caFile = join(folder, 'ca.pem');
writeFileSync(caFile, receiver.ca);
const postgres = await startPostgresServer({ settings: { max_wal_size: '4GB', shared_buffers: '256MB' } });
const redis = await startRedis();
const results = new Map<string, Figures[]>();
try {
  const contestants: Contestant[] = [
    { name: 'velahook, embedded store', start: () => velahook({}) },
    { name: 'velahook, PostgreSQL', start: () => velahookOnPostgres(postgres) },
    { name: `velahook, embedded store, ${BATCH} per call`, perCall: BATCH, start: () => velahook({}) },
    {
      name: `velahook, PostgreSQL, ${BATCH} per call`,
      perCall: BATCH,
      start: () => velahookOnPostgres(postgres),
    },
    { name: 'pg-boss, PostgreSQL', start: () => alternative('pg-boss', postgres) },
    { name: 'graphile-worker, PostgreSQL', start: () => alternative('graphile-worker', postgres) },
    { name: 'bullmq, Redis', start: () => alternative('bullmq', redis) },
  ].filter(({ name }) => name.toLowerCase().includes(ONLY.toLowerCase()));
  for (let round = 1; round <= ROUNDS; round++) {
    for (const each of contestants) {
      const figures = await measure(each);
      console.log(round, each.name, figures);
      results.set(each.name, [...(results.get(each.name) ?? []), figures]);
    }
  }
  report();
} finally {
  receiver.stop();
  await postgres.remove();
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function measure({ start, perCall = 1 }: Contestant): Promise<Figures> {
  const running = await start();
  const publisher = new BenchPublisher(running.access, TYPES, { perCall });
  try {
    await publisher.closedLoop(CONCURRENCY, 2_000);
    await untilStill();
    await receiver.reset();
    const before = cpuOf(running);
    const startedAt = performance.now();
    const { accepted } = await publisher.closedLoop(CONCURRENCY, SECONDS * 1_000);
    await untilReceived(accepted);
    const seconds = (performance.now() - startedAt) / 1_000;
    await untilStill();
    const after = cpuOf(running);
    await receiver.reset();
    await publisher.openLoop(accepted / seconds / 2, SECONDS * 1_000);
    await untilStill();
    const half = await receiver.report();
    return {
      deliveriesPerSecond: Math.round(accepted / seconds),
      serverUs: Math.round((after.server - before.server) / accepted),
      databaseUs: Math.round((after.database - before.database) / accepted),
      p50Ms: half.p50Us / 1_000,
      p99Ms: half.p99Us / 1_000,
    };
  } finally {
    await publisher.close();
    await running.stop();
  }
}

async function untilReceived(count: number): Promise<void> {
  const until = performance.now() + DRAIN_MS_MAX;
  while ((await receiver.report()).received < count) {
    if (performance.now() > until) throw new Error('Not everything that was accepted arrived.');
    await wait(5);
  }
}

/** Until nothing has arrived for a while: what is left over must not weigh on the next measurement. */
async function untilStill(): Promise<void> {
  for (let before = -1, now = 0; now > before;) {
    before = now;
    await wait(1_500);
    now = (await receiver.report()).received;
  }
}

function cpuOf({ pid, databasePid }: Running): { server: number; database: number } {
  return {
    server: usageOf(pid).cpuUs,
    database: databasePid === undefined ? 0 : cpuOfTree(databasePid),
  };
}

/** A process with its living children, and those that have ended. */
function cpuOfTree(root: number): number {
  let cpuUs = 0;
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const isRoot = Number(entry) === root;
      if (!isRoot && Number(fields[1]) !== root) continue;
      const ended = isRoot ? Number(fields[13]) + Number(fields[14]) : 0;
      cpuUs += (Number(fields[11]) + Number(fields[12]) + ended) * 10_000;
    } catch {
      // It ended while we looked.
    }
  }
  return cpuUs;
}

async function velahook(more: Record<string, string>, databasePid?: number): Promise<Running> {
  const own = createServerFolder(receiver.ca, more);
  const server = await startServerProcess(own.environment, startCommand());
  for (const type of TYPES) await server.api.subscribe({ url: receiver.url(`/${type}`), events: [type] });
  return {
    access: server.api.access,
    pid: server.pid,
    ...(databasePid === undefined ? {} : { databasePid }),
    async stop() {
      await stopServerProcess(server);
      own.remove();
    },
  };
}

async function velahookOnPostgres(server: PostgresServer): Promise<Running> {
  const url = await newDatabase(server);
  return velahook(
    { DATABASE_URL: url, VELAHOOK_ENCRYPTION_KEY: randomBytes(32).toString('hex') },
    server.pid(),
  );
}

async function alternative(
  kind: string,
  store: PostgresServer | Awaited<ReturnType<typeof startRedis>>,
): Promise<Running> {
  const url = 'urlOf' in store ? await newDatabase(store) : store.url;
  const databasePid = store.pid();
  const server = join(import.meta.dirname, 'alternatives/server.mjs');
  const child = fork(server, [kind, url, receiver.url('/'), caFile], { execArgv: [] });
  const [message] = (await once(child, 'message')) as [{ url: string }];
  return {
    access: { url: message.url, workspaceId: '', token: '' },
    pid: child.pid ?? 0,
    databasePid,
    stop: () => ended(child, () => child.disconnect()),
  };
}

async function newDatabase(server: PostgresServer): Promise<string> {
  const name = `bench_${process.hrtime.bigint()}`;
  const client = new Client({ connectionString: server.url });
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.query('CHECKPOINT');
  await client.end();
  return server.urlOf(name);
}

async function startRedis() {
  const settings = ['--port', String(REDIS_PORT), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always'];
  const child = spawn('redis-server', [...settings, ...durable], { stdio: 'ignore' });
  await once(child, 'spawn');
  for (;;) {
    const socket = createConnection(REDIS_PORT, '127.0.0.1');
    const isUp = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isUp) break;
    await wait(50);
  }
  return {
    url: `redis://127.0.0.1:${REDIS_PORT}`,
    pid: () => child.pid ?? 0,
    stop: () => ended(child, () => child.kill('SIGTERM')),
  };
}

async function ended(child: ChildProcess, end: () => void): Promise<void> {
  const exited = once(child, 'exit');
  end();
  await exited;
}

function report(): void {
  const rows = [...results].map(([name, all]) => {
    const median = (of: (figures: Figures) => number): number =>
      all.map(of).toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
    return {
      name,
      'deliveries/s': median((figures) => figures.deliveriesPerSecond),
      'Node us/event': median((figures) => figures.serverUs),
      'database us/event': median((figures) => figures.databaseUs),
      'p50 ms at half load': median((figures) => figures.p50Ms).toFixed(1),
      'p99 ms at half load': median((figures) => figures.p99Ms).toFixed(1),
    };
  });
  console.log(`\nmedians of ${ROUNDS} rounds of ${SECONDS} s, 1 KB events, one per call unless said`);
  console.table(rows);
}
