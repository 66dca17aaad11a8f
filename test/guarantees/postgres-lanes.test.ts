import process from 'node:process';
import { Client } from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import type { Subscription } from '../../src/domain/subscription.ts';
import type { NewEvent } from '../../src/store/contract/events.ts';
import {
  HEALTH,
  T0,
  aRecord,
  anEvent,
  makeSubscription,
  makeWorkspace,
  publish,
  retryAt,
} from '../conformance/fixtures.ts';
import { LaneMemory } from '../support/lane-memory.ts';
import type { PostgresNode, PostgresNodes } from '../support/postgres-nodes.ts';
import { openPostgresNodes } from '../support/postgres-nodes.ts';
import { seededRandom } from '../support/seed.ts';

let opened: PostgresNodes | undefined;
let other: Client | undefined;

afterEach(async () => {
  await other?.end();
  await opened?.close();
  other = opened = undefined;
});

async function arrange(subscriptionCount: number, now?: () => number) {
  opened = await openPostgresNodes(2, now);
  const [a, b] = opened.nodes as [PostgresNode, PostgresNode];
  const workspaceId = await makeWorkspace(a.store);
  const subscriptions: Subscription[] = [];
  while (subscriptions.length < subscriptionCount)
    subscriptions.push(await makeSubscription(a.store, workspaceId));
  return { ...opened, a, b, workspaceId, subscriptions };
}

/** A transaction of nobody's, as one that hangs. */
async function beginAside(): Promise<Client> {
  other = new Client({ connectionString: opened?.database.url });
  await other.connect();
  await other.query('BEGIN');
  return other;
}

function marksOf(): Promise<{ subscription_id: string }[]> {
  return opened?.database.query('SELECT subscription_id FROM velahook.lane_wakes') ?? Promise.resolve([]);
}

function giveBack({ store, epoch }: PostgresNode, subscriptions: readonly Subscription[]): Promise<void> {
  const releases = subscriptions.map(({ id }) => ({ subscriptionId: id, health: HEALTH }));
  return store.releaseLanes(epoch, releases);
}

/** What the server counted of all that the nodes did. They are closed by this: a server process tells at its end. */
async function countedBy<Row>(sql: string): Promise<Row> {
  if (opened === undefined) throw new Error('There are no nodes.');
  const { database, nodes } = opened;
  await Promise.all(nodes.map(({ store }) => store.close()));
  await expect
    .poll(() =>
      database.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'velahook'`,
      ),
    )
    .toEqual([]);
  const [row] = await database.query<Row>(sql);
  if (row === undefined) throw new Error('Nothing was counted.');
  return row;
}

async function countDeadlocks(): Promise<number> {
  const counted = await countedBy<{ deadlocks: number }>(
    'SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()',
  );
  return counted.deadlocks;
}

interface StoredDelivery {
  id: string;
  subscriptionId: string;
  hasLane: boolean;
  owner: number | null;
  readyAt: number | null;
}

describe('lanes that change hands while events are committed', () => {
  test('lose no wake-up: each delivery is known to its owner, or its lane is free and ready', async () => {
    const { seed, random } = seededRandom();
    process.stdout.write(`postgres lanes: seed ${seed}\n`);
    const { a, b, database, subscriptions, workspaceId } = await arrange(8);
    const memoryOf = ({ store, epoch }: PostgresNode) => ({ epoch, memory: new LaneMemory(store, epoch) });
    const nodes = [memoryOf(a), memoryOf(b)] as const;
    const some = <T>(of: readonly T[]): T[] => of.filter(() => random() < 0.5);
    let committed = 0;
    for (let round = 1; round <= 60; round++) {
      // A lane whose every delivery is done goes when it is given back: that is when an intake is most easily lost.
      for (const { memory } of nodes) await memory.deliver(some(memory.owned), T0);
      const steps = Array.from({ length: 12 }, () => {
        const { memory } = random() < 0.5 ? nodes[0] : nodes[1];
        const dice = random();
        if (dice < 0.35) return () => memory.giveBack(some(memory.owned));
        if (dice < 0.45) return () => memory.take(T0, 1 + Math.floor(random() * 4));
        if (dice < 0.5) return () => memory.wake();
        if (dice < 0.55) return () => memory.deliver(some(memory.owned), T0);
        const events = [1, 2].map(() => anEvent(workspaceId, some(subscriptions)));
        committed += events.length;
        const takeLanes = random() < 0.6;
        return () => memory.commit(events, takeLanes, T0);
      });
      await Promise.all(
        steps.map(async (step) => {
          for (let turns = Math.floor(random() * 30); turns > 0; turns--)
            await new Promise((resolve) => setImmediate(resolve));
          await step();
        }),
      );
      // Every node looks once, as it does each second; from then on nothing is on its way.
      for (const { memory } of nodes) await memory.wake();
      const rows = await database.query<StoredDelivery>(
        `SELECT d.id, d.subscription_id AS "subscriptionId", l.owner::int, l.ready_at::float8 AS "readyAt",
                l.subscription_id IS NOT NULL AS "hasLane"
         FROM velahook.pending_deliveries d LEFT JOIN velahook.lanes l USING (subscription_id)`,
      );
      const lost = rows.filter(({ id, subscriptionId, hasLane, owner, readyAt }) => {
        if (!hasLane) return true;
        if (owner === null) return readyAt === null || readyAt > T0;
        return !nodes.find(({ epoch }) => epoch === owner)?.memory.knows(subscriptionId, id);
      });
      expect(lost, `round ${round} of seed ${seed}`).toEqual([]);
      const orphans = await database.query(
        `SELECT FROM velahook.lane_wakes w WHERE NOT EXISTS
           (SELECT FROM velahook.lanes l WHERE l.subscription_id = w.subscription_id)`,
      );
      expect(orphans, 'marks of lanes that are gone').toEqual([]);
    }
    expect(committed).toBeGreaterThan(60);
  });

  test('are given back only once an intake under way has ended, and with its delivery', async () => {
    const { a, database, subscriptions } = await arrange(1);
    const [subscription] = subscriptions as [Subscription];
    const event = await publish(a.store, a.epoch, [subscription]);
    await a.store.recordAttempts(a.epoch, [aRecord(event)], T0);
    // What another node's intake does to a lane that this one owns.
    const intake = await beginAside();
    await intake.query('SELECT pg_advisory_xact_lock_shared($1, hashtext($2) & 1023)', [
      0x4c_41_4e_45,
      subscription.id,
    ]);
    const isGivenBack = a.store.releaseLanes(a.epoch, [{ subscriptionId: subscription.id, health: HEALTH }]);
    await expect
      .poll(() => database.query(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`))
      .toHaveLength(1);
    await intake.query(
      `INSERT INTO velahook.pending_deliveries
         (id, seq, workspace_id, subscription_id, event_id, event_created_at, event_seq, event_type, generation,
          created_at, due_at)
       VALUES ('dlv', 1, $1, $2, 'evt', 1, 1, 'crm.lead.created', 1, $3, $3)`,
      [subscription.workspaceId, subscription.id, T0 + 5],
    );
    await intake.query('COMMIT');
    await isGivenBack;
    expect(await a.store.takeLanes(a.epoch, T0, 10)).toMatchObject({ lanes: [], nextReadyAt: T0 + 5 });
  });

  test('that are given back leave no mark behind', async () => {
    const { a, b, subscriptions } = await arrange(1);
    const [subscription] = subscriptions as [Subscription];
    await publish(a.store, a.epoch, [subscription]);
    await publish(b.store, b.epoch, [subscription]);
    expect(await marksOf()).toHaveLength(1);
    await a.store.releaseLanes(a.epoch, [{ subscriptionId: subscription.id, health: HEALTH }]);
    expect(await marksOf()).toEqual([]);
  });

  test.each([true, false])('of another node are not waited for (to be taken: %s)', async (takeLanes) => {
    const { a, b, subscriptions } = await arrange(1);
    const [subscription] = subscriptions as [Subscription];
    await publish(b.store, b.epoch, [subscription]);
    const lock = await beginAside();
    await lock.query('SELECT FROM velahook.lanes FOR UPDATE');
    const event = anEvent(subscription.workspaceId, [subscription]);
    const { lanes } = await a.store.commitEvents(a.epoch, [event], takeLanes, T0);
    expect(lanes).toMatchObject([{ standing: 'foreign' }]);
  });

  test('that are free and ready are not waited for, nor written, when they are not to be taken', async () => {
    const { a, subscriptions } = await arrange(1);
    const [subscription] = subscriptions as [Subscription];
    await publish(a.store, a.epoch, [subscription], { takeLanes: false });
    const lock = await beginAside();
    await lock.query('SELECT FROM velahook.lanes FOR UPDATE');
    await publish(a.store, a.epoch, [subscription], { takeLanes: false });
    // Whoever has the lock may be taking the lane without having seen the second delivery.
    expect(await marksOf()).toEqual([{ subscription_id: subscription.id }]);
  });

  test('that are locked by another node are passed over, and looked for again soon', async () => {
    const { a, b, subscriptions } = await arrange(3);
    await publish(a.store, a.epoch, subscriptions, { takeLanes: false });
    const lock = await beginAside();
    await lock.query('SELECT FROM velahook.lanes LIMIT 1 FOR UPDATE');
    const taken = await b.store.takeLanes(b.epoch, T0, 10);
    expect(taken.lanes).toHaveLength(2);
    expect(taken.nextReadyAt).toBeGreaterThan(T0);
    expect(taken.nextReadyAt).toBeLessThan(T0 + 1_000);
  });

  test('of a node whose lease is over get a mark even in its own commits', async () => {
    const { a, b, subscriptions, endLease } = await arrange(1);
    const [subscription] = subscriptions as [Subscription];
    await publish(a.store, a.epoch, [subscription]);
    await endLease(a);
    await publish(a.store, a.epoch, [subscription]);
    expect(await marksOf()).toHaveLength(1);
    await b.store.retireDeadNodes(T0, 3);
    await b.store.takeLanes(b.epoch, T0, 10);
    expect((await b.store.takeWakes(b.epoch)).lanes).toEqual([subscription.id]);
  });
});

test('a node is told its share of all lanes that are owned or ready, as soon as they are', async () => {
  let now = T0;
  const { a, b, subscriptions, endLease } = await arrange(7, () => now);
  expect((await a.store.takeLanes(a.epoch, T0, 10)).share).toEqual({ even: 0, least: 0 });
  await publish(a.store, a.epoch, subscriptions.slice(0, 3));
  await publish(a.store, a.epoch, subscriptions.slice(3, 5), { takeLanes: false });
  await publish(a.store, a.epoch, subscriptions.slice(5), { takeLanes: false, at: T0 + 60_000 });
  const { lanes, share } = await b.store.takeLanes(b.epoch, T0, 10);
  expect([lanes.length, share]).toEqual([2, { even: 3, least: 0 }]);
  expect((await b.store.takeLanes(b.epoch, T0, 10)).share).toEqual({ even: 3, least: 2 });
  now = T0 + 60_000;
  // It asks for none that has just become ready, since by its old share it has too many.
  expect(await b.store.takeLanes(b.epoch, T0, 10)).toMatchObject({ lanes: [], share: { even: 4, least: 2 } });
  await endLease(a);
  await b.store.takeLanes(b.epoch, now, 10);
  expect((await b.store.takeLanes(b.epoch, now, 10)).share).toBeUndefined();
});

describe('marks', () => {
  test('are taken once, by the owner of the lane', async () => {
    const { a, b, subscriptions } = await arrange(2);
    const [one, two] = subscriptions as [Subscription, Subscription];
    await publish(a.store, a.epoch, [one]);
    for (let i = 0; i < 3; i++) await publish(b.store, b.epoch, [one, two]);
    expect((await b.store.takeWakes(b.epoch)).lanes).toEqual([]);
    expect((await a.store.takeWakes(a.epoch)).lanes).toEqual([one.id]);
    expect((await a.store.takeWakes(a.epoch)).lanes).toEqual([]);
    expect(await a.store.listOwnedLanes(a.epoch)).toMatchObject([{ subscriptionId: one.id, suspect: false }]);
    expect(await b.store.listOwnedLanes(b.epoch)).toMatchObject([{ subscriptionId: two.id }]);
  });

  test('stay while the lane is free, for whoever takes it', async () => {
    const { a, b, subscriptions } = await arrange(1);
    const [subscription] = subscriptions as [Subscription];
    await publish(a.store, a.epoch, [subscription], { takeLanes: false });
    await publish(a.store, a.epoch, [subscription], { takeLanes: false });
    expect((await b.store.takeWakes(b.epoch)).lanes).toEqual([]);
    await b.store.takeLanes(b.epoch, T0, 10);
    expect((await b.store.takeWakes(b.epoch)).lanes).toEqual([subscription.id]);
  });
});

describe('intakes of two nodes at once', () => {
  test('of the same id and key a hundred times make one event', async () => {
    const { a, b, database, subscriptions, workspaceId } = await arrange(2);
    const given = { eventId: 'one', eventIdGiven: true, idempotencyKey: 'key' };
    const calls = Array.from({ length: 100 }, (_, i) => {
      const { store, epoch } = i % 2 === 0 ? a : b;
      return store.commitEvents(epoch, [anEvent(workspaceId, subscriptions, given)], true, T0);
    });
    const outcomes = (await Promise.all(calls)).flatMap(({ events }) => events);
    expect(outcomes.filter(({ outcome }) => outcome === 'stored')).toHaveLength(1);
    expect(outcomes.filter(({ outcome }) => outcome === 'duplicate')).toHaveLength(99);
    const counts = await database.query(
      `SELECT (SELECT count(*)::int FROM velahook.events) AS events,
              (SELECT count(*)::int FROM velahook.idempotency_keys) AS keys,
              (SELECT count(*)::int FROM velahook.pending_deliveries) AS deliveries`,
    );
    expect(counts).toEqual([{ events: 1, keys: 1, deliveries: 2 }]);
  });

  // As the engine does, one commit of each node at a time: then nobody ever waits for each other. Of several calls in
  // one transaction that cannot be promised; PostgreSQL finds it after a second, and one of them begins again.
  test.each([
    { calls: 1, rounds: 20, deadlocksMax: 0 },
    { calls: 2, rounds: 4, deadlocksMax: Infinity },
  ])('of overlapping events all succeed, each event once: %o', async ({ calls, rounds, deadlocksMax }) => {
    const { seed, random } = seededRandom();
    process.stdout.write(`postgres intakes: seed ${seed}\n`);
    const { a, b, subscriptions, workspaceId } = await arrange(6);
    const shuffled = <T>(of: readonly T[]): T[] => of.toSorted(() => random() - 0.5);
    const nodes = Array.from({ length: calls }, () => [a, b]).flat();
    for (let round = 0; round < rounds; round++) {
      const ids = Array.from({ length: 120 }, (_, i) => `r${round}-${i}`);
      const keyed = random() < 0.5 ? 0.5 : 0;
      const batch = (): NewEvent[] =>
        shuffled(ids).map((eventId) =>
          anEvent(workspaceId, shuffled(subscriptions).slice(0, 2), {
            eventId,
            eventIdGiven: true,
            idempotencyKey: random() < keyed ? `key-${eventId}` : null,
          }),
        );
      const commits = nodes.map(({ store, epoch }) => store.commitEvents(epoch, batch(), true, T0));
      const outcomes = (await Promise.all(commits)).flatMap(({ events }) => events);
      expect(outcomes.filter(({ outcome }) => outcome === 'stored')).toHaveLength(ids.length);
      const others = (nodes.length - 1) * ids.length;
      expect(outcomes.filter(({ outcome }) => outcome === 'duplicate')).toHaveLength(others);
      await Promise.all([a, b].map((node) => giveBack(node, subscriptions)));
    }
    expect(await countDeadlocks()).toBeLessThanOrEqual(deadlocksMax);
  });

  test('and releases in the same transactions do not wait for each other', async () => {
    const { a, b, subscriptions, workspaceId } = await arrange(40);
    for (let round = 0; round < 20; round++) {
      const calls = [a, b].flatMap((node) => [
        node.store.commitEvents(node.epoch, [anEvent(workspaceId, subscriptions)], true, T0),
        giveBack(node, subscriptions),
      ]);
      await Promise.all(calls);
    }
    expect(await countDeadlocks()).toBe(0);
  });

  test('of one chunk of a fan-out make its deliveries once', async () => {
    const { a, b, database, subscriptions, workspaceId } = await arrange(3);
    const [first, ...rest] = subscriptions.toSorted((x, y) => (x.id < y.id ? -1 : 1));
    const event = anEvent(workspaceId, [first!], { fanoutCursor: first!.id, deliveryCount: 3 });
    await a.store.commitEvents(a.epoch, [event], true, T0);
    const chunk = () => ({
      workspaceId,
      eventId: event.eventId,
      deliveries: anEvent(workspaceId, rest).deliveries,
      fanoutCursor: rest.at(-1)!.id,
    });
    const results = await Promise.allSettled(
      [a, b].map(({ store, epoch }) => store.continueFanout(epoch, chunk(), true, T0)),
    );
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const [row] = await database.query(`SELECT count(*)::int AS n FROM velahook.pending_deliveries`);
    expect(row).toEqual({ n: 3 });
  });
});

test('a lane with a retry only is loaded, and given back, by when that is due', async () => {
  const { a, subscriptions } = await arrange(1);
  const [subscription] = subscriptions as [Subscription];
  const event = await publish(a.store, a.epoch, [subscription]);
  await a.store.recordAttempts(a.epoch, [aRecord(event, retryAt(T0 + 70.5))], T0);
  await a.store.releaseLanes(a.epoch, [
    { subscriptionId: subscription.id, health: { ...HEALTH, pausedUntil: 12.25 } },
  ]);
  const { nextReadyAt } = await a.store.takeLanes(a.epoch, T0 + 10.25, 10);
  expect(nextReadyAt).toBe(Math.round(T0 + 70.5));
});

test('a lane is loaded, and given back, without reading its backlog', async () => {
  const { a, database, subscriptions } = await arrange(1);
  const [subscription] = subscriptions as [Subscription];
  await publish(a.store, a.epoch, [subscription]);
  const backlog = 20_000;
  await database.query(
    `INSERT INTO velahook.pending_deliveries
       (id, seq, workspace_id, subscription_id, event_id, event_created_at, event_seq, event_type, generation, attempts,
        created_at, due_at)
     SELECT 'dlv' || n, n, $1, $2, 'evt', 1, 1, 'crm.lead.created', 1, n % 2, $3::bigint, $3::bigint + n
     FROM generate_series(1, $4::int) AS n`,
    [subscription.workspaceId, subscription.id, T0, backlog],
  );
  const loads = 10;
  for (let i = 0; i < loads; i++) {
    const { first, retries } = await a.store.loadLane(subscription.id, 10, 10);
    expect([first.length, retries.length]).toEqual([10, 10]);
    await giveBack(a, subscriptions);
    await a.store.takeLanes(a.epoch, T0, 10);
  }
  const counted = await countedBy<{ read: number }>(
    `SELECT (seq_tup_read + idx_tup_fetch)::int AS read FROM pg_stat_user_tables
     WHERE relid = 'velahook.pending_deliveries'::regclass`,
  );
  expect(counted.read).toBeLessThan(loads * 50);
});
