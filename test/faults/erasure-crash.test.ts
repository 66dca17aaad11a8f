import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EachStore } from '../support/each-store.ts';
import { describeOnEachStore } from '../support/each-store.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import type { ServerFolder, ServerProcess } from '../support/server-process.ts';
import { createServerFolder, startServerProcess } from '../support/server-process.ts';

const EVENT = 'crm.lead.created';
/** Of which every second one is about the subject. */
const COUNT = 900;
const SUBJECT = { path: '$.id', value: 'canary-subject' };
const POLL = { timeout: 25_000, interval: 50 };

interface Erasure {
  _id: string;
  state: string;
  progress: { examined: number; erased: number; cancelled: number };
}

describeOnEachStore('an erasure whose server is killed', (make) => {
  let store: EachStore;
  let receiver: Receiver;
  let folder: ServerFolder;
  let servers: ServerProcess[];
  let server: ServerProcess;

  beforeEach(async () => {
    [store, receiver] = await Promise.all([make(), startReceiver()]);
    receiver.respond({ status: 500 });
    folder = createServerFolder(receiver.ca, { ...store.environment, VELAHOOK_RETRY_SCHEDULE: '1h' });
    servers = [];
  });

  afterEach(async () => {
    for (const each of servers) each.kill('SIGKILL');
    await Promise.all(servers.map((each) => each.exited));
    await receiver.close();
    folder.remove();
    await store.remove();
  });

  async function start(failpoint?: string): Promise<void> {
    await store.endLeases();
    const armed = failpoint === undefined ? {} : { VELAHOOK_FAILPOINT: failpoint };
    server = await startServerProcess({ ...folder.environment, ...armed });
    servers.push(server);
  }

  /** Publishes events of which the first 20 fail once and have their retry an hour later; nobody wants the others. */
  async function publish(): Promise<void> {
    await server.api.subscribe({ url: receiver.url(), events: [EVENT] });
    const events = Array.from({ length: COUNT }, (_, n) => ({
      eventType: n < 20 ? EVENT : 'customer.merged',
      eventId: `e${n}`,
      data: { id: n % 2 === 0 ? SUBJECT.value : 'somebody' },
    }));
    await server.api.ok('POST', '/events/batch', { events });
    await expect.poll(async () => (await server.api.deliveries('statusCode=500')).length, POLL).toBe(20);
  }

  const show = async (id: string, by = server) =>
    (await by.api.ok<{ erasure: Erasure }>('GET', `/erasures/${id}`)).erasure;
  const begin = async () =>
    (await server.api.ok<{ erasure: Erasure }>('POST', '/erasures', SUBJECT)).erasure._id;

  /** Every event was looked at once, each of the subject's is erased once, and nothing of it is pending. */
  async function expectDone(id: string): Promise<void> {
    await expect.poll(async () => (await show(id)).state, POLL).toBe('done');
    expect((await show(id)).progress).toEqual({ examined: COUNT, erased: COUNT / 2, cancelled: 10 });
    const erased: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: {
        items: { eventId: string; erasedAt: string | null }[];
        pagination: { nextCursor: string | null };
      } = await server.api.ok('GET', `/events?limit=100${cursor && `&cursor=${cursor}`}`);
      erased.push(...page.items.flatMap(({ eventId, erasedAt }) => (erasedAt === null ? [] : [eventId])));
      cursor = page.pagination.nextCursor;
    }
    expect(erased.every((eventId) => Number(eventId.slice(1)) % 2 === 0)).toBe(true);
    expect(erased).toHaveLength(COUNT / 2);
    expect(await server.api.deliveries('state=pending')).toHaveLength(10);
    expect(await server.api.deliveries('state=cancelled')).toHaveLength(10);
    expect(receiver.requests).toHaveLength(20);
  }

  test.each(['before-commit:continueErasure', 'after-commit:continueErasure'])(
    '%s: goes on where it was, and erases each event once',
    async (point) => {
      await start();
      await publish();
      server.kill('SIGKILL');
      await server.exited;
      await start(point);
      await begin().catch(() => undefined);
      expect(await server.exited).toEqual({ code: null, signal: 'SIGKILL' });
      await start();
      const { items } = await server.api.ok<{ items: Erasure[] }>('GET', '/erasures');
      expect(items).toHaveLength(1);
      await expectDone(items[0]?._id ?? '');
    },
  );

  test('is gone on with by another node, if there is one', async ({ skip }) => {
    if (!('DATABASE_URL' in store.environment)) return skip('the embedded store has one node');
    await start();
    await publish();
    const first = server;
    server = await startServerProcess(folder.environment);
    servers.push(server);
    const { erasure } = await first.api.ok<{ erasure: Erasure }>('POST', '/erasures', SUBJECT);
    await expect
      .poll(async () => (await show(erasure._id)).progress.examined, { timeout: 5_000, interval: 1 })
      .toBeGreaterThan(0);
    first.kill('SIGKILL');
    await first.exited;
    await store.endLeases();
    await expectDone(erasure._id);
    expect(first.output() + server.output()).not.toContain(SUBJECT.value);
  });
});
