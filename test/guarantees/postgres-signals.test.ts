import { Client } from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { Database } from '../../src/store/postgres/database.ts';
import { Notifications } from '../../src/store/postgres/notifications.ts';
import { createPostgresStore } from '../../src/store/postgres/postgres-store.ts';
import type { Store } from '../../src/store/store.ts';
import type { StoreSignal } from '../../src/store/contract/signals.ts';
import { StoreUnavailable } from '../../src/store/store.ts';
import { DEATHS_MAX, HEALTH, T0, makeSubscription, makeWorkspace, publish } from '../conformance/fixtures.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import type { TemporaryDatabase } from '../support/temporary-postgres.ts';
import { makeTemporaryDatabase } from '../support/temporary-postgres.ts';

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function makeDatabase(): Promise<TemporaryDatabase> {
  const database = await makeTemporaryDatabase();
  closing.push(() => database.remove());
  return database;
}

interface Listening {
  store: Store;
  epoch: number;
  signals: StoreSignal[];
  /** Resolves with the next signal of this kind that comes. */
  next(kind: StoreSignal['kind']): Promise<StoreSignal>;
}

/** A node that hears what is said to its epoch. */
async function openNode(url: string): Promise<Listening> {
  const store = await createPostgresStore({ url, leaseMs: 60_000, now: () => Date.now() });
  closing.push(() => store.close());
  const signals: StoreSignal[] = [];
  const waiting: { kind: string; resolve: (signal: StoreSignal) => void }[] = [];
  store.onSignal((signal) => {
    signals.push(signal);
    for (const { kind, resolve } of waiting) if (kind === signal.kind) resolve(signal);
  });
  const { epoch } = await store.registerNode(T0, DEATHS_MAX);
  await store.takeWakes(epoch);
  const next = (kind: StoreSignal['kind']) =>
    new Promise<StoreSignal>((resolve) => waiting.push({ kind, resolve }));
  return { store, epoch, signals, next };
}

async function openNodes(count: number): Promise<Listening[]> {
  const { url } = await makeDatabase();
  return Promise.all(Array.from({ length: count }, () => openNode(url)));
}

/** Resolves, once it listens, to a promise of so many notifications of the nodes to themselves. */
async function heardAside(database: TemporaryDatabase, count: number): Promise<{ all: Promise<void> }> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  closing.push(() => client.end());
  let left = count;
  const all = new Promise<void>((resolve) => {
    client.on('notification', ({ payload }) => {
      if (payload?.includes(' echo ') && --left === 0) resolve();
    });
  });
  await client.query('LISTEN velahook');
  return { all };
}

describe('what a node commits', () => {
  test('to a lane of another wakes its owner at once, and nobody else', async () => {
    const [owner, publisher, third] = (await openNodes(3)) as [Listening, Listening, Listening];
    const subscription = await makeSubscription(owner.store, await makeWorkspace(owner.store));
    await publish(owner.store, owner.epoch, [subscription]);
    const woken = owner.next('wakes');
    const begun = performance.now();
    await publish(publisher.store, publisher.epoch, [subscription]);
    await woken;
    // Far less than the second after which it would have looked by itself.
    expect(performance.now() - begun).toBeLessThan(900);
    expect((await owner.store.takeWakes(owner.epoch)).lanes).toEqual([subscription.id]);
    // What is said later is heard later: by then a wake would have come, too.
    const heard = third.next('free');
    const other = await makeSubscription(owner.store, subscription.workspaceId);
    await publish(publisher.store, publisher.epoch, [other], { takeLanes: false });
    await heard;
    expect(third.signals).not.toContainEqual({ kind: 'wakes' });
    expect(publisher.signals).not.toContainEqual({ kind: 'wakes' });
  });

  test('to a lane of its own is told to nobody', async () => {
    const [owner, other] = (await openNodes(2)) as [Listening, Listening];
    const subscription = await makeSubscription(owner.store, await makeWorkspace(owner.store));
    await publish(owner.store, owner.epoch, [subscription]);
    await publish(owner.store, owner.epoch, [subscription]);
    const heard = other.next('free');
    const free = await makeSubscription(owner.store, subscription.workspaceId);
    await publish(owner.store, owner.epoch, [free], { takeLanes: false });
    await heard;
    const kinds = other.signals.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind !== 'subscription')).toEqual(['free']);
  });

  test('a lane that is given back with work that is due is told of as free', async () => {
    const [owner, other] = (await openNodes(2)) as [Listening, Listening];
    const subscription = await makeSubscription(owner.store, await makeWorkspace(owner.store));
    await publish(owner.store, owner.epoch, [subscription]);
    const freed = other.next('free');
    await owner.store.releaseLanes(owner.epoch, [{ subscriptionId: subscription.id, health: HEALTH }]);
    await freed;
    expect((await other.store.takeLanes(other.epoch, T0, 10)).lanes).toHaveLength(1);
  });

  test('a change of a subscription is told to the others, with the version it raised', async () => {
    const [one, other] = (await openNodes(2)) as [Listening, Listening];
    const workspaceId = await makeWorkspace(one.store);
    const subscription = await makeSubscription(one.store, workspaceId);
    const [before] = await other.store.listSubscriptionVersions([workspaceId, 'none']);
    const changed = other.next('subscription');
    await one.store.updateSubscription(workspaceId, subscription.id, { status: 'inactive' }, T0);
    expect(await changed).toEqual({ kind: 'subscription', workspaceId, subscriptionId: subscription.id });
    const [after] = await other.store.listSubscriptionVersions([workspaceId, 'none']);
    expect(after?.version).toBeGreaterThan(before?.version ?? Infinity);
    expect(one.signals).toEqual([]);
  });

  test('just before it closes is told all the same', async () => {
    const database = await makeDatabase();
    const listening = await openNode(database.url);
    const pool = new Database(database.url, 'velahook');
    const leaving = await Notifications.open(pool);
    const woken = listening.next('wakes');
    leaving.wake([listening.epoch]);
    await leaving.close();
    await pool.close();
    expect(await woken).toEqual({ kind: 'wakes' });
  });
});

describe('a node that does not hear any more', () => {
  /** One node behind a proxy that can fail it, and one beside it. */
  async function arrange() {
    const database = await makeDatabase();
    const proxy = await startTcpProxy(database.url);
    closing.push(() => proxy.close());
    const deaf = await openNode(proxy.through(database.url));
    const other = await openNode(database.url);
    const subscription = await makeSubscription(deaf.store, await makeWorkspace(deaf.store));
    await publish(deaf.store, deaf.epoch, [subscription]);
    const hearsAgain = async (): Promise<void> => {
      const woken = deaf.next('wakes');
      await publish(other.store, other.epoch, [subscription]);
      await woken;
    };
    return { database, proxy, deaf, hearsAgain };
  }

  test('because its connection ended says that it is unsure, and hears again', async () => {
    const { proxy, deaf, hearsAgain } = await arrange();
    const unsure = deaf.next('unsure');
    expect(proxy.cut('LISTEN')).toBe(1);
    await unsure;
    await hearsAgain();
  });

  test('because its peer is gone without a word finds out within seconds', async () => {
    const { proxy, deaf, hearsAgain } = await arrange();
    const unsure = deaf.next('unsure');
    const begun = performance.now();
    expect(proxy.freeze('LISTEN')).toBe(1);
    await unsure;
    // Three seconds, and as many for a machine that is busy.
    expect(performance.now() - begun).toBeLessThan(6_000);
    await hearsAgain();
  });

  test('because the database is away hears again when that is back', async () => {
    const { proxy, deaf, hearsAgain } = await arrange();
    proxy.refuse(true);
    proxy.cut('');
    await expect(deaf.store.probe(T0)).rejects.toBeInstanceOf(StoreUnavailable);
    const unsure = deaf.next('unsure');
    proxy.refuse(false);
    await unsure;
    await hearsAgain();
  });

  test('but hears well is never unsure', async () => {
    const { database, deaf, hearsAgain } = await arrange();
    await (
      await heardAside(database, 6)
    ).all;
    await hearsAgain();
    expect(deaf.signals).not.toContainEqual({ kind: 'unsure' });
  });
});
