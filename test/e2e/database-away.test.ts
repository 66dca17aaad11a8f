import { createServer } from 'node:net';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PostgresServer } from '../support/postgres-server.ts';
import { startPostgresServer } from '../support/postgres-server.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import type { ServerFolder, SpawnedServer } from '../support/server-process.ts';
import { createServerFolder, spawnServer } from '../support/server-process.ts';
import { drained } from '../support/audit.ts';
import type { TestApp } from '../support/test-app.ts';
import { startTestApp } from '../support/test-app.ts';
import { ENCRYPTION_KEY } from '../support/test-store.ts';

const EVENT = 'crm.lead.created';
/** What the API promises, and a slow machine's pauses. */
const ANSWER_MS_MAX = 2_500 + 1_500;

let postgres: PostgresServer;
let receiver: Receiver;

beforeAll(async () => {
  postgres = await startPostgresServer({ settings: { fsync: 'off' } });
});
afterAll(() => postgres.remove());
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

function environment(): Record<string, string> {
  return {
    DATABASE_URL: postgres.url,
    VELAHOOK_ENCRYPTION_KEY: ENCRYPTION_KEY,
    VELAHOOK_RETRY_SCHEDULE: '1s,1s,1s,1s,1s,1s,1s,1s',
  };
}

async function statusOf(app: TestApp, path: string): Promise<number> {
  const answer = await fetch(`${app.api.access.url}${path}`);
  await answer.body?.cancel();
  return answer.status;
}

describe('a database that goes away', () => {
  test.for(['SIGINT', 'SIGKILL'] as const)(
    '(%s) is answered with 503 in time, and everything goes on by itself once it is back',
    { timeout: 60_000 },
    async (signal) => {
      const release = Promise.withResolvers<object>();
      let isHeld = true;
      receiver.respond(() => (isHeld ? release.promise : {}));
      const app = await startTestApp({ ca: receiver.ca, environment: environment() });
      try {
        const { _id } = await app.api.subscribe({ url: receiver.url(`/${signal}`), events: [EVENT] });
        const events = await Promise.all(Array.from({ length: 30 }, (_, i) => app.api.publish(EVENT, { i })));
        await receiver.waitFor(1);
        await postgres.stop(signal);
        for (const [method, path, body] of [
          ['POST', '/events', { eventType: EVENT, eventId: `away-${signal}`, data: {} }],
          ['GET', '/deliveries', undefined],
          ['GET', `/integrations/webhooks/${_id}`, undefined],
          ['PATCH', `/integrations/webhooks/${_id}`, { description: 'x' }],
        ] as const) {
          const at = performance.now();
          const answer = await app.api.call(method, path, body);
          expect([path, answer.status, answer.body.error?.code]).toEqual([path, 503, 'UNAVAILABLE']);
          expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
          expect(performance.now() - at).toBeLessThan(ANSWER_MS_MAX);
        }
        await expect.poll(() => statusOf(app, '/readyz')).toBe(503);
        expect([await statusOf(app, '/healthz'), await statusOf(app, '/metrics')]).toEqual([200, 200]);
        // These end while nobody can write it down.
        isHeld = false;
        release.resolve({});
        await postgres.start();
        await expect.poll(() => statusOf(app, '/readyz')).toBe(200);
        events.push(await app.api.publish(EVENT, {}, { eventId: `away-${signal}` }));
        await drained(app.api, 20_000);
        const arrived = new Set(receiver.requests.map(({ headers }) => String(headers['webhook-id'])));
        expect(arrived).toEqual(new Set(events.map(({ eventId }) => eventId)));
        const deliveries = await app.api.deliveries(`subscriptionId=${_id}`);
        expect(new Set(deliveries.map(({ state }) => state))).toEqual(new Set(['succeeded']));
        expect(new Set(deliveries.map(({ attemptCount }) => attemptCount))).toEqual(new Set([1]));
      } finally {
        await app.stop();
      }
    },
  );
});

describe('a start before its database', () => {
  let folder: ServerFolder;
  let server: SpawnedServer;

  beforeEach(() => {
    folder = createServerFolder(receiver.ca, { ...environment(), VELAHOOK_LOG_LEVEL: 'warn' });
  });
  afterEach(async () => {
    server.kill('SIGKILL');
    await server.exited;
    folder.remove();
  });

  test('waits for it, saying so, and listens once it is there', async () => {
    await postgres.stop('SIGINT');
    server = spawnServer(folder.environment);
    await expect.poll(() => server.output()).toContain('the database cannot be used');
    await postgres.start();
    expect(await server.listening).toMatch(/^http:/);
    expect(server.output()).not.toContain(ENCRYPTION_KEY);
  });

  test('ends at once when it is told to, and its password is in no line', async () => {
    const silent = createServer();
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    server = spawnServer({
      ...folder.environment,
      DATABASE_URL: `postgres://velahook:hush-hush@127.0.0.1:${port}/velahook`,
    });
    await expect.poll(() => server.output()).toContain('the database cannot be used');
    server.kill('SIGTERM');
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(server.output()).not.toContain('hush-hush');
    silent.close();
  });

  test('of two at once on an empty database makes one workspace, told by one of them', async () => {
    const { VELAHOOK_WORKSPACE_ID: _id, VELAHOOK_TOKEN: _token, ...fresh } = folder.environment;
    const empty = await startPostgresServer({ settings: { fsync: 'off' } });
    const servers = [1, 2, 3].map(() => spawnServer({ ...fresh, DATABASE_URL: empty.url }));
    server = servers[0] as SpawnedServer;
    try {
      await Promise.all(servers.map(({ listening }) => listening));
      await expect
        .poll(() => servers.filter((each) => each.output().includes('The token is shown this once')).length)
        .toBe(1);
    } finally {
      for (const each of servers) each.kill('SIGKILL');
      await Promise.all(servers.map(({ exited }) => exited));
      await empty.remove();
    }
  });
});
