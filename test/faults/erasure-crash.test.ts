import { beforeEach, expect, test } from 'vitest';
import { useCrashScene } from '../support/crash-scene.ts';
import { describeOnEachStore } from '../support/each-store.ts';

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
  const scene = useCrashScene(make, { VELAHOOK_RETRY_SCHEDULE: '1h' });

  beforeEach(() => scene.receiver.respond({ status: 500 }));

  /** Publishes events of which the first 20 fail once and have their retry an hour later; nobody wants the others. */
  async function publish(): Promise<void> {
    await scene.server.api.subscribe({ url: scene.receiver.url(), events: [EVENT] });
    const events = Array.from({ length: COUNT }, (_, n) => ({
      eventType: n < 20 ? EVENT : 'customer.merged',
      eventId: `e${n}`,
      data: { id: n % 2 === 0 ? SUBJECT.value : 'somebody' },
    }));
    await scene.server.api.ok('POST', '/events/batch', { events });
    await expect
      .poll(async () => (await scene.server.api.deliveries('statusCode=500')).length, POLL)
      .toBe(20);
  }

  const show = async (id: string) =>
    (await scene.server.api.ok<{ erasure: Erasure }>('GET', `/erasures/${id}`)).erasure;
  const begin = async () =>
    (await scene.server.api.ok<{ erasure: Erasure }>('POST', '/erasures', SUBJECT)).erasure._id;

  /** Every event was looked at once, each of the subject's is erased once, and nothing of it is pending. */
  async function expectDone(id: string): Promise<void> {
    await expect.poll(async () => (await show(id)).state, POLL).toBe('done');
    expect((await show(id)).progress).toEqual({ examined: COUNT, erased: COUNT / 2, cancelled: 10 });
    const erased: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: {
        items: { eventId: string; erasedAt: string | null }[];
        pagination: { nextCursor: string | null };
      } = await scene.server.api.ok('GET', `/events?limit=100${cursor && `&cursor=${cursor}`}`);
      erased.push(...page.items.flatMap(({ eventId, erasedAt }) => (erasedAt === null ? [] : [eventId])));
      cursor = page.pagination.nextCursor;
    }
    expect(erased.every((eventId) => Number(eventId.slice(1)) % 2 === 0)).toBe(true);
    expect(erased).toHaveLength(COUNT / 2);
    expect(await scene.server.api.deliveries('state=pending')).toHaveLength(10);
    expect(await scene.server.api.deliveries('state=cancelled')).toHaveLength(10);
    expect(scene.receiver.requests).toHaveLength(20);
  }

  test.each(['before-commit:continueErasure', 'after-commit:continueErasure'])(
    '%s: goes on where it was, and erases each event once',
    async (point) => {
      await scene.start();
      await publish();
      await scene.kill();
      await scene.start(point);
      await begin().catch(() => undefined);
      await scene.expectKilled();
      await scene.start();
      const { items } = await scene.server.api.ok<{ items: Erasure[] }>('GET', '/erasures');
      expect(items).toHaveLength(1);
      await expectDone(items[0]?._id ?? '');
    },
  );

  test('is gone on with by another node, if there is one', async ({ skip }) => {
    if (!('DATABASE_URL' in scene.store.environment)) return skip('the embedded store has one node');
    await scene.start();
    await publish();
    const first = scene.server;
    await scene.startBeside();
    const { erasure } = await first.api.ok<{ erasure: Erasure }>('POST', '/erasures', SUBJECT);
    await expect
      .poll(async () => (await show(erasure._id)).progress.examined, { timeout: 5_000, interval: 1 })
      .toBeGreaterThan(0);
    first.kill('SIGKILL');
    await first.exited;
    await scene.store.endLeases();
    await expectDone(erasure._id);
    expect(first.output() + scene.server.output()).not.toContain(SUBJECT.value);
  });
});
