import { afterAll, beforeAll, expect, test } from 'vitest';
import { drained } from '../support/audit.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import type { StreamClient } from '../support/stream-client.ts';
import { openStream } from '../support/stream-client.ts';
import type { TemporaryDatabase } from '../support/temporary-postgres.ts';
import { makeTemporaryDatabase } from '../support/temporary-postgres.ts';
import type { TestApp } from '../support/test-app.ts';
import { startTestApp } from '../support/test-app.ts';
import { environmentOf } from '../support/test-store.ts';

const EVENT = 'crm.lead.created';

let receiver: Receiver;
let database: TemporaryDatabase;
let one: TestApp;
let two: TestApp;

beforeAll(async () => {
  receiver = await startReceiver();
  database = await makeTemporaryDatabase();
  const start = (role: string) =>
    startTestApp({ ca: receiver.ca, environment: { ...environmentOf(database), VELAHOOK_ROLE: role } });
  // One of them never delivers, so that what it shows of attempts has happened on the other.
  [one, two] = await Promise.all([start('api'), start('all')]);
});
afterAll(async () => {
  await Promise.all([one.stop(), two.stop()]);
  await database.remove();
  await receiver.close();
});

/** What the streams of both nodes showed, by event and kind, in order. */
function shown(...streams: StreamClient[]): string[] {
  return streams.flatMap(({ messages }) =>
    messages.map(({ event, data }) => `${event} ${String(data['eventId'])}`),
  );
}

test('a stream goes on at another node without a gap, and shows what happens on all', async () => {
  await one.api.subscribe({ url: receiver.url('/hook'), events: [EVENT] });
  const published: string[] = [];
  const publishOnBoth = async (): Promise<void> => {
    for (const node of [one, two]) published.push((await node.api.publish(EVENT, {})).eventId);
  };
  const first = await openStream(one.api.access, '?kinds=event,attempt,delivery');
  // Told, or looked for within a second: then the other node writes, too.
  await expect
    .poll(async () => {
      await publishOnBoth();
      return first.of('attempt').length;
    })
    .toBeGreaterThan(0);
  const known = published.length;
  await expect.poll(() => shown(first)).toContain(`event ${published.at(-1)}`);
  await drained(one.api, 20_000);
  const idsOf = (kind: string) => new Set(first.of(kind).map(({ data }) => data['eventId']));
  await expect.poll(() => [...idsOf('event')].filter((id) => !idsOf('delivery').has(id))).toEqual([]);
  await new Promise(setImmediate);
  first.close();
  for (let i = 0; i < 10; i++) await publishOnBoth();
  const again = await openStream(two.api.access, '?kinds=event,attempt,delivery', {
    'last-event-id': first.lastId ?? '',
  });
  for (let i = 0; i < 10; i++) await publishOnBoth();
  await drained(two.api, 20_000);
  const since = published.slice(known);
  const wanted = since.flatMap((id) => [`event ${id}`, `attempt ${id}`, `delivery ${id}`]);
  await expect.poll(() => shown(first, again)).toEqual(expect.arrayContaining(wanted));
  const all = shown(first, again);
  expect(all.filter((message) => message.startsWith('gap'))).toEqual([]);
  expect(new Set(all).size).toBe(all.length);
  again.close();
});

test('while nobody listens nothing is written', async () => {
  await database.query(`UPDATE velahook.streams SET listened_until = 0`);
  const count = async (): Promise<unknown> =>
    (await database.query<{ last: string }>(`SELECT max(last) AS last FROM velahook.streams`))[0]?.last;
  // The nodes look each second.
  let before = await count();
  await expect
    .poll(async () => {
      const last = before;
      await one.api.publish(EVENT, {});
      await drained(two.api, 20_000);
      await new Promise((resolve) => setTimeout(resolve, 200));
      before = await count();
      return before === last;
    })
    .toBe(true);
});
