import { beforeEach, expect, test } from 'vitest';
import type { DeliveryAnswer } from '../support/api-client.ts';
import { useCrashScene } from '../support/crash-scene.ts';
import { describeOnEachStore } from '../support/each-store.ts';

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
  const scene = useCrashScene(make, { VELAHOOK_RETRY_SCHEDULE: '1h' });
  let status: number;

  beforeEach(() => {
    status = 500;
    scene.receiver.respond(() => ({ status, delayMs: status === 200 ? 5 : 0 }));
  });

  /** Publishes what fails once, and has its retry an hour later. */
  async function miss(): Promise<string> {
    const { _id } = await scene.server.api.subscribe({ url: scene.receiver.url(), events: [EVENT] });
    const events = Array.from({ length: COUNT }, (_, n) => ({
      eventType: EVENT,
      eventId: `m${n}`,
      data: { n },
    }));
    await scene.server.api.ok('POST', '/events/batch', { events });
    const failed = async () => (await scene.server.api.deliveries('statusCode=500')).length;
    await expect.poll(failed, POLL).toBe(COUNT);
    return _id;
  }

  async function begin(subscriptionId: string): Promise<string> {
    const path = `/integrations/webhooks/${subscriptionId}/replay`;
    return (await scene.server.api.ok<{ replay: Replay }>('POST', path, SINCE)).replay._id;
  }

  const show = async (id: string) =>
    (await scene.server.api.ok<{ replay: Replay }>('GET', `/replays/${id}`)).replay;

  /** Each event was made once by the job and delivered; answers how many requests there were beyond one each. */
  async function expectDone(id: string): Promise<number> {
    await expect.poll(async () => (await show(id)).state, POLL).toBe('done');
    const progress = { made: COUNT, succeeded: COUNT, failed: 0, cancelled: 0, pending: 0 };
    expect(await show(id)).toMatchObject({ count: COUNT, progress });
    const all = (await scene.server.api.deliveries()) as (DeliveryAnswer & { replayId: string | null })[];
    const made = all.filter(({ replayId }) => replayId === id);
    expect([made.length, new Set(made.map(({ eventId }) => eventId)).size]).toEqual([COUNT, COUNT]);
    const again = scene.receiver.requests.slice(COUNT);
    expect(new Set(again.map(({ headers }) => headers['webhook-id'])).size).toBe(COUNT);
    return again.length - COUNT;
  }

  test.each(['before-commit:continueReplay', 'after-commit:continueReplay'])(
    '%s: goes on where it was, and makes each delivery once',
    async (point) => {
      await scene.start();
      const subscriptionId = await miss();
      await scene.kill();
      status = 200;
      await scene.start(point);
      await scene.server.api
        .ok('POST', `/integrations/webhooks/${subscriptionId}/replay`, SINCE)
        .catch(() => undefined);
      await scene.expectKilled();
      await scene.start();
      const { items } = await scene.server.api.ok<{ items: Replay[] }>('GET', '/replays');
      expect(items).toHaveLength(1);
      expect(await expectDone(items[0]?._id ?? '')).toBe(0);
    },
  );

  test('in the middle: repeats only what was between its POST and its record', async () => {
    await scene.start();
    const subscriptionId = await miss();
    status = 200;
    const id = await begin(subscriptionId);
    await scene.receiver.waitFor(COUNT + COUNT / 4);
    await scene.kill();
    const arrived = scene.receiver.requests.length;
    expect(arrived).toBeLessThan(2 * COUNT);
    await scene.start();
    // A lane has so many in flight at most.
    expect(await expectDone(id)).toBeLessThanOrEqual(50);
  });

  test('is gone on with by another node, if there is one', async ({ skip }) => {
    if (!('DATABASE_URL' in scene.store.environment)) return skip('the embedded store has one node');
    await scene.start();
    const subscriptionId = await miss();
    const first = scene.server;
    await scene.startBeside();
    status = 200;
    const { replay } = await first.api.ok<{ replay: Replay }>(
      'POST',
      `/integrations/webhooks/${subscriptionId}/replay`,
      SINCE,
    );
    await scene.receiver.waitFor(COUNT + COUNT / 4);
    first.kill('SIGKILL');
    await first.exited;
    await scene.store.endLeases();
    expect(await expectDone(replay._id)).toBeLessThanOrEqual(50);
  });
});
