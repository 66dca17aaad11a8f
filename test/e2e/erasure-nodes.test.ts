import { afterEach, beforeEach, expect, test } from 'vitest';
import { drained } from '../support/audit.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import type { TemporaryDatabase } from '../support/temporary-postgres.ts';
import { makeTemporaryDatabase } from '../support/temporary-postgres.ts';
import type { TestApp } from '../support/test-app.ts';
import { startTestApp } from '../support/test-app.ts';
import { environmentOf } from '../support/test-store.ts';

const EVENT = 'crm.lead.created';
const POLL = { timeout: 15_000, interval: 20 };

let receiver: Receiver;
let database: TemporaryDatabase;
let nodes: TestApp[];

beforeEach(async () => {
  receiver = await startReceiver();
  database = await makeTemporaryDatabase();
  nodes = [];
});

afterEach(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  await database.remove();
  await receiver.close();
});

async function startNode(): Promise<TestApp> {
  const environment = { ...environmentOf(database), VELAHOOK_SHUTDOWN_GRACE_MS: '2000' };
  const node = await startTestApp({ ca: receiver.ca, environment });
  nodes.push(node);
  return node;
}

test('what one node erases waits in the memory of another, and is sent by none', async () => {
  const opened = Promise.withResolvers<object>();
  receiver.respond(() => opened.promise);
  const owner = await startNode();
  await owner.api.subscribe({ url: receiver.url('/'), events: [EVENT] });
  const events = Array.from({ length: 40 }, (_, n) => ({
    eventType: EVENT,
    eventId: `e${n}`,
    data: { id: n % 2 === 0 ? 'Ada' : 'Bob' },
  }));
  await owner.api.ok('POST', '/events/batch', { events });
  // As many as a lane begins with: the others wait behind them, where the first node has them in memory.
  const inFlight = (await receiver.waitFor(8)).map(({ headers }) => String(headers['webhook-id']));
  const other = await startNode();
  const erase = async (value: string) => {
    const { erasure } = await other.api.ok<{ erasure: { _id: string } }>('POST', '/erasures', {
      path: '$.id',
      value,
    });
    const show = async () =>
      (
        await other.api.ok<{ erasure: { state: string; progress: object } }>(
          'GET',
          `/erasures/${erasure._id}`,
        )
      ).erasure;
    await expect.poll(async () => (await show()).state, POLL).toBe('done');
    return (await show()).progress;
  };
  // Whoever asks begins at once; the owner of the lane would find the job a second later.
  expect(await erase('Ada')).toEqual({ examined: 40, erased: 20, cancelled: 20 });
  // The owner has read what was left for it.
  await expect.poll(() => database.query('SELECT FROM velahook.lane_wakes'), POLL).toEqual([]);
  opened.resolve({ body: 'thanks, Ada' });
  await drained(owner.api, 20_000);
  const sent = receiver.requests.map(({ headers }) => String(headers['webhook-id']));
  const bobs = events.filter(({ data }) => data.id === 'Bob').map(({ eventId }) => eventId);
  expect(sent.toSorted()).toEqual([...new Set([...inFlight, ...bobs])].toSorted());
  // What was in flight is recorded without what was answered to it.
  const kept = await database.query<{ eventId: string }>(
    `SELECT f.event_id AS "eventId" FROM velahook.attempts a
       JOIN velahook.finished_deliveries f ON f.id = a.delivery_id AND f.created_at = a.delivery_created_at
     WHERE a.response_body IS NOT NULL`,
  );
  expect(kept.map(({ eventId }) => eventId).toSorted()).toEqual(bobs.toSorted());
});
