import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Database } from '../../src/store/postgres/database.ts';
import { listPartitions, makePartitions } from '../../src/store/postgres/partitions.ts';
import type { Store } from '../../src/store/store.ts';
import {
  T0,
  aRecord,
  deliveryIdOf,
  makeSubscription,
  makeWorkspace,
  publish,
} from '../conformance/fixtures.ts';
import { seededRandom } from '../support/seed.ts';
import type { TemporaryPostgres } from '../support/temporary-postgres.ts';
import { openTemporaryPostgres } from '../support/temporary-postgres.ts';

const DAY = 86_400_000;
const TODAY = Math.floor(T0 / DAY) * DAY;
/** How long anybody may feel that a day is being dropped: the wait for its lock, and a slow machine's doings. */
const PAUSE_MS_MAX = 1_500;

let opened: TemporaryPostgres;
let store: Store;
let epoch: number;
let databases: Database[] = [];
let clients: Client[] = [];

beforeEach(async () => {
  opened = await openTemporaryPostgres({ now: () => T0 });
  store = opened.store;
  epoch = (await store.registerNode(T0, 3)).epoch;
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.end()));
  await Promise.all(databases.map((database) => database.close()));
  clients = [];
  databases = [];
  await opened.close();
});

function anotherNode(): Database {
  const database = new Database(opened.database.url, 'another node');
  databases.push(database);
  return database;
}

async function connect(): Promise<Client> {
  const client = new Client({ connectionString: opened.database.url });
  await client.connect();
  clients.push(client);
  return client;
}

const query = <Row>(text: string, values?: unknown[]) => opened.database.query<Row>(text, values);

/** The days of the partitions there are, from `TODAY` on, by table; a new database has some of the real today, too. */
async function days(): Promise<Record<string, number[]>> {
  const found: Record<string, number[]> = {};
  for (const { daily, from } of await listPartitions(anotherNode()))
    if (from < TODAY + 100 * DAY) (found[daily.table] ??= []).push((from - TODAY) / DAY);
  return found;
}

async function countIn(table: string): Promise<number> {
  return (
    (await query<{ count: string }>(`SELECT count(*) FROM velahook.${table}`)).map(({ count }) =>
      Number(count),
    )[0] ?? 0
  );
}

async function keep(now: number, retentionDays = 1): Promise<void> {
  while (await store.keepHistory(now, retentionDays));
}

/** A finished delivery of an event of that day. */
async function makeHistory(at: number, subscription?: Awaited<ReturnType<typeof makeSubscription>>) {
  const to = subscription ?? (await makeSubscription(store, await makeWorkspace(store)));
  const event = await publish(store, epoch, [to], { at });
  await store.recordAttempts(epoch, [aRecord(event)], at);
  return event;
}

const ALL = (expected: number[]) => ({ events: expected, finished_deliveries: expected, attempts: expected });

describe('the partitions of days', () => {
  test('are there when the store is open, from yesterday to three days ahead', async () => {
    expect(await days()).toEqual(ALL([-1, 0, 1, 2, 3]));
    await makeHistory(T0);
    for (const table of ['events', 'finished_deliveries', 'attempts']) {
      expect(await countIn(table)).toBe(1);
      expect(await countIn(`${table}_default`)).toBe(0);
    }
  });

  test('are made once, however many nodes do it at once', async () => {
    const nodes = Array.from({ length: 5 }, anotherNode);
    await Promise.all(nodes.map((node) => makePartitions(node, T0 + 2 * DAY, true)));
    expect(await days()).toEqual(ALL([-1, 0, 1, 2, 3, 4, 5]));
  });

  test('are made while a transaction that writes the table goes on', async () => {
    const writing = await connect();
    await writing.query('BEGIN');
    await writing.query(
      `INSERT INTO velahook.events VALUES ('w', 'evt_1', 1, $1, 'published', 'x', 'x', NULL, 0, 0, '')`,
      [T0],
    );
    await makePartitions(anotherNode(), T0 + DAY);
    expect(await days()).toEqual(ALL([-1, 0, 1, 2, 3, 4]));
    await writing.query('ROLLBACK');
  });

  test('leave a day where it is that has begun in the default one, and the others are made', async () => {
    const event = await makeHistory(T0 + 5 * DAY);
    await makePartitions(anotherNode(), T0 + 4 * DAY);
    expect(await days()).toEqual(ALL([-1, 0, 1, 2, 3, 4, 6, 7]));
    expect(await store.findEvent(event.workspaceId, event.eventId)).toMatchObject({
      states: { succeeded: 1 },
    });
    await keep(T0 + 8 * DAY);
    for (const table of ['events', 'finished_deliveries', 'attempts'])
      expect(await countIn(`${table}_default`)).toBe(0);
  });
});

describe('days that are old', () => {
  test('are dropped whole', async () => {
    await makeHistory(T0);
    await keep(T0 + 3 * DAY);
    expect(await days()).toEqual(ALL([2, 3, 4, 5, 6]));
    for (const table of ['event_ids', 'events', 'finished_deliveries', 'attempts'])
      expect(await countIn(table)).toBe(0);
  });

  test('stay while somebody reads them, and nobody waits for that', async () => {
    const subscription = await makeSubscription(store, await makeWorkspace(store));
    await makeHistory(T0, subscription);
    const reading = await connect();
    await reading.query('BEGIN; SELECT count(*) FROM velahook.events');
    const kept = keep(T0 + 3 * DAY);
    let slowest = 0;
    let isKept = false;
    void kept.then(() => (isKept = true));
    while (!isKept) {
      const start = performance.now();
      await publish(store, epoch, [subscription], { at: T0 + 3 * DAY });
      slowest = Math.max(slowest, performance.now() - start);
    }
    await kept;
    expect(slowest).toBeLessThan(PAUSE_MS_MAX);
    expect((await days())['events']).toContain(0);
    await reading.query('COMMIT');
    await keep(T0 + 3 * DAY);
    expect((await days())['events']).not.toContain(0);
  });

  test('are what the database says they are: a clock that runs a year ahead costs nothing', async () => {
    const now = Date.now();
    await makePartitions(anotherNode(), now);
    const event = await makeHistory(now - DAY);
    await keep(now + 365 * DAY, 30);
    expect(await store.findEvent(event.workspaceId, event.eventId)).toMatchObject({
      states: { succeeded: 1 },
    });
    expect(await store.listAttempts(event.workspaceId, deliveryIdOf(event))).toHaveLength(1);
  });

  test('keep an event that somebody is just making a delivery of', async () => {
    const event = await makeHistory(T0);
    const other = await makeHistory(T0);
    const replaying = await connect();
    await replaying.query('BEGIN');
    await replaying.query('SELECT FROM velahook.event_ids WHERE event_id = $1 FOR KEY SHARE', [
      event.eventId,
    ]);
    await replaying.query(
      `INSERT INTO velahook.pending_deliveries (id, seq, workspace_id, subscription_id, event_id, event_created_at,
         event_seq, event_type, generation, created_at, due_at)
       SELECT 'dlv_again', nextval('velahook.seq'), workspace_id, 'none', event_id, created_at, seq, 'x', 1, $2, $2
       FROM velahook.events WHERE event_id = $1`,
      [event.eventId, T0 + 3 * DAY],
    );
    await keep(T0 + 3 * DAY);
    await replaying.query('COMMIT');
    await keep(T0 + 3 * DAY);
    expect(await store.loadBodies([event])).toHaveLength(1);
    expect(await store.findEvent(other.workspaceId, other.eventId)).toBeUndefined();
    await query(`DELETE FROM velahook.pending_deliveries`);
    await keep(T0 + 3 * DAY);
    expect(await store.loadBodies([event])).toEqual([]);
  });

  test('go while many nodes see to it and others work, and never what that work refers to', async () => {
    const { seed, random } = seededRandom();
    const subscription = await makeSubscription(store, await makeWorkspace(store));
    const { workspaceId } = subscription;
    const pending = new Map<string, Awaited<ReturnType<typeof publish>>>();
    for (let day = 0; day < 12; day++) {
      await makePartitions(anotherNode(), T0 + day * DAY);
      const event = await publish(store, epoch, [subscription], { at: T0 + day * DAY });
      if (random() < 0.5) pending.set(event.eventId, event);
      else await store.recordAttempts(epoch, [aRecord(event)], T0 + day * DAY);
    }
    const now = T0 + 20 * DAY;
    const other = await openSecond();
    for (const event of pending.values()) {
      await Promise.all([store.keepHistory(now, 1), other.keepHistory(now, 1), keep(now)]);
      const bodies = await store.loadBodies([...pending.values()]);
      expect(bodies.length, `seed ${seed}`).toBe(pending.size);
      await Promise.all([store.recordAttempts(epoch, [aRecord(event)], now), other.keepHistory(now, 1)]);
      pending.delete(event.eventId);
    }
    await keep(now);
    expect((await store.listEvents(workspaceId, { limit: 10 })).items).toEqual([]);
    expect((await days())['attempts']?.[0]).toBe(19);
    await other.close();
  });
});

async function openSecond(): Promise<Store> {
  const { createPostgresStore } = await import('../../src/store/postgres/postgres-store.ts');
  return createPostgresStore({ url: opened.database.url, leaseMs: 60_000, now: () => T0 });
}
