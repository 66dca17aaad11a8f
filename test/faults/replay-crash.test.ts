import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DeliveryAnswer } from '../support/api-client.ts';
import type { EachStore } from '../support/each-store.ts';
import { describeOnEachStore } from '../support/each-store.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import type { ServerFolder, ServerProcess } from '../support/server-process.ts';
import { createServerFolder, startServerProcess } from '../support/server-process.ts';

const EVENT = 'crm.lead.created';
const COUNT = 120;
const SINCE = { since: '2020-01-01T00:00:00.000Z' };
const POLL = { timeout: 25_000, interval: 50 };

interface Replay {
  _id: string;
  state: string;
  count: number;
  progress: Record<string, number>;
}

describeOnEachStore('a replay whose server is killed', (make) => {
  let store: EachStore;
  let receiver: Receiver;
  let folder: ServerFolder;
  let servers: ServerProcess[];
  let server: ServerProcess;
  let status: number;

  beforeEach(async () => {
    [store, receiver] = await Promise.all([make(), startReceiver()]);
    status = 500;
    receiver.respond(() => ({ status, delayMs: status === 200 ? 5 : 0 }));
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

  async function kill(): Promise<void> {
    server.kill('SIGKILL');
    await server.exited;
  }

  /** Publishes what fails once, and has its retry an hour later. */
  async function miss(): Promise<string> {
    const { _id } = await server.api.subscribe({ url: receiver.url(), events: [EVENT] });
    const events = Array.from({ length: COUNT }, (_, n) => ({
      eventType: EVENT,
      eventId: `m${n}`,
      data: { n },
    }));
    await server.api.ok('POST', '/events/batch', { events });
    const failed = async () => (await server.api.deliveries('statusCode=500')).length;
    await expect.poll(failed, POLL).toBe(COUNT);
    return _id;
  }

  async function begin(subscriptionId: string): Promise<string> {
    const path = `/integrations/webhooks/${subscriptionId}/replay`;
    return (await server.api.ok<{ replay: Replay }>('POST', path, SINCE)).replay._id;
  }

  const show = async (id: string) =>
    (await server.api.ok<{ replay: Replay }>('GET', `/replays/${id}`)).replay;

  /** Each event was made once by the job and delivered; answers how many requests there were beyond one each. */
  async function expectDone(id: string): Promise<number> {
    await expect.poll(async () => (await show(id)).state, POLL).toBe('done');
    const progress = { made: COUNT, succeeded: COUNT, failed: 0, cancelled: 0, pending: 0 };
    expect(await show(id)).toMatchObject({ count: COUNT, progress });
    const all = (await server.api.deliveries()) as (DeliveryAnswer & { replayId: string | null })[];
    const made = all.filter(({ replayId }) => replayId === id);
    expect([made.length, new Set(made.map(({ eventId }) => eventId)).size]).toEqual([COUNT, COUNT]);
    const again = receiver.requests.slice(COUNT);
    expect(new Set(again.map(({ headers }) => headers['webhook-id'])).size).toBe(COUNT);
    return again.length - COUNT;
  }

  test.each(['before-commit:continueReplay', 'after-commit:continueReplay'])(
    '%s: goes on where it was, and makes each delivery once',
    async (point) => {
      await start();
      const subscriptionId = await miss();
      await kill();
      status = 200;
      await start(point);
      await server.api
        .ok('POST', `/integrations/webhooks/${subscriptionId}/replay`, SINCE)
        .catch(() => undefined);
      expect(await server.exited).toEqual({ code: null, signal: 'SIGKILL' });
      await start();
      const { items } = await server.api.ok<{ items: Replay[] }>('GET', '/replays');
      expect(items).toHaveLength(1);
      expect(await expectDone(items[0]?._id ?? '')).toBe(0);
    },
  );

  test('in the middle: repeats only what was between its POST and its record', async () => {
    await start();
    const subscriptionId = await miss();
    status = 200;
    const id = await begin(subscriptionId);
    await receiver.waitFor(COUNT + COUNT / 4);
    await kill();
    const arrived = receiver.requests.length;
    expect(arrived).toBeLessThan(2 * COUNT);
    await start();
    // A lane has so many in flight at most.
    expect(await expectDone(id)).toBeLessThanOrEqual(50);
  });

  test('is gone on with by another node, if there is one', async ({ skip }) => {
    if (!('DATABASE_URL' in store.environment)) return skip('the embedded store has one node');
    await start();
    const subscriptionId = await miss();
    const first = server;
    server = await startServerProcess(folder.environment);
    servers.push(server);
    status = 200;
    const { replay } = await first.api.ok<{ replay: Replay }>(
      'POST',
      `/integrations/webhooks/${subscriptionId}/replay`,
      SINCE,
    );
    await receiver.waitFor(COUNT + COUNT / 4);
    first.kill('SIGKILL');
    await first.exited;
    await store.endLeases();
    expect(await expectDone(replay._id)).toBeLessThanOrEqual(50);
  });
});
