import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { ApiAccess } from '../support/api-client.ts';
import { drained } from '../support/audit.ts';
import { Publisher } from '../support/load.ts';
import { startPostgresServer } from '../support/postgres-server.ts';
import { startReceiver } from '../support/receiver.ts';
import { RestartingServer } from '../support/restarting-server.ts';
import { seededRandom } from '../support/seed.ts';
import { createServerFolder } from '../support/server-process.ts';
import { ENCRYPTION_KEY } from '../support/test-store.ts';

/** Each is a subscription's; published to at twice the rate at first, then until all is delivered. */
const LIMITS = [1, 5, 20, 60];
const EVENTS_PER_LIMIT = 60;
const HANDOVERS = 4;
/** Over the limit, in any second, at the receiver: by as much at most, for what happens on the way. */
const OVER = 1.1;
/** The shortest that is allowed. */
const LEASE_MS = 40_000;
const DRAIN_MS_MAX = 200_000;

/** The most that came in any second, and how long after `startedAt` that second began. */
function mostInASecond(times: readonly number[], startedAt: number): { most: number; afterMs: number } {
  let from = 0;
  let found = { most: 0, afterMs: 0 };
  for (const [i, at] of times.entries()) {
    while ((times[from] ?? at) <= at - 1_000) from += 1;
    const count = i - from + 1;
    if (count > found.most) found = { most: count, afterMs: Math.round((times[from] ?? at) - startedAt) };
  }
  return found;
}

test('on two nodes that end, die and are replaced, no receiver gets more than its limit in any second', async () => {
  const { seed, random } = seededRandom();
  process.stdout.write(`rate limit: seed ${seed}\n`);
  const postgres = await startPostgresServer();
  const receiver = await startReceiver();
  const folder = createServerFolder(receiver.ca, {
    VELAHOOK_ENCRYPTION_KEY: ENCRYPTION_KEY,
    VELAHOOK_NODE_LEASE_MS: String(LEASE_MS),
    DATABASE_URL: postgres.url,
  });
  const nodes = [1, 2].map(() => ({ isIn: true, server: new RestartingServer(folder.environment) }));
  const [one, two] = nodes as [(typeof nodes)[0], (typeof nodes)[0]];
  let turn = 0;
  const access = async (): Promise<ApiAccess> => {
    for (;;) {
      const node = nodes[turn++ % nodes.length];
      if (node?.isIn === true) return node.server.access();
    }
  };
  const publisher = new Publisher(access);
  try {
    for (const { server } of nodes) await server.start();
    for (const rateLimit of LIMITS) {
      const url = receiver.url(`/${rateLimit}`);
      await one.server.api.subscribe({ url, events: [`rate.limited.to_${rateLimit}`], rateLimit });
    }
    const startedAt = Date.now();
    const publishing = Promise.all(
      LIMITS.map(async (rateLimit) => {
        const calls: Promise<unknown>[] = [];
        // Enough for all of the handovers; at its pace, however long a call takes.
        for (let i = 0; i < EVENTS_PER_LIMIT * rateLimit; i++) {
          const eventType = `rate.limited.to_${rateLimit}`;
          calls.push(publisher.publish({ eventType, eventId: `${seed}-${rateLimit}-${i}`, data: { i } }));
          await wait(500 / rateLimit);
        }
        await Promise.all(calls);
      }),
    );
    const done = { ends: [] as number[], kills: [] as number[] };
    const sinceStart = (): number => Math.round(Date.now() - startedAt);
    for (let i = 0; i < HANDOVERS; i++) {
      const node = i % 2 === 0 ? one : two;
      await wait(2_000 + random() * 1_000);
      node.isIn = false;
      if (i === HANDOVERS - 1) {
        await node.server.kill();
        done.kills.push(sinceStart());
      } else {
        await node.server.stop();
        done.ends.push(sinceStart());
      }
      await node.server.start();
      node.isIn = true;
    }
    await publishing;
    await drained(one.server.api, DRAIN_MS_MAX);
    const most = LIMITS.map((rateLimit) => {
      const times = receiver.requests.filter(({ path }) => path === `/${rateLimit}`);
      const arrivals = times.map(({ receivedAt }) => receivedAt);
      return { rateLimit, got: times.length, ...mostInASecond(arrivals, startedAt) };
    });
    process.stdout.write(`rate limit: ${JSON.stringify({ ...done, most })}\n`);
    for (const each of most) {
      expect(each.most, `limit ${each.rateLimit}`).toBeLessThanOrEqual(Math.floor(each.rateLimit * OVER));
      expect(each.got).toBeGreaterThanOrEqual(EVENTS_PER_LIMIT * each.rateLimit);
    }
  } finally {
    await publisher.close();
    await Promise.all(nodes.map(({ server }) => server.stop()));
    await receiver.close();
    folder.remove();
    await postgres.remove();
  }
});
