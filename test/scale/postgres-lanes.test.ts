import process from 'node:process';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Keyring } from '../../src/lib/keyring.ts';
import { newId } from '../../src/domain/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';
import type { NewEvent } from '../../src/store/contract/events.ts';
import { createPostgresStore } from '../../src/store/postgres/postgres-store.ts';
import type { Store } from '../../src/store/store.ts';
import type { Subscription } from '../../src/domain/subscription.ts';
import { anEvent, makeSubscription, makeWorkspace } from '../conformance/fixtures.ts';
import { testCa } from '../support/certificates.ts';
import type { PostgresServer } from '../support/postgres-server.ts';
import { startPostgresServer } from '../support/postgres-server.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import type { ServerFolder, ServerProcess } from '../support/server-process.ts';
import { createServerFolder, startServerProcess } from '../support/server-process.ts';
import { ENCRYPTION_KEY } from '../support/test-store.ts';

/** Due deliveries of one subscription. */
const BACKLOG = 100_000;
/** Other subscriptions, with one delivery each. */
const SMALL = 10_000;
const WORKSPACES = 10;
const NODES = 2;
const EVENTS_PER_COMMIT = 200;

const LEASE_MS = 45_000;
/** How long the receiver of the backlog takes: 50 at a time are at most 500 a second, and last longer than the test. */
const BACKLOG_ANSWER_MS = 100;
/** The small ones fall due over so long: less than a machine of two cores can send beside the backlog. */
const SPREAD_MS = 60_000;
/** Until the nodes run, and have found the backlog. */
const AHEAD_MS = 20_000;
const WAIT_MS_MAX = 300_000;
const LATE_MS = 1_000;

let postgres: PostgresServer;
let receiver: Receiver;
let folder: ServerFolder;
let store: Store;
let nodes: ServerProcess[] = [];
let epoch: number;
/** When each small one arrived, by number; and each of the backlog's, in order. */
let smallAt: Map<number, number>;
let backlogAt: number[];

beforeEach(async () => {
  postgres = await startPostgresServer();
  receiver = await startReceiver({ forgets: true });
  folder = createServerFolder(await testCa(), {
    DATABASE_URL: postgres.url,
    VELAHOOK_ENCRYPTION_KEY: ENCRYPTION_KEY,
  });
  smallAt = new Map();
  backlogAt = [];
  receiver.respond(({ path, receivedAt }) => {
    smallAt.set(Number(path.slice('/small'.length)), receivedAt);
    return {};
  });
  receiver.respondAt('/backlog', ({ receivedAt }) => {
    backlogAt.push(receivedAt);
    return { delayMs: BACKLOG_ANSWER_MS };
  });
  store = await createPostgresStore({ url: postgres.url, leaseMs: LEASE_MS, now: () => Date.now() });
  ({ epoch } = await store.registerNode(Date.now(), 3));
});

afterEach(async () => {
  for (const node of nodes) node.kill('SIGKILL');
  await Promise.all(nodes.map(({ exited }) => exited));
  nodes = [];
  receiver.dropConnections();
  await receiver.close();
  await store.close();
  folder.remove();
  await postgres.remove();
});

/**
 * The backlog, due now in a workspace of its own, and one delivery to each of the small ones, due so long after the
 * moment that is answered.
 */
async function fill(dueIn: (i: number) => number): Promise<number> {
  const startedAt = Date.now();
  const keyring = new Keyring([Buffer.from(ENCRYPTION_KEY, 'hex')], systemRandom);
  const subscribe = (workspaceId: string, path: string): Promise<Subscription> => {
    const id = newId(Date.now(), systemRandom);
    const sealedSecret = keyring.seal('a-signing-secret', id);
    return makeSubscription(store, workspaceId, { id, url: receiver.url(path), sealedSecret });
  };
  const crowded = await makeWorkspace(store);
  const backlog = await subscribe(crowded, '/backlog');
  const workspaces: string[] = [];
  for (let i = 0; i < WORKSPACES; i++) workspaces.push(await makeWorkspace(store));
  const small: Subscription[] = [];
  for (let i = 0; i < SMALL; i += EVENTS_PER_COMMIT)
    small.push(
      ...(await Promise.all(
        Array.from({ length: EVENTS_PER_COMMIT }, (_, k) =>
          subscribe(workspaces[(i + k) % WORKSPACES] ?? '', `/small${i + k}`),
        ),
      )),
    );
  await commitAll(
    BACKLOG,
    () => anEvent(crowded, [backlog]),
    () => Date.now(),
  );
  await commitAll(
    SMALL,
    (i) => anEvent(small[i]?.workspaceId ?? '', small.slice(i, i + 1)),
    (i) => startedAt + dueIn(i),
  );
  const base = Date.now() + AHEAD_MS;
  await makeRetries(backlog.id, base - startedAt);
  // In good order: its lanes are free, and not suspect.
  await store.retireNode(epoch, Date.now());
  return base;
}

/** All but the backlog are retries, since a first attempt is due at once: due so long after their events were made. */
async function makeRetries(backlogId: string, laterMs: number): Promise<void> {
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(
    `UPDATE velahook.pending_deliveries SET attempts = 1, first_attempt_at = created_at - 60000, due_at = created_at + $2
     WHERE subscription_id <> $1`,
    [backlogId, laterMs],
  );
  await client.query(
    `UPDATE velahook.lanes l SET ready_at =
       (SELECT min(due_at) FROM velahook.pending_deliveries d WHERE d.subscription_id = l.subscription_id)`,
  );
  await client.query('ANALYZE');
  await client.end();
}

/** Commits events by the hundred, as due at what `dueAt` says of the first of each hundred. */
async function commitAll(
  count: number,
  make: (i: number) => NewEvent,
  dueAt: (i: number) => number,
): Promise<void> {
  for (let i = 0; i < count; i += EVENTS_PER_COMMIT) {
    const events = Array.from({ length: EVENTS_PER_COMMIT }, (_, k) => make(i + k));
    await store.commitEvents(epoch, events, false, dueAt(i));
  }
}

async function startNodes(): Promise<void> {
  for (let i = 0; i < NODES; i++) nodes.push(await startServerProcess(folder.environment));
}

function say(what: string): void {
  process.stdout.write(`${what}\n`);
}

/** As of the first of those that were committed together. */
const groupOf = (i: number): number => i - (i % EVENTS_PER_COMMIT);

async function allSmallArrived(): Promise<void> {
  await expect.poll(() => smallAt.size, { timeout: WAIT_MS_MAX, interval: 100 }).toBe(SMALL);
}

/** Of the backlog, from one moment to another. */
function backlogBetween(from: number, to: number): number {
  return backlogAt.filter((at) => at >= from && at <= to).length;
}

test('beside a backlog of 100,000, 10,000 other lanes are served within a second of falling due', async () => {
  const dueIn = (i: number): number => Math.floor((groupOf(i) / SMALL) * SPREAD_MS);
  const base = await fill(dueIn);
  await startNodes();
  expect(Date.now()).toBeLessThan(base);
  await allSmallArrived();
  const waits = [...smallAt].map(([i, at]) => at - base - dueIn(i)).toSorted((a, b) => a - b);
  const p = (part: number): number => waits[Math.floor((waits.length - 1) * part)] ?? NaN;
  const served = backlogBetween(base, base + SPREAD_MS);
  say(
    `due by and by: p50 ${p(0.5)} ms, p99 ${p(0.99)} ms, max ${p(1)} ms; of the backlog meanwhile ${served}`,
  );
  const late = [...smallAt].filter(([i, at]) => at - base - dueIn(i) > LATE_MS);
  const bySecond = Map.groupBy(late, ([i]) => Math.floor(dueIn(i) / 1_000));
  say(
    `late, by the second they were due: ${[...bySecond].map(([at, { length }]) => `${at}: ${length}`).join(', ')}`,
  );
  // Nothing is early; what is late is so by a slow machine's pauses, which concern some at a time.
  expect(p(0)).toBeGreaterThanOrEqual(0);
  expect(late.length).toBeLessThan(SMALL / 100);
  // It was not stopped for that.
  expect(served).toBeGreaterThan(1_000);
});

test('10,000 that fall due all at once are served by turns, the backlog getting no more than its own', async () => {
  const base = await fill(() => 0);
  await startNodes();
  expect(Date.now()).toBeLessThan(base);
  await allSmallArrived();
  const times = [...smallAt.values()].toSorted((a, b) => a - b);
  const served = backlogBetween(base, times.at(-1) ?? base);
  say(`due at once: the last after ${(times.at(-1) ?? NaN) - base} ms; of the backlog meanwhile ${served}`);
  // One turn in eleven is its workspace's, and it has those that nobody takes while lanes of others are on their way in.
  // By count, since how long 10,000 attempts take is a matter of the CPU.
  expect(served).toBeLessThan(SMALL / 3);
});
