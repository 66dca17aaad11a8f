import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { noCounts } from '../../src/domain/statistics.ts';
import { Database } from '../../src/store/postgres/database.ts';
import { createPostgresStore } from '../../src/store/postgres/postgres-store.ts';
import { RoundTrip } from '../../src/store/postgres/round-trip.ts';
import type { Store } from '../../src/store/store.ts';
import {
  HEALTH,
  aNotice,
  aRecord,
  anEvent,
  deliveryIdOf,
  failed,
  makeSubscription,
  makeWorkspace,
  retryAt,
} from '../conformance/fixtures.ts';
import { DAY, TODAY, fillHistory } from '../support/postgres-history.ts';
import type { TemporaryDatabase } from '../support/temporary-postgres.ts';
import { makeTemporaryDatabase } from '../support/temporary-postgres.ts';

/** What only grows, or may: nobody may read it whole. */
const LARGE = /^(events|finished_deliveries|attempts|event_ids|idempotency_keys|pending_deliveries)/;
const ROWS_OF_A_LARGE_ONE = 200;
/** Ids, and keys of them; and events that lie in no day's partition. */
const NAMES = 30_000;
const STRAYS = 10_000;

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Index Cond'?: string;
  Plans?: PlanNode[];
}

/** A statement that is about to be run. */
interface Asked {
  name?: string;
  text?: string;
  values?: readonly unknown[];
}

let database: TemporaryDatabase;
let store: Store;
/** Where rows of what is large lie: an empty partition may be read whole. */
let large: Set<string>;
/** Per statement of the store that was run, the tables that are read whole: by a plan for its values, and by one for any. */
const readWhole = new Map<string, string[]>();

const query = Client.prototype.query as (...args: unknown[]) => unknown;

/** Every statement with a name is explained before it is run, on its own connection and within its transaction. */
function explainAll(): void {
  Client.prototype.query = function watched(this: Client, ...args: unknown[]): unknown {
    const [config] = args as [Asked | RoundTrip];
    const asked =
      config instanceof RoundTrip
        ? config.sent.map(({ statement, parameters }) => ({ ...statement, values: parameters }))
        : [config];
    const ours = asked.filter(
      ({ name = '', text = '' }) => name !== '' && /^\s*(SELECT|WITH|INSERT|UPDATE|DELETE)/.test(text),
    );
    if (ours.length === 0) return query.apply(this, args);
    return ours
      .reduce((before, each) => before.then(() => explainBoth(this, each)), Promise.resolve())
      .then(() => query.apply(this, args));
  } as typeof Client.prototype.query;
}

async function explainBoth(client: Client, { text = '', values }: Asked): Promise<void> {
  await explain(client, text, { text: `EXPLAIN (FORMAT JSON) ${text}`, values });
  await explain(client, text, { text: `EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${text}` });
}

async function explain(client: Client, text: string, config: object): Promise<void> {
  const found = readWhole.get(text) ?? [];
  readWhole.set(text, found);
  const answer = (await query.call(client, config)) as { rows: { 'QUERY PLAN': { Plan: PlanNode }[] }[] };
  const plan = answer.rows[0]?.['QUERY PLAN'][0]?.Plan;
  if (plan === undefined) throw new Error(`There is no plan of ${text}`);
  for (const node of flatten(plan)) {
    const relation = node['Relation Name'] ?? '';
    const isWhole = node['Node Type'] === 'Seq Scan' || (node['Index Name'] && !node['Index Cond']);
    if (isWhole && large.has(relation)) found.push(relation);
  }
}

function flatten(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(flatten)];
}

beforeAll(async () => {
  database = await makeTemporaryDatabase();
  const filling = new Database(database.url, 'plans');
  await fillHistory(database, filling);
  await filling.close();
  const rows = await database.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND reltuples > ${ROWS_OF_A_LARGE_ONE}`,
  );
  large = new Set(rows.map(({ name }) => name).filter((name) => LARGE.test(name)));
  store = await createPostgresStore({ url: database.url, leaseMs: 60_000, now: () => Date.now() });
}, 120_000);

afterAll(async () => {
  Client.prototype.query = query as typeof Client.prototype.query;
  await store.close();
  await database.remove();
});

/** The life of a few deliveries, by every call that a node makes. */
async function live(): Promise<void> {
  const now = Date.now();
  const { epoch } = await store.registerNode(now, 3);
  const subscription = await makeSubscription(store, await makeWorkspace(store), { createdAt: now });
  const { workspaceId } = subscription;
  const events = [1, 2, 3, 4].map((n) =>
    anEvent(workspaceId, [subscription], { idempotencyKey: `key-${n}` }),
  );
  const [first, second, third, fourth] = events as [
    (typeof events)[0],
    (typeof events)[0],
    (typeof events)[0],
    (typeof events)[0],
  ];
  await store.commitEvents(epoch, events, true, now);
  await store.commitEvents(epoch, events, true, now);
  const cut = { ...anEvent(workspaceId, [subscription]), fanoutCursor: '0' };
  await store.commitEvents(epoch, [cut], true, now);
  await store.listUnfinishedFanouts(10);
  await store.continueFanout(epoch, { ...cut, deliveries: [], fanoutCursor: null }, true, now);
  await store.loadBodies(events);
  await store.loadLane(subscription.id, 256, 256);
  await store.announceAttempt(epoch, deliveryIdOf(first));
  const records = [aRecord(first), aRecord(second, retryAt(now + DAY)), aRecord(third, failed())];
  await store.recordAttempts(epoch, records, now);
  await store.releaseLanes(epoch, [{ subscriptionId: subscription.id, health: HEALTH }]);
  await store.takeLanes(epoch, now + DAY, 10);
  await store.listOwnedLanes(epoch);
  await store.takeWakes(epoch);
  await store.renewNode(epoch);
  const gone = aRecord(fourth, { ...failed('gone'), deactivation: aNotice() });
  await store.recordAttempts(epoch, [gone], now);
  await store.cancelStale(100, [], now);
  await store.listFailing({ noticeSince: now, deactivateSince: now, failedDeliveries: 1 }, 10);
  await store.measureBacklog(now);
  const counted = { startAt: now, counts: noCounts() };
  await store.addStatistics([
    { of: 'subscription', id: subscription.id, ...counted },
    { of: 'workspace', id: workspaceId, ...counted },
  ]);
  await store.listStatistics(workspaceId, 'long', now);
  await store.measureWorkspace(workspaceId, 10_000);
  await store.listHealth(workspaceId, [subscription.id], now, 100);
  await store.removeStatistics(now, 1_000);
  await store.retireDeadNodes(now, 3);
  await store.retireNode(epoch, now);
  await store.keepHistory(now, 25);
}

/** The statements that read whole what only grows, each with what it reads so. */
function wholeReads(): [string, string[]][] {
  // These read along an index from its beginning, and no further than they say.
  const isBounded =
    /min\(event_created_at\)|^SELECT min\(created_at\) AS oldest FROM velahook\.event_ids$|ORDER BY event_created_at LIMIT \d+\) oldest$/;
  return [...readWhole].filter(([text, relations]) => relations.length > 0 && !isBounded.test(text));
}

test('no statement of a node reads whole what only grows', async () => {
  explainAll();
  await live();
  expect(wholeReads()).toEqual([]);
  expect(readWhole.size).toBeGreaterThan(25);
});

// What the planner expects of a join depends on how the values are spread: on the hour too, since keys are young for a day.
test.each([
  { keys: 'keys that nobody used for a day', workspaces: 1, newestKey: 2 * DAY },
  { keys: 'keys that are used all the time', workspaces: 1, newestKey: 0 },
  { keys: 'ids that each workspace uses', workspaces: 1_000, newestKey: 0 },
])('retention that is days behind does not read them whole: $keys', async ({ workspaces, newestKey }) => {
  explainAll();
  await fillIds(workspaces, newestKey);
  readWhole.clear();
  while (await store.keepHistory(Date.now(), 25));
  const texts = [...readWhole.keys()].join();
  expect(texts).toContain('FOR UPDATE SKIP LOCKED');
  expect(texts).toContain('FROM velahook.events_default');
  expect(wholeReads()).toEqual([]);
});

/** Thirty days of names, until `newestKey` milliseconds ago, and events of an older day that has no partition. */
async function fillIds(workspaces: number, newestKey: number): Promise<void> {
  const { query: sql } = database;
  const newest = Date.now() - newestKey;
  const step = Math.floor((30 * DAY) / NAMES);
  await sql('TRUNCATE velahook.event_ids, velahook.idempotency_keys, velahook.events_default');
  await sql(`INSERT INTO velahook.event_ids
    SELECT 'w' || i % ${workspaces}, 'order_' || i / ${workspaces}, ${newest} - i::bigint * ${step}, i
    FROM generate_series(${NAMES}, 1, -1) i`);
  await sql(`INSERT INTO velahook.idempotency_keys
    SELECT workspace_id, 'k' || seq, event_id, created_at FROM velahook.event_ids`);
  await sql(`INSERT INTO velahook.events
    SELECT 'w' || i % ${workspaces}, 'order_' || i / ${workspaces}, i, ${TODAY - 90 * DAY} + i, 'published', 'crm.t', 'x',
           NULL, 0, 1, '\\x00' FROM generate_series(1, ${STRAYS}) i`);
  await sql('VACUUM ANALYZE velahook.event_ids, velahook.idempotency_keys, velahook.events_default');
}
