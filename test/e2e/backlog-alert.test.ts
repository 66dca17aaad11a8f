import { afterAll, beforeAll, expect, test } from 'vitest';
import { drained } from '../support/audit.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import type { TemporaryDatabase } from '../support/temporary-postgres.ts';
import { makeTemporaryDatabase } from '../support/temporary-postgres.ts';
import type { TestApp } from '../support/test-app.ts';
import { startTestApp } from '../support/test-app.ts';
import { environmentOf } from '../support/test-store.ts';

const ALERT = { VELAHOOK_BACKLOG_ALERT_AFTER: '1s' };

let receiver: Receiver;
let database: TemporaryDatabase;
let nodes: TestApp[] = [];

beforeAll(async () => {
  receiver = await startReceiver();
  database = await makeTemporaryDatabase();
  const start = () =>
    startTestApp({ ca: receiver.ca, environment: { ...environmentOf(database), ...ALERT } });
  nodes = await Promise.all([start(), start()]);
});
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  await database.remove();
  await receiver.close();
});

test('a workspace is told of its backlog once, by whichever node, and once that it is over', async () => {
  const [{ api }] = nodes as [TestApp];
  await api.subscribe({ url: receiver.url('/alerts'), events: ['webhook.backlog.*'] });
  await api.subscribe({ url: receiver.url('/every'), events: ['*'] });
  const told = () =>
    receiver.requests
      .filter(({ path }) => path === '/alerts')
      .map(({ headers }) => headers['x-webhook-event']);
  for (const round of [1, 2]) {
    receiver.respondAt('/slow', { hang: true });
    const { _id } = await api.subscribe({ url: receiver.url('/slow'), events: ['crm.*'], timeoutMs: 30_000 });
    await Promise.all(Array.from({ length: 30 }, (_, i) => api.publish('crm.lead.created', { i })));
    await expect.poll(told).toHaveLength(round * 2 - 1);
    await api.ok('DELETE', `/integrations/webhooks/${_id}`);
    receiver.dropConnections();
    await expect.poll(told).toHaveLength(round * 2);
  }
  const both = ['webhook.backlog.delayed', 'webhook.backlog.recovered'];
  expect(told()).toEqual([...both, ...both]);
  await drained(api, 20_000);
  const types = receiver.requests
    .filter(({ path }) => path === '/every')
    .map(({ headers }) => headers['x-webhook-event']);
  expect(new Set(types)).toEqual(new Set(['crm.lead.created']));
  const [delayed] = receiver.requests.filter(({ path }) => path === '/alerts');
  const { data } = JSON.parse(String(delayed?.body)) as {
    data: { oldestDueAt: string; subscriptions: number };
  };
  // On a slow machine the others' deliveries may be late as well.
  expect(data.subscriptions).toBeGreaterThan(0);
  expect(Date.now() - Date.parse(data.oldestDueAt)).toBeGreaterThan(1_000);
});
