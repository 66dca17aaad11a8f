import process from 'node:process';
import { Client } from 'pg';
import { afterEach, expect, onTestFailed, test } from 'vitest';
import type { Subscription } from '../../src/domain/subscription.ts';
import type { NewEvent } from '../../src/store/contract/events.ts';
import {
  T0,
  aRecord,
  anEvent,
  deliveryIdOf,
  makeSubscription,
  makeWorkspace,
  publish,
} from '../conformance/fixtures.ts';
import type { PostgresNode, PostgresNodes } from '../support/postgres-nodes.ts';
import { openPostgresNodes } from '../support/postgres-nodes.ts';
import { seededRandom } from '../support/seed.ts';

let opened: PostgresNodes | undefined;

afterEach(async () => {
  await opened?.close();
  opened = undefined;
});

async function arrange() {
  opened = await openPostgresNodes(2);
  const [a, b] = opened.nodes as [PostgresNode, PostgresNode];
  const workspaceId = await makeWorkspace(a.store);
  const subscription = await makeSubscription(a.store, workspaceId, { ordered: true });
  return { ...opened, a, b, workspaceId, subscription };
}

/** Ends whatever is due, on any node, and notes what came in which order, by key. */
class Deliverer {
  readonly order = new Map<string | null, string[]>();
  readonly #events = new Map<string, NewEvent>();
  readonly #begun = new Set<string>();
  readonly #node: () => PostgresNode;
  readonly #random: () => number;

  constructor(node: () => PostgresNode, random: () => number) {
    this.#node = node;
    this.#random = random;
  }

  know(event: NewEvent): void {
    this.#events.set(deliveryIdOf(event), event);
  }

  async end(ids: readonly string[]): Promise<void> {
    const { store, epoch } = this.#node();
    const events = ids.filter((id) => !this.#begun.has(id)).flatMap((id) => this.#events.get(id) ?? []);
    for (const event of events) {
      this.#begun.add(deliveryIdOf(event));
      const { orderingKey: key } = event;
      this.order.set(key, [...(this.order.get(key) ?? []), event.eventId]);
    }
    const records = events.map((event) =>
      aRecord(event, this.#random() < 0.2 ? { next: { state: 'failed', reason: 'exhausted' } } : {}),
    );
    if (records.length > 0) await store.recordAttempts(epoch, records, T0);
  }

  async load({ id }: Subscription): Promise<number> {
    const { first } = await this.#node().store.loadLane(id, 100, 100);
    await this.end(first.map((delivery) => delivery.id));
    return first.length;
  }
}

test('two nodes that take events in and end deliveries at once keep the order of each key, and hold none back for ever', async () => {
  const { a, b, subscription, workspaceId, database } = await arrange();
  const { seed, random } = seededRandom();
  onTestFailed(() => {
    process.stderr.write(`VELAHOOK_TEST_SEED=${seed}\n`);
  });
  const anyNode = (): PostgresNode => (random() < 0.5 ? a : b);
  const deliverer = new Deliverer(anyNode, random);
  const published = new Map<string | null, string[]>();
  let publishing = 4;
  const publishers = ['one', 'two', 'three', null].map(async (orderingKey) => {
    const ids: string[] = [];
    for (let n = 0; n < 30; n++) {
      const event = anEvent(workspaceId, [subscription], { orderingKey });
      deliverer.know(event);
      ids.push(event.eventId);
      const { store, epoch } = anyNode();
      await store.commitEvents(epoch, [event], true, T0);
    }
    published.set(orderingKey, ids);
    publishing -= 1;
  });
  const ending = (async () => {
    while (publishing > 0 || (await deliverer.load(subscription)) > 0) await deliverer.load(subscription);
  })();
  await Promise.all([...publishers, ending]);
  for (const [key, ids] of published) expect(deliverer.order.get(key), `key ${key}`).toEqual(ids);
  expect(await database.query('SELECT id FROM velahook.pending_deliveries')).toEqual([]);
});

/** `run` makes calls of one transaction of node a, which stays open until `whileOpen` has ended or waits for it. */
async function whileUncommitted(
  { a, database, workspaceId }: Awaited<ReturnType<typeof arrange>>,
  run: () => Promise<unknown>,
  whileOpen: () => Promise<unknown>,
): Promise<void> {
  const locked = await makeSubscription(a.store, workspaceId);
  const aside = new Client({ connectionString: database.url });
  await aside.connect();
  try {
    await aside.query('BEGIN');
    await aside.query('SELECT FROM velahook.subscriptions WHERE id = $1 FOR UPDATE', [locked.id]);
    const running = [run(), a.store.updateSubscription(workspaceId, locked.id, { description: 'x' }, T0)];
    const waiting = async (count: number): Promise<void> => {
      await expect
        .poll(() => database.query('SELECT pid FROM pg_locks WHERE NOT granted'))
        .toHaveLength(count);
    };
    await waiting(1);
    const other = whileOpen();
    await Promise.race([other, waiting(2)]);
    await aside.query('ROLLBACK');
    await Promise.all([...running, other]);
  } finally {
    await aside.end();
  }
}

test('what one node puts behind a delivery that another one is just ending is not left behind', async () => {
  const arranged = await arrange();
  const { a, b, workspaceId, subscription } = arranged;
  const first = await publish(a.store, a.epoch, [subscription]);
  const second = anEvent(workspaceId, [subscription]);
  await whileUncommitted(
    arranged,
    () => a.store.recordAttempts(a.epoch, [aRecord(first)], T0),
    () => b.store.commitEvents(b.epoch, [second], true, T0),
  );
  const { first: due } = await a.store.loadLane(subscription.id, 10, 10);
  expect(due.map(({ id }) => id)).toEqual([deliveryIdOf(second)]);
});

test('of two nodes that begin a key at once one is first', async () => {
  const arranged = await arrange();
  const { a, b, workspaceId, subscription } = arranged;
  const [one, two] = [anEvent(workspaceId, [subscription]), anEvent(workspaceId, [subscription])];
  await whileUncommitted(
    arranged,
    () => a.store.commitEvents(a.epoch, [one], true, T0),
    () => b.store.commitEvents(b.epoch, [two], true, T0),
  );
  const { first: due } = await a.store.loadLane(subscription.id, 10, 10);
  expect(due.map(({ id }) => id)).toEqual([deliveryIdOf(one)]);
});

test('a node that ends a delivery of a lane which another one has leaves a mark for it', async () => {
  const { a, b, subscription } = await arrange();
  const first = await publish(a.store, a.epoch, [subscription]);
  const second = await publish(a.store, a.epoch, [subscription]);
  expect((await a.store.takeWakes(a.epoch)).lanes).toEqual([]);
  const [ended] = await b.store.recordAttempts(b.epoch, [aRecord(first)], T0);
  expect(ended?.next?.id).toBe(deliveryIdOf(second));
  expect((await a.store.takeWakes(a.epoch)).lanes).toEqual([subscription.id]);
});

test('an owner that ends a delivery leaves no mark: it was told by the answer', async () => {
  const { a, subscription } = await arrange();
  const first = await publish(a.store, a.epoch, [subscription]);
  await publish(a.store, a.epoch, [subscription]);
  await a.store.recordAttempts(a.epoch, [aRecord(first)], T0);
  expect((await a.store.takeWakes(a.epoch)).lanes).toEqual([]);
});
