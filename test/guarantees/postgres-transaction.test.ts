import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { countPublished, noCounts, publishedOf, SPANS_MS } from '../../src/domain/statistics.ts';
import type { StatisticsEntry } from '../../src/store/contract/statistics.ts';
import { Database, statement } from '../../src/store/postgres/database.ts';
import type { WriteNeeds } from '../../src/store/postgres/group-commit.ts';
import { GroupCommit } from '../../src/store/postgres/group-commit.ts';
import { RoundTrip } from '../../src/store/postgres/round-trip.ts';
import type { Transaction } from '../../src/store/postgres/transaction.ts';
import { T0, aRecord, anEvent, makeSubscription, makeWorkspace } from '../conformance/fixtures.ts';
import type { TemporaryDatabase, TemporaryPostgres } from '../support/temporary-postgres.ts';
import { makeTemporaryDatabase, openTemporaryPostgres } from '../support/temporary-postgres.ts';

const insert = statement('INSERT INTO noted (text) VALUES ($1)');
const count = statement('SELECT count(*) AS count FROM noted');
const waitForLock = statement('SELECT pg_advisory_xact_lock(1)');
const divide = statement('SELECT 1 / $1::int AS result');
const echo = statement(
  'SELECT $1::text AS text, $2::bigint AS number, $3::boolean AS flag, $4::text[] AS texts, $5::bytea AS bytes',
);
const BESIDE: WriteNeeds = { runsBeside: true };

let temporary: TemporaryDatabase;
let database: Database;
let writes: GroupCommit;
/** The round trips made, each with the names of its statements. */
let trips: RoundTrip[] = [];
const query = Client.prototype.query as (...args: unknown[]) => unknown;

beforeAll(async () => {
  temporary = await makeTemporaryDatabase();
  await temporary.query(
    `CREATE TABLE noted (text text UNIQUE DEFERRABLE INITIALLY DEFERRED CHECK (text <> 'bad'))`,
  );
  database = new Database(temporary.url, 'transactions');
  writes = new GroupCommit(database, () => undefined);
  Client.prototype.query = function watched(this: Client, ...args: unknown[]): unknown {
    if (args[0] instanceof RoundTrip) trips.push(args[0]);
    return query.apply(this, args);
  } as typeof Client.prototype.query;
});

afterEach(async () => {
  trips = [];
  await temporary.query('DELETE FROM noted');
});

afterAll(async () => {
  Client.prototype.query = query as typeof Client.prototype.query;
  await writes.close();
  await database.close();
  await temporary.remove();
});

const countNow = async (transaction: Transaction): Promise<number> =>
  (await transaction.rows<{ count: number }>(count))[0]?.count ?? -1;

const noted = async (): Promise<string[]> =>
  (await temporary.query<{ text: string }>('SELECT text FROM noted ORDER BY text')).map(({ text }) => text);

test('what is asked in one go travels with BEGIN, and what is only written with COMMIT', async () => {
  const counts = await writes.write(async (transaction) => {
    const read = await Promise.all([countNow(transaction), countNow(transaction)]);
    transaction.send(insert, ['a']);
    transaction.send(insert, ['b']);
    return read;
  });
  expect(counts).toEqual([0, 0]);
  expect(await noted()).toEqual(['a', 'b']);
  expect(trips.map(({ sent }) => sent.length)).toEqual([3, 3]);
});

test('a statement sees what was committed while the one before it, of the same trip, waited for a lock', async () => {
  const other = new Client({ connectionString: temporary.url });
  await other.connect();
  try {
    await other.query('BEGIN; SELECT pg_advisory_xact_lock(1)');
    const seen = writes.write(async (transaction) => {
      transaction.send(waitForLock);
      return countNow(transaction);
    });
    await expect.poll(() => temporary.query(`SELECT FROM pg_locks WHERE NOT granted`)).toHaveLength(1);
    await other.query(`INSERT INTO noted VALUES ('meanwhile')`);
    await other.query('COMMIT');
    expect(await seen).toBe(1);
    expect(trips).toHaveLength(2);
  } finally {
    await other.end();
  }
});

test('when a statement that was only sent fails, nothing is committed, and its error is told', async () => {
  const failing = writes.write((transaction) => {
    transaction.send(insert, ['good']);
    transaction.send(insert, ['bad']);
    transaction.send(insert, ['behind']);
    return Promise.resolve();
  });
  await expect(failing).rejects.toMatchObject({ code: '23514' });
  // The same, where somebody has had an answer on the same trip before.
  const later = writes.write(async (transaction) => {
    const answered = countNow(transaction);
    transaction.send(insert, ['bad']);
    await answered;
    return countNow(transaction);
  });
  await expect(later).rejects.toMatchObject({ code: '23514' });
  expect(await noted()).toEqual([]);
  await writes.write((transaction) => transaction.run(insert, ['after']));
  expect(await noted()).toEqual(['after']);
});

test('what fails at COMMIT itself is not stored', async () => {
  const failing = writes.write((transaction) => {
    transaction.send(insert, ['twice']);
    transaction.send(insert, ['twice']);
    return Promise.resolve();
  });
  await expect(failing).rejects.toMatchObject({ code: '23505' });
  expect(await noted()).toEqual([]);
});

test('calls that run beside each other share their trips; one that fails is made alone, and spoils nothing', async () => {
  const note = (text: string, divisor: number) => async (transaction: Transaction) => {
    await transaction.rows(divide, [divisor]);
    if (divisor === 2) throw new Error('mistaken');
    transaction.send(insert, [text]);
    await countNow(transaction);
    transaction.send(insert, [`${text} again`]);
  };
  await Promise.all([writes.write(note('a', 1), BESIDE), writes.write(note('b', 1), BESIDE)]);
  expect(trips.map(({ sent }) => sent.length)).toEqual([3, 4, 3]);
  const answers = await Promise.allSettled([
    writes.write(note('c', 1), BESIDE),
    writes.write(note('d', 0), BESIDE),
    writes.write(note('e', 2), BESIDE),
    writes.write(note('f', 1)),
  ]);
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
  expect(await noted()).toEqual(['a', 'a again', 'b', 'b again', 'c', 'c again', 'f', 'f again']);
});

test('values of every kind arrive as they are', async () => {
  const texts = ['plain', 'with "quotes", commas and \\ {braces}', '', 'NULL', null, 'ü'];
  const [row] = await writes.write((transaction) =>
    transaction.rows(echo, ['é', 2 ** 52, false, texts, new Uint8Array([0, 255])]),
  );
  expect(row).toEqual({ text: 'é', number: 2 ** 52, flag: false, texts, bytes: new Uint8Array([0, 255]) });
  const [empty] = await writes.write((transaction) => transaction.rows(echo, [null, null, null, [], null]));
  expect(empty).toEqual({ text: null, number: null, flag: null, texts: [], bytes: null });
  await expect(writes.write((transaction) => transaction.rows(echo, [{}]))).rejects.toThrow(TypeError);
});

test('events and records wait for no node that is just adding to the statistics of their workspace', async () => {
  const temporaryStore = await openTemporaryPostgres();
  const { store, database: shared } = temporaryStore;
  const other = new Client({ connectionString: shared.url });
  try {
    await other.connect();
    const { epoch } = await store.registerNode(T0, 3);
    const subscription = await makeSubscription(store, await makeWorkspace(store));
    const { workspaceId } = subscription;
    const published = noCounts();
    countPublished(published);
    const entries: StatisticsEntry[] = [{ of: 'workspace', id: workspaceId, startAt: T0, counts: published }];
    await store.addStatistics(entries);
    await other.query('BEGIN');
    await other.query('SELECT FROM velahook.workspace_statistics WHERE workspace_id = $1 FOR UPDATE', [
      workspaceId,
    ]);
    let isAdded = false;
    const added = store.addStatistics(entries).finally(() => (isAdded = true));
    const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await expect.poll(() => shared.query(waiting)).toHaveLength(1);
    const event = anEvent(workspaceId, [subscription]);
    await store.commitEvents(epoch, [event], true, T0);
    expect(await store.recordAttempts(epoch, [aRecord(event)], T0)).toMatchObject([{ result: 'recorded' }]);
    expect(await store.removeStatistics(T0, 10)).toBe(0);
    expect(isAdded).toBe(false);
    await other.query('COMMIT');
    await added;
    const since = T0 - SPANS_MS.long;
    const [row] = await store.listStatistics(workspaceId, 'long', since);
    expect(publishedOf(row?.counts ?? noCounts())).toBe(2);
  } finally {
    await other.end();
    await temporaryStore.close();
  }
});

test('an intake and its record cost two round trips each', async () => {
  const temporaryStore: TemporaryPostgres = await openTemporaryPostgres();
  try {
    const { store } = temporaryStore;
    const { epoch } = await store.registerNode(T0, 3);
    const subscription = await makeSubscription(store, await makeWorkspace(store));
    await store.commitEvents(epoch, [anEvent(subscription.workspaceId, [subscription])], true, T0);
    const event = anEvent(subscription.workspaceId, [subscription]);
    trips = [];
    await store.commitEvents(epoch, [event], true, T0);
    expect(trips).toHaveLength(2);
    trips = [];
    await store.recordAttempts(epoch, [aRecord(event)], T0);
    expect(trips).toHaveLength(2);
  } finally {
    await temporaryStore.close();
  }
});
