import { Client } from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { StoreUnavailable } from '../../src/store/store.ts';
import {
  DEATHS_MAX,
  HEALTH,
  T0,
  aRecord,
  anId,
  deliveryIdOf,
  failed,
  makeSubscription,
  makeWorkspace,
  publish,
  retryAt,
} from '../conformance/fixtures.ts';
import type { PostgresNode, PostgresNodes } from '../support/postgres-nodes.ts';
import { openPostgresNodes } from '../support/postgres-nodes.ts';

/** More than two commits' worth of what a retirement frees at once. */
const LANES = 1_200;

let opened: PostgresNodes | undefined;

afterEach(async () => {
  await opened?.close();
  opened = undefined;
});

/** Nodes of which the first owns many lanes; three of those have a delivery whose attempt it has announced. */
async function arrange(count: number) {
  opened = await openPostgresNodes(count);
  const { database, nodes, endLease } = opened;
  const first = nodes[0] as PostgresNode;
  const others = nodes.slice(1);
  const workspaceId = await makeWorkspace(first.store);
  const events = [];
  for (let i = 0; i < 3; i++)
    events.push(await publish(first.store, first.epoch, [await makeSubscription(first.store, workspaceId)]));
  const deliveryIds = events.map((event) => deliveryIdOf(event));
  for (const id of deliveryIds) await first.store.announceAttempt(first.epoch, id);
  await database.query(
    `INSERT INTO velahook.lanes (subscription_id, workspace_id, owner, ready_at)
     SELECT 'sub' || n, $2, $1, 0 FROM generate_series(1, $3::int) AS n`,
    [first.epoch, workspaceId, LANES - events.length],
  );
  const announcements = () =>
    database.query<{ epoch: string | null; deaths: number }>(
      'SELECT epoch, deaths FROM velahook.announcements ORDER BY delivery_id',
    );
  const countRows = async (where: string): Promise<number> =>
    (await database.query<{ n: number }>(`SELECT count(*)::int AS n FROM velahook.${where}`))[0]?.n ?? -1;
  return { database, first, others, events, deliveryIds, announcements, countRows, endLease };
}

function threeTimes<T>(what: T): T[] {
  return [what, what, what];
}

describe('a node that is silent past its lease', () => {
  test('loses each of its lanes once, with one death, though five others look at the same moment', async () => {
    const { first, others, announcements, countRows, endLease } = await arrange(6);
    await endLease(first);
    const looks = others.flatMap(({ store }) => [0, 1].map(() => store.retireDeadNodes(T0, DEATHS_MAX)));
    const freed = await Promise.all(looks);
    expect(freed.reduce((sum, lanes) => sum + lanes)).toBe(LANES);
    expect(await announcements()).toEqual(threeTimes({ epoch: null, deaths: 1 }));
    expect(await countRows('lanes WHERE owner IS NULL AND suspect')).toBe(LANES);
    expect(await others[0]?.store.retireDeadNodes(T0, DEATHS_MAX)).toBe(0);
    expect(await countRows(`nodes WHERE epoch = ${first.epoch}`)).toBe(0);
    expect(await countRows('nodes WHERE NOT retired')).toBe(others.length);
  });

  test('owns nothing when it wakes, and records nothing it no longer owns', async () => {
    const { first, others, events, deliveryIds, announcements, countRows, endLease } = await arrange(2);
    const [event] = events;
    const [other] = others;
    if (event === undefined || other === undefined) throw new Error('There are three and one.');
    await endLease(first);
    await other.store.retireDeadNodes(T0, DEATHS_MAX);
    await other.store.takeLanes(other.epoch, T0, LANES);
    await other.store.announceAttempt(other.epoch, deliveryIds[1] ?? '');
    await other.store.recordAttempts(other.epoch, [aRecord(event, retryAt(T0 + 9))], T0);

    const { store, epoch } = first;
    expect(await store.renewNode(epoch)).toBe(false);
    expect((await store.takeLanes(epoch, T0, LANES)).lanes).toEqual([]);
    await expect(store.announceAttempt(epoch, deliveryIds[1] ?? '')).rejects.toBeInstanceOf(StoreUnavailable);
    const subscriptionId = event.deliveries[0]?.subscriptionId ?? '';
    await store.releaseLanes(epoch, [{ subscriptionId, health: HEALTH }]);
    const late = [aRecord(event), aRecord(event, { number: 2, ...failed() })];
    for (const record of late)
      expect(await store.recordAttempts(epoch, [record], T0)).toMatchObject([{ result: 'superseded' }]);
    await store.retireNode(epoch, T0);

    expect(await countRows(`lanes WHERE owner = ${other.epoch}`)).toBe(LANES);
    expect(await countRows('attempts')).toBe(1);
    const epochs = (await announcements()).map((announced) => announced.epoch);
    expect(epochs.toSorted()).toEqual([String(other.epoch), null]);
    const second = await store.registerNode(T0, DEATHS_MAX);
    expect(second).toMatchObject({ lanesFreed: 0 });
    expect(second.epoch).toBeGreaterThan(other.epoch);
    expect(await store.renewNode(second.epoch)).toBe(true);
  });

  test('is not retired while a commit of its own is under way, and the commit does not keep it from renewing', async () => {
    const { database, first, others, events, deliveryIds, countRows, endLease } = await arrange(2);
    const [event] = events;
    if (event === undefined) throw new Error('There are three.');
    const blocker = new Client({ connectionString: database.url });
    await blocker.connect();
    await blocker.query('BEGIN');
    await blocker.query('SELECT FROM velahook.pending_deliveries WHERE id = $1 FOR UPDATE', [deliveryIds[0]]);
    const recorded = first.store.recordAttempts(first.epoch, [aRecord(event, failed())], T0);
    const waits = `SELECT count(*)::int AS n FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                   WHERE NOT l.granted AND a.datname = current_database()`;
    await expect.poll(() => database.query(waits)).toEqual([{ n: 1 }]);

    expect(await first.store.renewNode(first.epoch)).toBe(true);
    expect(await database.query(waits)).toEqual([{ n: 1 }]);
    await endLease(first);
    expect(await others[0]?.store.retireDeadNodes(T0, DEATHS_MAX)).toBe(0);
    expect(await countRows('nodes WHERE retired')).toBe(0);

    await blocker.query('ROLLBACK');
    await blocker.end();
    expect(await recorded).toMatchObject([{ result: 'recorded' }]);
    expect(await others[0]?.store.retireDeadNodes(T0, DEATHS_MAX)).toBe(LANES);
  });
});

describe('a retirement', () => {
  /** The connection of whoever goes on freeing lanes once fewer are left is cut, before the commit. */
  async function cutWhenFewerAreLeft(than: number): Promise<() => Promise<void>> {
    const { database } = opened as PostgresNodes;
    await database.query(`
      CREATE FUNCTION velahook.cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF (SELECT count(*) FROM velahook.lanes WHERE owner IS NOT NULL) < ${than} THEN
          PERFORM pg_terminate_backend(pg_backend_pid());
        END IF;
        RETURN NULL;
      END $$`);
    await database.query(
      'CREATE TRIGGER cut BEFORE UPDATE ON velahook.lanes EXECUTE FUNCTION velahook.cut()',
    );
    return async () => {
      await database.query('DROP TRIGGER cut ON velahook.lanes');
    };
  }

  test('that was killed half way is finished by the next, and no death is lost or counted twice', async () => {
    const { first, others, deliveryIds, announcements, countRows, endLease } = await arrange(3);
    const [killed, next] = others;
    if (killed === undefined || next === undefined) throw new Error('There are two.');
    await endLease(first);
    const heal = await cutWhenFewerAreLeft(LANES);
    await expect(killed.store.retireDeadNodes(T0, DEATHS_MAX)).rejects.toBeInstanceOf(StoreUnavailable);
    await heal();
    const left = await countRows(`lanes WHERE owner = ${first.epoch}`);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(LANES);
    // Before it is finished, somebody takes what is free already, and announces in place of the dead.
    await next.store.takeLanes(next.epoch, T0, LANES);
    for (const id of deliveryIds) await next.store.announceAttempt(next.epoch, id);
    expect(await next.store.retireDeadNodes(T0, DEATHS_MAX)).toBe(left);
    expect(await announcements()).toEqual(threeTimes({ epoch: String(next.epoch), deaths: 1 }));
    expect(await countRows(`lanes WHERE owner = ${first.epoch}`)).toBe(0);
    expect(await countRows(`nodes WHERE epoch = ${first.epoch}`)).toBe(0);
    // A connection that was cut is made anew.
    expect(await killed.store.retireDeadNodes(T0, DEATHS_MAX)).toBe(0);
  });

  test('by the node itself is no death, though others look all the while', async () => {
    const { first, others, announcements, countRows } = await arrange(3);
    let hasEnded = false;
    const looking = others.map(async ({ store }) => {
      let freed = 0;
      while (!hasEnded) freed += await store.retireDeadNodes(T0, DEATHS_MAX);
      return freed;
    });
    await first.store.retireNode(first.epoch, T0);
    hasEnded = true;
    expect(await Promise.all(looking)).toEqual([0, 0]);
    expect(await announcements()).toEqual(threeTimes({ epoch: null, deaths: 0 }));
    expect(await countRows('lanes WHERE owner IS NULL AND NOT suspect')).toBe(LANES);
    expect(await countRows(`nodes WHERE epoch = ${first.epoch}`)).toBe(0);
  });

  test('by the node itself that was killed half way is finished by the others, as that of a dead one', async () => {
    const { first, others, countRows, endLease } = await arrange(2);
    const heal = await cutWhenFewerAreLeft(LANES);
    await expect(first.store.retireNode(first.epoch, T0)).rejects.toBeInstanceOf(StoreUnavailable);
    await heal();
    await endLease(first);
    const left = await countRows(`lanes WHERE owner = ${first.epoch}`);
    expect(await others[0]?.store.retireDeadNodes(T0, DEATHS_MAX)).toBe(left);
    expect(await countRows('lanes WHERE owner IS NULL AND suspect')).toBe(left);
    expect(await countRows('lanes WHERE owner IS NULL')).toBe(LANES);
  });
});

test('of nodes that start at once on an empty database one makes the workspace and its token', async () => {
  opened = await openPostgresNodes(5);
  const made = opened.nodes.map(async ({ store }, i) => {
    const workspace = { id: anId(), name: 'First', createdAt: T0 };
    const hash = new Uint8Array(32).fill(i);
    const token = { id: anId(), workspaceId: workspace.id, name: 'First', prefix: 'sk_live_0123abcd', hash };
    const times = { createdAt: T0, expiresAt: null, revokedAt: null };
    const isMade = await store.createFirstWorkspace(workspace, { ...token, ...times, scopes: [] });
    return { isMade, found: (await store.findTokenByHash(hash)) !== undefined };
  });
  const results = await Promise.all(made);
  expect(results.filter(({ isMade }) => isMade)).toEqual([{ isMade: true, found: true }]);
  expect(results.filter(({ found }) => found)).toHaveLength(1);
  expect(await opened.nodes[0]?.store.countWorkspaces()).toBe(1);
});
