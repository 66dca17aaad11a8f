import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TemporaryDatabase } from '../support/temporary-postgres.ts';
import { makeTemporaryDatabase } from '../support/temporary-postgres.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import type { TestApp } from '../support/test-app.ts';
import { startTestApp } from '../support/test-app.ts';
import { environmentOf } from '../support/test-store.ts';

const TYPE = 'shop.order.paid';
const SCHEMA = { required: ['orderId'] };

let receiver: Receiver;
let database: TemporaryDatabase;
let nodes: TestApp[];

beforeEach(async () => {
  [receiver, database] = await Promise.all([startReceiver(), makeTemporaryDatabase()]);
  nodes = [];
});

afterEach(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  await database.remove();
  await receiver.close();
});

async function startNode(role: string): Promise<TestApp> {
  const environment = { ...environmentOf(database), VELAHOOK_ROLE: role };
  const node = await startTestApp({ ca: receiver.ca, environment });
  nodes.push(node);
  return node;
}

async function statusOf(node: TestApp, data: object): Promise<number> {
  return (await node.api.call('POST', '/events', { eventType: TYPE, data })).status;
}

test('a change of the catalogue on one node holds on the others, also on those without lanes', async () => {
  const one = await startNode('all');
  const others = [await startNode('all'), await startNode('api')];
  // Each has the catalogue in memory before it changes.
  for (const node of others) expect(await statusOf(node, {})).toBe(202);
  await one.api.ok('POST', '/event-types', { name: TYPE, schema: SCHEMA, validation: 'reject' });
  expect(await statusOf(one, {})).toBe(422);
  for (const node of others) {
    await expect.poll(() => statusOf(node, {})).toBe(422);
    expect(await statusOf(node, { orderId: 1 })).toBe(202);
  }
  const [two] = others;
  await two?.api.ok('PATCH', `/event-types/${TYPE}`, { validation: 'off' });
  for (const node of [one, ...others]) await expect.poll(() => statusOf(node, {})).toBe(202);
  await one.api.ok('DELETE', `/event-types/${TYPE}`);
  for (const node of others)
    await expect.poll(async () => (await node.api.call('GET', `/event-types/${TYPE}`)).status).toBe(404);
});
