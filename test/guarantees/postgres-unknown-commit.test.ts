import process from 'node:process';
import { afterEach, describe, expect, test } from 'vitest';
import { createPostgresStore } from '../../src/store/postgres/postgres-store.ts';
import type { NewEvent } from '../../src/store/contract/events.ts';
import type { Store } from '../../src/store/store.ts';
import type { StoreSignal } from '../../src/store/contract/signals.ts';
import { StoreUnavailable } from '../../src/store/store.ts';
import { DEATHS_MAX, T0, anEvent, makeSubscription, makeWorkspace } from '../conformance/fixtures.ts';
import { seededRandom } from '../support/seed.ts';
import type { Fate, TcpProxy } from '../support/tcp-proxy.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import type { TemporaryDatabase } from '../support/temporary-postgres.ts';
import { makeTemporaryDatabase } from '../support/temporary-postgres.ts';

const FATES: readonly Fate[] = ['lost', 'unanswered', 'late'];
/** Long enough that the second try waits for the first. */
const LATE_BY_MS = 500;

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

interface Arranged {
  database: TemporaryDatabase;
  proxy: TcpProxy;
  store: Store;
  epoch: number;
  signals: StoreSignal[];
}

/** A store that reaches its database through a proxy. */
async function arrange(): Promise<Arranged> {
  const database = await makeTemporaryDatabase();
  closing.push(() => database.remove());
  const proxy = await startTcpProxy(database.url);
  closing.push(() => proxy.close());
  const url = proxy.through(database.url);
  const store = await createPostgresStore({ url, leaseMs: 60_000, now: () => Date.now() });
  closing.push(() => store.close());
  const signals: StoreSignal[] = [];
  store.onSignal((signal) => signals.push(signal));
  const { epoch } = await store.registerNode(T0, DEATHS_MAX);
  return { database, proxy, store, epoch, signals };
}

/** Commits while the connection is cut at the COMMIT. */
async function commitCut({ proxy, store, epoch }: Arranged, events: NewEvent[], fate: Fate) {
  const cut = proxy.cutAt('COMMIT', fate);
  const committed = store.commitEvents(epoch, events, true, T0);
  await cut;
  const timer = setTimeout(() => proxy.deliverLate(), LATE_BY_MS);
  try {
    return await committed;
  } finally {
    clearTimeout(timer);
  }
}

async function countStored({ database }: Arranged): Promise<unknown> {
  const [counts] = await database.query(
    `SELECT (SELECT count(*)::int FROM velahook.events) AS events,
            (SELECT count(*)::int FROM velahook.event_ids) AS ids,
            (SELECT count(*)::int FROM velahook.pending_deliveries) AS deliveries,
            (SELECT count(*)::int FROM velahook.lanes) AS lanes`,
  );
  return counts;
}

describe('a connection that is lost at COMMIT', () => {
  test.each(FATES)('stores an event once and answers it as stored (the COMMIT is %s)', async (fate) => {
    const arranged = await arrange();
    const { store, signals } = arranged;
    const subscription = await makeSubscription(store, await makeWorkspace(store));
    const event = anEvent(subscription.workspaceId, [subscription]);
    const { events, lanes } = await commitCut(arranged, [event], fate);
    expect(events).toEqual([{ outcome: 'stored' }]);
    // Taken by the first try, this node has it and does not know: what it holds and has not in memory it loads.
    const standing = fate === 'lost' ? 'new' : 'held';
    expect(lanes).toMatchObject([{ subscriptionId: subscription.id, standing }]);
    expect(await countStored(arranged)).toEqual({ events: 1, ids: 1, deliveries: 1, lanes: 1 });
    expect((await store.loadLane(subscription.id, 10, 10)).first).toHaveLength(1);
    expect(signals).toContainEqual({ kind: 'unsure' });
  });

  test.each(FATES)('leaves what was there before a duplicate (the COMMIT is %s)', async (fate) => {
    const arranged = await arrange();
    const { store, epoch } = arranged;
    const subscription = await makeSubscription(store, await makeWorkspace(store));
    const { workspaceId } = subscription;
    const given = { eventId: 'mine', eventIdGiven: true, idempotencyKey: 'key' };
    await store.commitEvents(epoch, [anEvent(workspaceId, [subscription], given)], true, T0);
    const batch = [
      anEvent(workspaceId, [subscription], given),
      anEvent(workspaceId, [subscription], { ...given, data: '{}' }),
      anEvent(workspaceId, [subscription], { eventId: 'other', eventIdGiven: true }),
      anEvent(workspaceId, []),
    ];
    const { events } = await commitCut(arranged, batch, fate);
    expect(events.map(({ outcome }) => outcome)).toEqual(['duplicate', 'conflict', 'stored', 'stored']);
    expect(await countStored(arranged)).toMatchObject({ events: 3, deliveries: 2 });
  });

  test('again and again never makes two of one', async () => {
    const { seed, random } = seededRandom();
    process.stdout.write(`postgres unknown commit: seed ${seed}\n`);
    const arranged = await arrange();
    const { store } = arranged;
    const subscription = await makeSubscription(store, await makeWorkspace(store));
    for (let round = 1; round <= 12; round++) {
      const batch = Array.from({ length: 1 + Math.floor(random() * 5) }, () =>
        anEvent(subscription.workspaceId, [subscription], {
          idempotencyKey: random() < 0.5 ? String(random()) : null,
        }),
      );
      const before = (await store.loadLane(subscription.id, 1_000, 0)).first.length;
      const fate = FATES[Math.floor(random() * 2)] ?? 'lost';
      const { events } = await commitCut(arranged, batch, fate);
      expect(events).toEqual(batch.map(() => ({ outcome: 'stored' })));
      const after = (await store.loadLane(subscription.id, 1_000, 0)).first.length;
      expect(after - before).toBe(batch.length);
    }
  });

  test('is given up when the database stays away, and the event is told of when it is published again', async () => {
    const arranged = await arrange();
    const { proxy, store, epoch } = arranged;
    const subscription = await makeSubscription(store, await makeWorkspace(store));
    const event = anEvent(subscription.workspaceId, [subscription]);
    const cut = proxy.cutAt('COMMIT', 'unanswered').then(() => proxy.refuse(true));
    await expect(store.commitEvents(epoch, [event], true, T0)).rejects.toBeInstanceOf(StoreUnavailable);
    await cut;
    await expect(store.probe(T0)).rejects.toBeInstanceOf(StoreUnavailable);
    proxy.refuse(false);
    const again = anEvent(subscription.workspaceId, [subscription], { eventId: event.eventId });
    expect((await store.commitEvents(epoch, [again], true, T0)).events).toMatchObject([
      { outcome: 'duplicate' },
    ]);
    expect(await countStored(arranged)).toMatchObject({ events: 1, deliveries: 1 });
  });
});
