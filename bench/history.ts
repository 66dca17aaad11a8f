/**
 * What a long history costs on PostgreSQL: committing events, leasing their lanes and recording their attempts, on an
 * empty database and on one with millions of finished deliveries, by turns in one run. Beside the time of each: the
 * pages touched, which other load on the machine does not change, and whether any large table was read from end to end.
 *
 * `node bench/history.ts [finished deliveries]`, ten million unless given.
 */
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { NEW_LANE_HEALTH } from '../src/domain/lane.ts';
import { DAY_MS } from '../src/domain/retention.ts';
import type { NewEvent } from '../src/store/contract/events.ts';
import { Database } from '../src/store/postgres/database.ts';
import { makeDays, startOfDay } from '../src/store/postgres/partitions.ts';
import { createPostgresStore } from '../src/store/postgres/postgres-store.ts';
import type { Store } from '../src/store/store.ts';
import { startPostgresServer } from '../test/support/postgres-server.ts';
import { makeEvent, makeRecord, makeSubscription, newBenchId } from './support/store-work.ts';

const FINISHED = Number(process.argv[2] ?? 10_000_000);
const DELIVERIES_PER_EVENT = 5;
/** The last of them today: what is new lies beside history. */
const DAYS = 30;
const SUBSCRIPTIONS = 500;
const EVENTS_PER_ROUND = 5_000;
const EVENTS_PER_CALL = 50;
const CALLS_AT_ONCE = 4;
const ROUNDS = 4;
/** Statistics of a connection are there a second after it has done something, at the latest. */
const STATISTICS_MS = 1_500;

interface Bench {
  name: string;
  store: Store;
  client: Client;
  epoch: number;
  workspaceId: string;
  subscriptionIds: string[];
  version: number;
  /** Of each kind of work: milliseconds and pages, of all rounds. */
  sums: Map<string, { ms: number; pages: number; scans: number; count: number }>;
}

const server = await startPostgresServer({ settings: { max_wal_size: '4GB', shared_buffers: '512MB' } });
try {
  const empty = await open('empty');
  const full = await open('full');
  await fill(full);
  for (let round = 0; round <= ROUNDS; round++)
    for (const bench of [empty, full]) {
      // The first only fills caches.
      if (round === 1) bench.sums.clear();
      await work(bench);
    }
  for (const { name, sums } of [empty, full])
    for (const [what, { ms, pages, scans, count }] of sums)
      console.log(
        `${name}: ${what} ${((ms / count) * 1_000).toFixed(0)} µs, ${(pages / count).toFixed(1)} pages; whole tables read ${scans} times`,
      );
  for (const { store, client } of [empty, full]) {
    await store.close();
    await client.end();
  }
} finally {
  await server.remove();
}

async function open(name: string): Promise<Bench> {
  const operator = new Client({ connectionString: server.url });
  await operator.connect();
  await operator.query(`CREATE DATABASE bench_${name}`);
  await operator.end();
  const url = server.urlOf(`bench_${name}`);
  const store = await createPostgresStore({ url, leaseMs: 3_600_000, now: () => Date.now() });
  const client = new Client({ connectionString: url });
  await client.connect();
  const now = Date.now();
  const workspaceId = newBenchId();
  await store.ensureWorkspace({ id: workspaceId, name: 'bench', createdAt: now });
  const subscriptionIds = Array.from({ length: SUBSCRIPTIONS }, newBenchId);
  for (const id of subscriptionIds)
    await store.createSubscription(makeSubscription(id, workspaceId), SUBSCRIPTIONS);
  const { epoch } = await store.registerNode(now, 3);
  const { version } = await store.loadSubscriptions(workspaceId);
  return { name, store, client, epoch, workspaceId, subscriptionIds, version, sums: new Map() };
}

/** Day by day, by set: each event with its deliveries, each of which has one attempt. */
async function fill({ name, client, workspaceId, subscriptionIds }: Bench): Promise<void> {
  const startedAt = performance.now();
  const today = startOfDay(Date.now());
  const database = new Database(server.urlOf(`bench_${name}`), 'bench');
  const days = Array.from({ length: DAYS }, (_, i) => today - i * DAY_MS);
  await makeDays(database, days, true);
  await database.close();
  const events = Math.ceil(FINISHED / DELIVERIES_PER_EVENT / DAYS);
  await client.query('SET synchronous_commit = off');
  for (const [i, day] of days.entries()) {
    const first = i * events;
    const step = Math.floor((i === 0 ? Date.now() - today : DAY_MS) / events) || 1;
    const given = [workspaceId, first + 1, first + events, day, step];
    await client.query(
      `INSERT INTO velahook.events
       SELECT $1, 'evt_' || md5(i::text), -i, $4::bigint + (i - $2::int) * $5::bigint, 'published', 'crm.lead.created', 'x', NULL, ${DELIVERIES_PER_EVENT}, 1,
              '\\x00' FROM generate_series($2::int, $3::int) i`,
      given,
    );
    await client.query(
      `INSERT INTO velahook.event_ids SELECT workspace_id, event_id, created_at, seq FROM velahook.events
       WHERE created_at >= $1 AND created_at < $2`,
      [day, day + DAY_MS],
    );
    await client.query(
      `INSERT INTO velahook.finished_deliveries
       SELECT 'dlv_' || md5(seq || '.' || k), seq * ${DELIVERIES_PER_EVENT} + k, workspace_id,
              ($3::text[])[1 + (abs(seq) * 7 + k) % ${SUBSCRIPTIONS}], event_id, created_at, seq, event_type, 1, 'succeeded', 1,
              created_at, created_at, created_at, NULL, 'success', 200, NULL
       FROM velahook.events, generate_series(1, ${DELIVERIES_PER_EVENT}) k WHERE created_at >= $1 AND created_at < $2`,
      [day, day + DAY_MS, subscriptionIds],
    );
    await client.query(
      `INSERT INTO velahook.attempts
       SELECT 'att_' || md5(id), id, created_at, 1, created_at, 1, 'success', 200, NULL, false, NULL
       FROM velahook.finished_deliveries WHERE created_at >= $1 AND created_at < $2`,
      [day, day + DAY_MS],
    );
  }
  await client.query('VACUUM ANALYZE');
  await client.query('CHECKPOINT');
  const { rows } = await client.query<{ count: string; size: string }>(
    `SELECT count(*), pg_size_pretty(pg_database_size(current_database())) AS size FROM velahook.finished_deliveries`,
  );
  const minutes = (performance.now() - startedAt) / 60_000;
  console.log(
    `${rows[0]?.count} finished deliveries, ${rows[0]?.size}, made in ${minutes.toFixed(1)} minutes`,
  );
}

/** Events are committed, their lanes leased and loaded, their attempts recorded, their lanes given back. */
async function work(bench: Bench): Promise<void> {
  const { store, epoch, workspaceId, subscriptionIds, version } = bench;
  const committed: NewEvent[][] = [];
  const calls = EVENTS_PER_ROUND / EVENTS_PER_CALL;
  await measure(bench, 'an event committed', EVENTS_PER_ROUND, () =>
    atOnce(calls, async () => {
      const batch = Array.from({ length: EVENTS_PER_CALL }, () =>
        makeEvent(workspaceId, subscriptionIds[Math.floor(Math.random() * SUBSCRIPTIONS)] ?? '', version),
      );
      await store.commitEvents(epoch, batch, false, Date.now());
      committed.push(batch);
    }),
  );
  const taken: string[] = [];
  await measure(bench, 'a lane leased', SUBSCRIPTIONS, async () => {
    for (let found = 1; found > 0;) {
      const { lanes } = await store.takeLanes(epoch, Date.now(), 100);
      found = lanes.length;
      taken.push(...lanes.map(({ subscriptionId }) => subscriptionId));
    }
  });
  await measure(bench, 'a lane loaded', taken.length, () =>
    atOnce(taken.length, async (i) => void (await store.loadLane(taken[i] ?? '', 256, 256))),
  );
  await measure(bench, 'an attempt recorded', EVENTS_PER_ROUND, () =>
    atOnce(calls, async (i) => {
      await store.recordAttempts(epoch, (committed[i] ?? []).map(makeRecord), Date.now());
    }),
  );
  const health = NEW_LANE_HEALTH;
  await measure(bench, 'a lane given back', taken.length, () =>
    store.releaseLanes(
      epoch,
      taken.map((subscriptionId) => ({ subscriptionId, health })),
    ),
  );
}

async function measure(
  { client, sums }: Bench,
  what: string,
  count: number,
  run: () => Promise<void>,
): Promise<void> {
  await wait(STATISTICS_MS);
  const before = await touched(client);
  const startedAt = performance.now();
  await run();
  const ms = performance.now() - startedAt;
  await wait(STATISTICS_MS);
  const after = await touched(client);
  const sum = sums.get(what) ?? { ms: 0, pages: 0, scans: 0, count: 0 };
  sums.set(what, {
    ms: sum.ms + ms,
    pages: sum.pages + after.pages - before.pages,
    scans: sum.scans + after.scans - before.scans,
    count: sum.count + count,
  });
}

/** Pages of tables that grow, found in memory or read, with those of their indexes; and how often one was read whole. */
async function touched(client: Client): Promise<{ pages: number; scans: number }> {
  const { rows } = await client.query<{ pages: number; scans: number }>(
    `SELECT sum(heap_blks_hit + heap_blks_read + coalesce(idx_blks_hit + idx_blks_read, 0))::float8 AS pages,
            sum(s.seq_scan)::float8 AS scans
     FROM pg_statio_user_tables io JOIN pg_stat_user_tables s USING (relid)
     WHERE io.schemaname = 'velahook'
       AND io.relname ~ '^(events|event_ids|pending_deliveries|finished_deliveries|attempts|lanes)'`,
  );
  return rows[0] ?? { pages: NaN, scans: NaN };
}

async function atOnce(count: number, run: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) await run(i);
  };
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, worker));
}
