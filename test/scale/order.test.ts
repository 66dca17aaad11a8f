import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ApiAccess, ApiClient } from '../support/api-client.ts';
import { drained } from '../support/audit.ts';
import { testCa } from '../support/certificates.ts';
import { Publisher } from '../support/load.ts';
import { OrderLedger } from '../support/order-ledger.ts';
import { startPostgresServer } from '../support/postgres-server.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import { RestartingServer } from '../support/restarting-server.ts';
import { seededRandom } from '../support/seed.ts';
import type { ServerFolder } from '../support/server-process.ts';
import { createServerFolder } from '../support/server-process.ts';
import { ENCRYPTION_KEY } from '../support/test-store.ts';

const EVENTS = Number(process.env['VELAHOOK_TEST_EVENTS'] ?? 100_000);
/** Each has an ordered subscription: lanes that nodes can share. */
const TYPES = 8;
const KEYS_PER_TYPE = 12;
/** Published one after the other, all keys at once, so that the order of each key is known. */
const PUBLISHERS = TYPES * KEYS_PER_TYPE;
const FAILURES = 0.03;
const ANSWER_MS_MAX = 20;
/** The shortest that is allowed; what a killed node had waits for so long. */
const LEASE_MS = 40_000;
const DRAIN_MS_MAX = 300_000;
/** It fails until the others are through. */
const STUCK = { type: 0, key: 'stuck' };
const STUCK_EVENTS = 20;

let receiver: Receiver;
let folder: ServerFolder;
let ledger: OrderLedger;
let seed: number;
let random: () => number;
let isStuck: boolean;

beforeEach(async () => {
  ({ seed, random } = seededRandom());
  ledger = new OrderLedger();
  isStuck = true;
  receiver = await startReceiver({ forgets: true });
  receiver.respond(async (request) => {
    const { data, answered } = ledger.arrived(request);
    const fails = data.key === STUCK.key ? isStuck : random() < FAILURES;
    await wait(random() * ANSWER_MS_MAX);
    const status = fails ? 500 : 200;
    answered(status);
    return { status };
  });
  folder = createServerFolder(await testCa(), {
    VELAHOOK_ENCRYPTION_KEY: ENCRYPTION_KEY,
    VELAHOOK_RETRY_SCHEDULE: [...Array(8).fill('200ms'), ...Array(40).fill('10s')].join(','),
    VELAHOOK_NODE_LEASE_MS: String(LEASE_MS),
  });
});

afterEach(async () => {
  await receiver.close();
  folder.remove();
});

async function subscribe(api: ApiClient): Promise<void> {
  for (let type = 0; type < TYPES; type++)
    await api.subscribe({ url: receiver.url(`/${type}`), events: [typeOf(type)], ordered: true });
}

function typeOf(type: number): string {
  return `order.type${type}.happened`;
}

/** Each key's events one after the other; what was not answered is published again before the next. */
async function publishAll(publisher: Publisher): Promise<void> {
  const send = (type: number, key: string | null, n: number): Promise<boolean> =>
    publisher.publish({
      eventType: typeOf(type),
      eventId: `${seed}-${type}-${key ?? 'none'}-${n}`,
      data: { key, n },
      ...(key !== null && { orderingKey: key }),
    });
  for (let n = 0; n < STUCK_EVENTS; n++) await send(STUCK.type, STUCK.key, n);
  await Promise.all(
    Array.from({ length: PUBLISHERS }, async (_, i) => {
      // One key of each type is none.
      const type = i % TYPES;
      const key = i < TYPES ? null : `key${i}`;
      for (let n = 0; n < EVENTS / PUBLISHERS; n++) await send(type, key, n);
    }),
  );
}

/** Runs the load while `disturb` does what it does; then everything must have arrived, in order. */
async function expectOrder(
  api: () => ApiClient,
  access: () => ApiAccess | Promise<ApiAccess>,
  disturb: (isOver: () => boolean) => Promise<Record<string, number>>,
): Promise<void> {
  process.stdout.write(`order: seed ${seed}\n`);
  await subscribe(api());
  const publisher = new Publisher(access, PUBLISHERS);
  const startedAt = Date.now();
  const total = Math.ceil(EVENTS / PUBLISHERS) * PUBLISHERS;
  let isPublished = false;
  try {
    // What is left then is served by lanes that many crashes have made suspect: one attempt at a time.
    const disturbances = disturb(() => isPublished);
    // Told of when it is waited for.
    disturbances.catch(() => undefined);
    await publishAll(publisher);
    isPublished = true;
    await expect.poll(() => ledger.succeeded, { timeout: DRAIN_MS_MAX, interval: 100 }).toBe(total);
    const held = ledger.succeededOf(`/${STUCK.type}`, STUCK.key);
    const disturbed = await disturbances;
    isStuck = false;
    const seconds = Math.round((Date.now() - startedAt) / 1_000);
    await drained(api(), DRAIN_MS_MAX);
    const report = {
      ...disturbed,
      events: total,
      seconds,
      requests: ledger.requests,
      unknown: publisher.count('unknown'),
      duplicates: publisher.count('duplicate'),
      held,
    };
    process.stdout.write(`order: ${JSON.stringify(report)}\n`);
    expect(ledger.violations).toEqual([]);
    expect(held).toBe(0);
    expect(ledger.succeeded).toBe(total + STUCK_EVENTS);
    // A run in which nothing was cut off would have proved nothing.
    expect(report.unknown).toBeGreaterThan(0);
  } finally {
    await publisher.close();
  }
}

test('on the embedded store, killed again and again, no event overtakes another of its key', async () => {
  const server = new RestartingServer(folder.environment);
  await server.start();
  try {
    await expectOrder(
      () => server.api,
      () => server.access(),
      async (isOver) => {
        while (!isOver()) {
          await wait(1_000 + random() * 5_000);
          if (isOver()) break;
          await server.kill();
          await server.start();
        }
        return { kills: server.deaths.size };
      },
    );
  } finally {
    await server.stop();
  }
});

test('of three nodes on one database that die, freeze and are replaced, none lets an event overtake another of its key', async () => {
  const postgres = await startPostgresServer();
  const nodes = Array.from({ length: 3 }, () => ({
    isIn: true,
    server: new RestartingServer({ ...folder.environment, DATABASE_URL: postgres.url }),
  }));
  let turn = 0;
  const access = async (): Promise<ApiAccess> => {
    for (;;) {
      const node = nodes[turn++ % nodes.length];
      if (node?.isIn === true) return node.server.access();
    }
  };
  try {
    for (const { server } of nodes) await server.start();
    const [first, ...others] = nodes;
    if (first === undefined) throw new Error('There are three.');
    await expectOrder(
      () => first.server.api,
      access,
      async (isOver) => {
        const done = { kills: 0, ends: 0, freezes: 0 };
        for (let i = 0; !isOver() || i < 3; i++) {
          const node = others[i % others.length] ?? first;
          await wait(3_000 + random() * 4_000);
          node.isIn = false;
          if (i % 3 === 0) {
            await node.server.kill();
            done.kills += 1;
          } else if (i % 3 === 1) {
            await node.server.stop();
            done.ends += 1;
          } else {
            node.server.process.kill('SIGSTOP');
            await wait(LEASE_MS + 5_000);
            node.server.process.kill('SIGCONT');
            node.isIn = true;
            done.freezes += 1;
            continue;
          }
          await node.server.start();
          node.isIn = true;
        }
        return done;
      },
    );
  } finally {
    await Promise.all(nodes.map(({ server }) => server.stop()));
    await postgres.remove();
  }
});
