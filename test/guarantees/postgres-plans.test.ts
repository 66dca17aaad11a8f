import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Session, Statement } from '../../src/store/postgres/database.ts';
import { Database, unprepared } from '../../src/store/postgres/database.ts';
import { deliveryHistory } from '../../src/store/postgres/delivery-history.ts';
import { erasureReading } from '../../src/store/postgres/erasable.ts';
import { eraseEvents, lanesOf } from '../../src/store/postgres/erase-events.ts';
import { eventHistory } from '../../src/store/postgres/event-history.ts';
import { LOOKED_AT_MAX } from '../../src/store/page.ts';
import { withoutData } from '../../src/domain/event.ts';
import type { ErasureStep, ErasureStore } from '../../src/store/contract/erasures.ts';
import type { StoreParts } from '../../src/store/postgres/parts.ts';
import type { HistoryStore } from '../../src/store/contract/history.ts';
import type { ReplayStore } from '../../src/store/contract/replays.ts';
import type { StatisticsStore } from '../../src/store/contract/statistics.ts';
import { replayReading } from '../../src/store/postgres/replayable.ts';
import { statisticsCalls } from '../../src/store/postgres/statistics.ts';
import { missedBy } from '../../src/domain/replay.ts';
import { DAY, PENDING, TODAY, fillHistory } from '../support/postgres-history.ts';
import type { TemporaryDatabase } from '../support/temporary-postgres.ts';
import { makeTemporaryDatabase } from '../support/temporary-postgres.ts';

/** What each list may read of a page's 20 rows, whatever there is: rows of a source that was read ahead included. */
const ROWS_READ_MAX = 400;

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: PlanNode[];
}

let temporary: TemporaryDatabase;
let database: Database;
/** Every statement that was run, with the nodes of its plan as it ran. */
let ran: { text: string; nodes: PlanNode[] }[] = [];
let history: HistoryStore & Pick<ErasureStore, 'listErasable'>;
let statistics: StatisticsStore;
let replays: Pick<ReplayStore, 'countReplayable'>;

beforeAll(async () => {
  temporary = await makeTemporaryDatabase();
  database = new Database(temporary.url, 'plans');
  await fillHistory(temporary, database);
  await fillStatistics();
  const watched = Object.create(database, {
    read: {
      value: (run: (session: Session) => Promise<unknown>) => database.read((session) => run(watch(session))),
    },
    rows: { value: (...args: Parameters<Session['rows']>) => watch(database).rows(...args) },
  }) as Database;
  const erasing = erasureReading({ database: watched } as StoreParts);
  history = { ...eventHistory(watched), ...deliveryHistory(watched), ...erasing };
  statistics = statisticsCalls({ database: watched } as StoreParts);
  replays = replayReading({ database: watched } as StoreParts);
}, 120_000);

/** A week of every subscription and workspace, and a subscription that has the backlog. */
async function fillStatistics(): Promise<void> {
  await temporary.query(`INSERT INTO velahook.workspaces SELECT 'w2', 'x', 0, 1`);
  await temporary.query(`INSERT INTO velahook.subscriptions (id, workspace_id, url, events, status, timeout_ms,
      sealed_secret, secret_configured, secret_hint, generation, created_at, updated_at)
    SELECT 'busy', 'w2', 'https://x', '[]', 'active', 1, '', false, '', 1, 0, 0`);
  const hours = `generate_series(0, 168) hour`;
  await temporary.query(`INSERT INTO velahook.statistics (subscription_id, span, start_at, succeeded)
    SELECT id, 'long', ${TODAY} - hour * 3600000, 1 FROM velahook.subscriptions, ${hours}`);
  await temporary.query(`INSERT INTO velahook.workspace_statistics (workspace_id, span, start_at, published)
    SELECT id, 'long', ${TODAY} - hour * 3600000, 1 FROM velahook.workspaces, ${hours}`);
  await temporary.query('VACUUM ANALYZE');
}

afterAll(async () => {
  await database.close();
  await temporary.remove();
});

function watch(session: Session): Session {
  return {
    run: (statement, values) => session.run(statement, values),
    async rows<Row>(statement: Statement, values?: readonly unknown[]): Promise<Row[]> {
      const explain = { name: '', text: `EXPLAIN (ANALYZE, FORMAT JSON) ${statement.text}` };
      const [answer] = await session.rows<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(explain, values);
      const plan = answer?.['QUERY PLAN'][0]?.Plan;
      if (plan) ran.push({ text: statement.text, nodes: flatten(plan) });
      return session.rows<Row>(statement, values);
    },
  };
}

function flatten(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(flatten)];
}

/** The nodes of all statements that a call runs; those that were not reached left out. */
async function nodesOf(call: () => Promise<unknown>): Promise<PlanNode[]> {
  ran = [];
  await call();
  expect(ran.length).toBeGreaterThan(0);
  return ran.flatMap(({ nodes }) => nodes).filter((node) => node['Actual Loops'] > 0);
}

/** Rows that were taken from tables and indexes, those thrown away included. */
function rowsRead(nodes: readonly PlanNode[]): number {
  const scans = nodes.filter((node) => node['Relation Name'] !== undefined);
  return scans.reduce(
    (sum, node) => sum + (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'],
    0,
  );
}

const partitionsRead = (nodes: readonly PlanNode[]): Set<string> =>
  new Set(
    nodes.flatMap((node) =>
      /^(events|finished|attempts)/.test(node['Relation Name'] ?? '') ? [node['Relation Name'] ?? ''] : [],
    ),
  );

const page = { limit: 20 };
const long = (daysAgo: number) => ({ ...page, until: TODAY - daysAgo * DAY });

const erasureAt = (createdAt: number | null) => ({
  workspaceId: 'w1',
  until: TODAY,
  position: createdAt === null ? null : { createdAt, seq: 0 },
});

const LISTS: [string, () => Promise<unknown>][] = [
  ['all deliveries', () => history.listDeliveries('w1', page)],
  ['all deliveries, deep down', () => history.listDeliveries('w1', long(20))],
  ['succeeded deliveries', () => history.listDeliveries('w1', { ...page, state: 'succeeded' })],
  ['pending deliveries', () => history.listDeliveries('w1', { ...page, state: 'pending' })],
  ['deliveries of a subscription', () => history.listDeliveries('w1', { ...page, subscriptionId: 's13' })],
  [
    'deliveries of a subscription, deep down',
    () => history.listDeliveries('w1', { ...long(20), subscriptionId: 's13' }),
  ],
  [
    "another workspace's subscription",
    () => history.listDeliveries('w0', { ...page, subscriptionId: 's13' }),
  ],
  ['deliveries of an event', () => history.listDeliveries('w1', { ...page, eventId: 'evt_15003' })],
  ['events', () => history.listEvents('w1', page)],
  ['events, deep down', () => history.listEvents('w1', long(20))],
  ['events of a type', () => history.listEvents('w1', { ...page, eventType: 'crm.t1' })],
  ['events with a pending delivery', () => history.listEvents('w1', { ...page, state: 'pending' })],
  ['events with a succeeded delivery', () => history.listEvents('w1', { ...page, state: 'succeeded' })],
  ['an event', () => history.findEvent('w1', 'evt_15003')],
  ['a delivery', () => history.findDelivery('w1', 'dlv_30006')],
  ['the delivery of an attempt', () => history.findDeliveryByAttempt('w1', 'att_30006')],
  ['attempts', () => history.listAttempts('w1', 'dlv_30006')],
  ["a workspace's day", () => statistics.listStatistics('w1', 'long', TODAY - DAY)],
  ['the backlog of a workspace', () => statistics.measureWorkspace('w2', 50)],
  ['the health of a page', () => statistics.listHealth('w1', ['s1', 's3', 's5', 's7'], TODAY - DAY, 50)],
  ['events for an erasure', () => history.listErasable(erasureAt(null))],
  ['events for an erasure, deep down', () => history.listErasable(erasureAt(TODAY - 20 * DAY))],
];

describe('with 30 days of history, the plan of', () => {
  test.each(LISTS)('%s follows indexes and reads little', async (_name, call) => {
    const nodes = await nodesOf(call);
    expect(
      nodes.filter((node) => node['Node Type'] === 'Seq Scan').map((node) => node['Relation Name']),
    ).toEqual([]);
    expect(rowsRead(nodes)).toBeLessThan(ROWS_READ_MAX);
  });

  test.each([
    ['all deliveries', () => history.listDeliveries('w1', page)],
    ['all deliveries, deep down', () => history.listDeliveries('w1', long(20))],
  ])('%s looks at the days it shows, and at none of the others', async (_name, call) => {
    // Two days and a part of a third, those ahead and the default.
    expect(partitionsRead(await nodesOf(call)).size).toBeLessThanOrEqual(7);
  });

  test.each([
    ['deliveries that do not exist', () => history.listDeliveries('w1', { ...page, statusCode: 418 })],
    [
      'failed deliveries where there are none',
      () => history.listDeliveries('w1', { ...page, state: 'failed' }),
    ],
    ['events that do not exist', () => history.listEvents('w1', { ...page, eventType: 'crm.none' })],
    ['events of a state where there are none', () => history.listEvents('w1', { ...page, state: 'failed' })],
  ])('%s follows indexes to the end', async (_name, call) => {
    const nodes = await nodesOf(call);
    expect(
      nodes.filter((node) => node['Node Type'] === 'Seq Scan').map((node) => node['Relation Name']),
    ).toEqual([]);
    expect(nodes.map((node) => node['Node Type'])).not.toContain('Hash Join');
  });

  test('erasing follows indexes and reads little', async () => {
    const { events } = await history.listErasable(erasureAt(TODAY - 3 * DAY));
    const found = events.slice(0, 5).map(({ eventId, eventType, at, body, dataBytes }) => {
      return { eventId, eventType, at, examined: 1, erasedBody: withoutData(body ?? Buffer.of(), dataBytes) };
    });
    expect(found).toHaveLength(5);
    const nodes = await nodesOf(() =>
      database.read(async (session) => {
        await session.run(unprepared('BEGIN'));
        // Whatever is pending is in a lane that is locked; what it erases is erased twice here, to be explained.
        const lanes = await lanesOf(session, { workspaceId: 'w1', found } as unknown as ErasureStep);
        const { done } = await eraseEvents(watch(session), 'w1', found, lanes, TODAY);
        expect(done).toHaveLength(5);
        await session.run(unprepared('ROLLBACK'));
      }),
    );
    const kinds = new Set(nodes.map((node) => node['Node Type']));
    expect([kinds.has('Seq Scan'), kinds.has('Hash Join')]).toEqual([false, false]);
    expect(rowsRead(nodes)).toBeLessThan(ROWS_READ_MAX);
  });

  test('a list that nothing passes ends after so many rows, and its cursor goes on', async () => {
    let cursor: string | null = null;
    const nodes = await nodesOf(async () => {
      const answer = await history.listDeliveries('w1', { ...page, statusCode: 418 });
      expect(answer.items).toEqual([]);
      cursor = answer.nextCursor;
    });
    expect(cursor).not.toBeNull();
    expect(rowsRead(nodes)).toBeLessThan(1.5 * LOOKED_AT_MAX);
  });

  test('the backlog reads no more of it than so many rows', async () => {
    const nodes = await nodesOf(() => history.measureBacklog(Date.now()));
    expect(rowsRead(nodes)).toBeLessThanOrEqual(LOOKED_AT_MAX);
    // As good as the server's statistics, which are behind for a moment.
    expect((await history.measureBacklog(Date.now())).pending).toBeGreaterThanOrEqual(PENDING);
  });

  test('what a subscription missed reads its own part of history, by index', async () => {
    const selection = missedBy({ workspaceId: 'w0', id: 's0' }, TODAY - 5 * DAY, TODAY + DAY);
    let count = 0;
    const nodes = await nodesOf(async () => {
      ({ count } = await replays.countReplayable(selection, null, 10));
    });
    expect(count).toBe(10);
    const kinds = new Set(nodes.map((node) => node['Node Type']));
    expect([kinds.has('Seq Scan'), kinds.has('Hash Join')]).toEqual([false, false]);
    expect(rowsRead(nodes)).toBeLessThan(LOOKED_AT_MAX);
  });

  test('the failed ones follows the index of the unsuccessful', async () => {
    const nodes = await nodesOf(() => history.listDeliveries('w0', { ...page, state: 'failed' }));
    expect(rowsRead(nodes)).toBeLessThan(ROWS_READ_MAX);
    expect(nodes.some((node) => /workspace_id_state_created_at/.test(node['Index Name'] ?? ''))).toBe(true);
  });
});
