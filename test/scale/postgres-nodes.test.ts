import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { expect, test } from 'vitest';
import type { ApiClient } from '../support/api-client.ts';
import { drained } from '../support/audit.ts';
import { testCa } from '../support/certificates.ts';
import { runAgent } from '../support/ledger.ts';
import type { EventToSend } from '../support/load.ts';
import { startPostgresServer } from '../support/postgres-server.ts';
import { startReceiver } from '../support/receiver.ts';
import { seededRandom } from '../support/seed.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { createServerFolder, startServerProcess, stopServerProcess } from '../support/server-process.ts';
import { ENCRYPTION_KEY } from '../support/test-store.ts';

const EVENTS = 100_000;
/** One of these wants each event: enough lanes that five nodes share them out. */
const SUBSCRIPTIONS = 200;
/** Besides, these are made under the load, each on one node and published to on another at once. */
const FRESH_MAX = 400;
const EVENTS_PER_CALL = 50;
const CALLS_AT_ONCE = 8;
/** What a slow machine refused is published again after so long. */
const REFUSED_WAIT_MS = 500;
const DRAIN_MS_MAX = 600_000;

interface Batch {
  results: { event?: { deliveries: number } }[];
}

/** How often each delivery arrived (`path eventId`), and how many came from each run. */
class Arrivals {
  readonly counts = new Map<string, number>();
  readonly byRun = new Map<number, number>();

  add(path: string, eventId: string, run: number): void {
    const key = `${path} ${eventId}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
    this.byRun.set(run, (this.byRun.get(run) ?? 0) + 1);
  }
}

test.for([2, 5])('%i nodes share 100,000 events: none is lost, none arrives twice', async (count) => {
  const { seed, random } = seededRandom();
  process.stdout.write(`${count} nodes: seed ${seed}\n`);
  const postgres = await startPostgresServer();
  const receiver = await startReceiver({ forgets: true });
  const folder = createServerFolder(await testCa(), {
    DATABASE_URL: postgres.url,
    VELAHOOK_ENCRYPTION_KEY: ENCRYPTION_KEY,
  });
  const operator = new Client({ connectionString: postgres.url });
  const arrivals = new Arrivals();
  receiver.respond(({ path, headers }) => {
    const run = Number(/run-(\d+)/.exec(headers['user-agent'] ?? '')?.[1]);
    arrivals.add(path, String(headers['webhook-id']), run);
    return {};
  });
  const nodes: ServerProcess[] = [];
  try {
    for (let run = 1; run <= count; run++)
      nodes.push(await startServerProcess({ ...folder.environment, VELAHOOK_USER_AGENT: runAgent(run) }));
    const pick = (): number => Math.floor(random() * count);
    const apiOf = (n: number): ApiClient => (nodes[n % count] as ServerProcess).api;
    for (let i = 0; i < SUBSCRIPTIONS; i++)
      await apiOf(pick()).subscribe({ url: receiver.url(`/s${i}`), events: [typeOf(i)] });

    const expected = new Set<string>();
    let isOver = false;
    const subscribing = (async () => {
      for (let i = 0; i < FRESH_MAX && !isOver; i++) {
        const first = pick();
        const fields = { url: receiver.url(`/fresh${i}`), events: [`scale.fresh${i}.happened`] };
        // Where the machine is too slow for an answer it may have been made or not: it is left alone.
        if ((await apiOf(first).call('POST', '/integrations/webhooks', fields)).status !== 201) continue;
        const event = { eventType: `scale.fresh${i}.happened`, eventId: `${seed}-fresh${i}`, data: { i } };
        await publishWhole(apiOf(first + 1 + Math.floor(random() * (count - 1))), [event]);
        expected.add(`/fresh${i} ${event.eventId}`);
      }
    })();
    // A failure here is told below.
    subscribing.catch(() => undefined);
    await publishAll(seed, (call) => apiOf(call), expected).finally(() => (isOver = true));
    await subscribing;
    await drained(apiOf(0), DRAIN_MS_MAX);

    const lost = [...expected].filter((key) => !arrivals.counts.has(key));
    const repeated = [...arrivals.counts].filter(([, times]) => times > 1);
    const unexpected = [...arrivals.counts.keys()].filter((key) => !expected.has(key));
    process.stdout.write(
      `${count} nodes: ${expected.size} deliveries, ${JSON.stringify([...arrivals.byRun])}\n`,
    );
    expect(expected.size).toBeGreaterThan(EVENTS);
    expect({
      lost: lost.slice(0, 9),
      repeated: repeated.slice(0, 9),
      unexpected: unexpected.slice(0, 9),
    }).toEqual({
      lost: [],
      repeated: [],
      unexpected: [],
    });
    for (let run = 1; run <= count; run++)
      expect(arrivals.byRun.get(run) ?? 0).toBeGreaterThan(expected.size / count / 2);
    await operator.connect();
    const { rows } = await operator.query(
      `SELECT state, attempts, count(*)::int AS count FROM velahook.finished_deliveries GROUP BY 1, 2`,
    );
    expect(rows).toEqual([{ state: 'succeeded', attempts: 1, count: expected.size }]);
    for (const node of nodes) expect(await stopServerProcess(node)).toEqual({ code: 0, signal: null });
  } finally {
    await operator.end();
    for (const node of nodes) node.kill('SIGKILL');
    await Promise.all(nodes.map(({ exited }) => exited));
    await receiver.close();
    folder.remove();
    await postgres.remove();
  }
});

function typeOf(subscription: number): string {
  return `scale.type${subscription}.happened`;
}

/** Every event to one subscription, on all nodes by turns; what is to arrive goes into `expected`. */
async function publishAll(
  seed: number,
  apiOf: (call: number) => ApiClient,
  expected: Set<string>,
): Promise<void> {
  let next = 0;
  const publish = async (): Promise<void> => {
    for (let at = next; at < EVENTS; at = next) {
      next = at + EVENTS_PER_CALL;
      const events = Array.from({ length: EVENTS_PER_CALL }, (_, i) => ({
        eventType: typeOf((at + i) % SUBSCRIPTIONS),
        eventId: `${seed}-${at + i}`,
        data: { n: at + i, padding: 'x'.repeat(200) },
      }));
      await publishWhole(apiOf(at / EVENTS_PER_CALL), events);
      events.forEach(({ eventId }, i) => expected.add(`/s${(at + i) % SUBSCRIPTIONS} ${eventId}`));
    }
  };
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, publish));
}

/** Until the server says that it has every event, each of which is for one subscription. */
async function publishWhole(api: ApiClient, events: readonly EventToSend[]): Promise<void> {
  for (let left = events; left.length > 0;) {
    const { status, body } = await api.call('POST', '/events/batch', { events: left });
    const { results } = status === 202 ? (body.data as unknown as Batch) : { results: [] };
    for (const { event } of results) if (event !== undefined) expect(event.deliveries).toBe(1);
    left = left.filter((_, i) => results[i]?.event === undefined);
    if (left.length > 0) await wait(REFUSED_WAIT_MS);
  }
}
