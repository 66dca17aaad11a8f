import process from 'node:process';
import { Client } from 'pg';
import { afterEach, expect, test } from 'vitest';
import type { AttemptToRecord } from '../../src/store/contract/records.ts';
import type { NewEvent } from '../../src/store/contract/events.ts';
import type { Subscription } from '../../src/domain/subscription.ts';
import {
  T0,
  aNotice,
  aRecord,
  anEvent,
  deliveryIdOf,
  failed,
  makeSubscription,
  makeWorkspace,
  retryAt,
} from '../conformance/fixtures.ts';
import type { PostgresNode, PostgresNodes } from '../support/postgres-nodes.ts';
import { openPostgresNodes } from '../support/postgres-nodes.ts';
import { seededRandom } from '../support/seed.ts';

const SUBSCRIPTIONS = 8;
const DELIVERIES = 400;
const BATCH_MAX = 200;

interface StoredRow {
  id: string;
  state: string;
  attempts: number;
  lastOutcome: string | null;
  numbers: number[];
  outcomes: string[];
}

let opened: PostgresNodes | undefined;

afterEach(async () => {
  await opened?.close();
  opened = undefined;
});

async function arrange() {
  opened = await openPostgresNodes(4);
  const { database, nodes } = opened;
  const [a, b, c, d] = nodes as [PostgresNode, PostgresNode, PostgresNode, PostgresNode];
  const workspaceId = await makeWorkspace(a.store);
  const subscriptions: Subscription[] = [];
  for (let i = 0; i < SUBSCRIPTIONS; i++) subscriptions.push(await makeSubscription(a.store, workspaceId));
  const events = Array.from({ length: DELIVERIES }, (_, i) =>
    anEvent(workspaceId, subscriptions.slice(i % SUBSCRIPTIONS, (i % SUBSCRIPTIONS) + 1)),
  );
  await a.store.commitEvents(a.epoch, events, true, T0);
  return { database, a, b, c, d, workspaceId, subscriptions, events };
}

/** Every delivery as it is stored, wherever its row is: twice if it is in both places. */
function stored({ database }: Awaited<ReturnType<typeof arrange>>): Promise<StoredRow[]> {
  return database.query<StoredRow>(`
    SELECT d.id, d.state, d.attempts, d.last_outcome AS "lastOutcome",
           coalesce(array_agg(a.number ORDER BY a.number) FILTER (WHERE a.id IS NOT NULL), '{}') AS numbers,
           coalesce(array_agg(a.outcome ORDER BY a.number) FILTER (WHERE a.id IS NOT NULL), '{}') AS outcomes
    FROM (SELECT id, 'pending' AS state, attempts, last_outcome FROM velahook.pending_deliveries
          UNION ALL SELECT id, state, attempts, last_outcome FROM velahook.finished_deliveries) AS d
      LEFT JOIN velahook.attempts a ON a.delivery_id = d.id
    GROUP BY d.id, d.state, d.attempts, d.last_outcome`);
}

/** Nodes `a` and `b` record what they like, while `c` and `d` switch subscriptions on and off and cancel. */
async function recordAtRandom(
  arranged: Awaited<ReturnType<typeof arrange>>,
  rounds: number,
  callsAtOnce: number,
) {
  const { seed, random } = seededRandom();
  process.stdout.write(`postgres records: seed ${seed}\n`);
  const { a, b, c, d, workspaceId, subscriptions, events } = arranged;
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  /** As far as anybody knows; both nodes believe it, and one of them is late. */
  const attemptsOf = new Map<string, number>();
  /** How many answers said that the attempt is stored. */
  const answers = new Map<string, number>();
  let deactivations = 0;

  /** Few end a delivery, so that most have many attempts and some are not ended by anybody. */
  const randomRecord = (event: NewEvent): AttemptToRecord => {
    const number = (attemptsOf.get(deliveryIdOf(event)) ?? 0) + (random() < 0.1 ? 2 : 1);
    const kind = random();
    if (kind < 0.02) return aRecord(event, { number });
    if (kind < 0.03) return aRecord(event, { number, ...failed() });
    if (kind < 0.035) return aRecord(event, { number, ...failed('gone'), deactivation: aNotice() });
    return aRecord(event, { number, ...retryAt(T0 + Math.floor(random() * 1_000)) });
  };
  const recordSome = async ({ store, epoch }: PostgresNode): Promise<void> => {
    const size = 1 + Math.floor(random() * BATCH_MAX);
    const records = Array.from({ length: size }, () => randomRecord(pick(events)));
    const results = await store.recordAttempts(epoch, records, T0);
    results.forEach(({ result, deactivated }, i) => {
      if (deactivated) deactivations += 1;
      if (result === 'superseded') return;
      const { deliveryId, attempt } = records[i] as AttemptToRecord;
      answers.set(deliveryId, (answers.get(deliveryId) ?? 0) + 1);
      attemptsOf.set(deliveryId, Math.max(attemptsOf.get(deliveryId) ?? 0, attempt.number));
    });
  };
  const disturb = async ({ store }: PostgresNode): Promise<void> => {
    const { id } = pick(subscriptions);
    if (random() < 0.3) await store.updateSubscription(workspaceId, id, { status: 'inactive' }, T0);
    else if (random() < 0.6) await store.updateSubscription(workspaceId, id, { status: 'active' }, T0);
    else await store.cancelStale(20, [], T0);
  };
  const calls = [() => recordSome(a), () => recordSome(b), () => disturb(c), () => disturb(d)];
  for (let round = 0; round < rounds; round++)
    await Promise.all(Array.from({ length: callsAtOnce }, () => calls.map((call) => call())).flat());
  return { answers, deactivations };
}

test.each([
  ['alone', 60, 1],
  ['with others in one commit', 20, 3],
])(
  'whatever two nodes record, each call %s, each delivery ends once, and its attempts are numbered without gaps',
  async (_, rounds, callsAtOnce) => {
    const arranged = await arrange();
    const { database, a, events } = arranged;
    const { answers, deactivations } = await recordAtRandom(arranged, rounds, callsAtOnce);

    const rows = await stored(arranged);
    expect(rows.map(({ id }) => id).toSorted()).toEqual(
      events.map((event) => deliveryIdOf(event)).toSorted(),
    );
    for (const row of rows) {
      expect(row.numbers).toEqual(Array.from({ length: row.attempts }, (_, i) => i + 1));
      expect(answers.get(row.id) ?? 0).toBe(row.attempts);
      expect(row.lastOutcome).toBe(row.outcomes.at(-1) ?? null);
      // A success is the last attempt there is, and always wins.
      const successes = row.outcomes.filter((outcome) => outcome === 'success').length;
      expect(successes).toBe(row.state === 'succeeded' ? 1 : 0);
      if (row.state === 'succeeded') expect(row.lastOutcome).toBe('success');
    }
    expect(new Set(rows.map(({ state }) => state)).size).toBeGreaterThan(2);
    expect(await a.store.listNotices(1_000)).toHaveLength(deactivations);
    const strays = `SELECT h.subscription_id FROM velahook.subscription_health h
                    JOIN velahook.subscriptions s ON s.id = h.subscription_id WHERE s.status <> 'active'`;
    expect(await database.query(strays)).toEqual([]);
    // Calls that share a commit may deadlock, which is tried again; by itself each locks in the same order.
    if (callsAtOnce === 1) expect(await deadlocksOnceClosed(arranged)).toBe(0);
  },
);

/** Each process of the server adds what it has counted when it ends. */
async function deadlocksOnceClosed({ database, a, b, c, d }: Awaited<ReturnType<typeof arrange>>) {
  await Promise.all([a, b, c, d].map(({ store }) => store.close()));
  const others = `SELECT count(*)::int AS n FROM pg_stat_activity
                  WHERE datname = current_database() AND application_name LIKE 'velahook%'`;
  await expect.poll(() => database.query(others)).toEqual([{ n: 0 }]);
  const deadlocks = `SELECT deadlocks::int AS n FROM pg_stat_database WHERE datname = current_database()`;
  return (await database.query<{ n: number }>(deadlocks))[0]?.n;
}

test('nodes that record the same deliveries, in whatever order, never wait for each other in a circle', async () => {
  const arranged = await arrange();
  const { database, a, b, events } = arranged;
  const middle = deliveryIdOf(events[DELIVERIES / 2] as NewEvent);
  const blocker = new Client({ connectionString: database.url });
  await blocker.connect();
  const untilWaiting = async (n: number): Promise<void> => {
    const waiting = `SELECT count(*)::int AS n FROM pg_stat_activity
                     WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await expect.poll(() => database.query(waiting)).toEqual([{ n }]);
  };
  // Each node has some of the rows, and waits for others, when the blocker lets go.
  for (let number = 1; number <= 6; number++) {
    await blocker.query('BEGIN');
    await blocker.query('SELECT FROM velahook.pending_deliveries WHERE id = $1 FOR UPDATE', [middle]);
    const record = async ({ store, epoch }: PostgresNode, of: readonly NewEvent[]) => {
      const records = of.map((event) => aRecord(event, { number, ...retryAt(T0) }));
      return new Set((await store.recordAttempts(epoch, records, T0)).map(({ result }) => result));
    };
    const first = record(a, events);
    await untilWaiting(1);
    const second = record(b, events.toReversed());
    await untilWaiting(2);
    await blocker.query('ROLLBACK');
    expect(await first).toEqual(new Set(['recorded']));
    expect(await second).toEqual(new Set(['superseded']));
  }
  await blocker.end();
  expect(await deadlocksOnceClosed(arranged)).toBe(0);
});

test('what was switched off has nothing pending left once everything stale is cancelled, whoever records meanwhile', async () => {
  const { seed, random } = seededRandom();
  process.stdout.write(`postgres stale: seed ${seed}\n`);
  const { database, a, b, workspaceId, subscriptions, events } = await arrange();
  const recordAll = async ({ store, epoch }: PostgresNode): Promise<void> => {
    const some = events.filter(() => random() < 0.5);
    await store.recordAttempts(
      epoch,
      some.map((event) => aRecord(event, retryAt(T0 + 1))),
      T0,
    );
  };
  const stopAll = subscriptions.map(({ id }, i) =>
    (i % 2 ? a : b).store.updateSubscription(workspaceId, id, { status: 'inactive' }, T0),
  );
  const cancelSome = async ({ store }: PostgresNode) => (await store.cancelStale(50, [], T0)).length;
  await Promise.all([recordAll(a), ...stopAll, cancelSome(b), recordAll(b), cancelSome(a), cancelSome(b)]);
  let cancelled;
  do {
    cancelled = await cancelSome(a);
  } while (cancelled > 0);
  const count = async (what: string) =>
    (await database.query<{ n: number }>(`SELECT count(*)::int AS n FROM velahook.${what}`))[0]?.n;
  expect(await count('pending_deliveries')).toBe(0);
  expect(await count(`finished_deliveries WHERE state = 'cancelled'`)).toBe(DELIVERIES);
  expect(await count('subscriptions WHERE has_stale')).toBe(0);
  expect(await count('subscription_health')).toBe(0);
});

test('a record whose answer was lost is answered alike by the node that asks again and by another', async () => {
  const { a, b, database, events } = await arrange();
  const records = events.map((event, i) => aRecord(event, i % 3 === 0 ? {} : retryAt(T0 + 1)));
  const ask = ({ store, epoch }: PostgresNode) => store.recordAttempts(epoch, records, T0);
  const answered = [...(await Promise.all([ask(a), ask(b), ask(a)])), await ask(b)];
  for (const results of answered)
    expect(new Set(results.map(({ result }) => result))).toEqual(new Set(['recorded']));
  expect(await database.query('SELECT count(*)::int AS n FROM velahook.attempts')).toEqual([
    { n: DELIVERIES },
  ]);
});
