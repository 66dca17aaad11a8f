import { afterEach, expect, test } from 'vitest';
import type { Subscription } from '../../src/domain/subscription.ts';
import {
  T0,
  aNotice,
  aRecord,
  aSubscription,
  makeSubscription,
  makeWorkspace,
  publish,
  retryAt,
} from '../conformance/fixtures.ts';
import type { PostgresNode, PostgresNodes } from '../support/postgres-nodes.ts';
import { openPostgresNodes } from '../support/postgres-nodes.ts';

let opened: PostgresNodes | undefined;

afterEach(async () => {
  await opened?.close();
  opened = undefined;
});

async function arrange() {
  opened = await openPostgresNodes(2);
  const [a, b] = opened.nodes as [PostgresNode, PostgresNode];
  const workspaceId = await makeWorkspace(a.store);
  const subscription = await makeSubscription(a.store, workspaceId);
  return { a, b, workspaceId, subscription };
}

test('a subscription that was changed on one node is changed on the other at once, and so is its version', async () => {
  const { a, b, workspaceId, subscription } = await arrange();
  const { id } = subscription;
  let { version } = await b.store.loadSubscriptions(workspaceId);
  const sees = async (expected: Partial<Subscription>): Promise<void> => {
    const there = await b.store.loadSubscriptions(workspaceId);
    expect(there.subscriptions).toMatchObject([expected]);
    expect(await b.store.findSubscription(workspaceId, id)).toMatchObject(expected);
    expect(there.version).toBeGreaterThan(version);
    ({ version } = there);
  };
  await a.store.updateSubscription(workspaceId, id, { url: 'https://new.example.com/' }, T0);
  await sees({ url: 'https://new.example.com/', generation: 1 });
  await a.store.deactivateSubscription(workspaceId, id, 'failing', aNotice(), T0);
  await sees({ status: 'deactivated', generation: 2 });
});

test('nodes that create at once do not pass the maximum of a workspace together', async () => {
  const { a, b, workspaceId } = await arrange();
  const results = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      (i % 2 ? a : b).store.createSubscription(aSubscription(workspaceId), 5),
    ),
  );
  expect(results.filter((result) => result === 'created')).toHaveLength(4);
  expect((await a.store.loadSubscriptions(workspaceId)).subscriptions).toHaveLength(5);
});

test('nodes that judge a subscription at once deactivate it once, and leave one notice', async () => {
  const { a, b, workspaceId, subscription } = await arrange();
  const event = await publish(a.store, a.epoch, [subscription]);
  await a.store.recordAttempts(a.epoch, [aRecord(event, retryAt(T0))], T0);
  const notices = [a, b, a, b].map(({ store }) =>
    store.noticeFailing(workspaceId, subscription.id, aNotice('webhook.subscription.failing'), T0),
  );
  expect((await Promise.all(notices)).filter(Boolean)).toHaveLength(1);
  const deactivated = await Promise.all(
    [a, b, a, b].map(({ store }) =>
      store.deactivateSubscription(workspaceId, subscription.id, 'failing', aNotice(), T0),
    ),
  );
  expect(deactivated.filter(Boolean)).toMatchObject([{ status: 'deactivated', generation: 2 }]);
  const left = await b.store.listNotices(10);
  expect(left.map(({ eventType }) => eventType)).toEqual([
    'webhook.subscription.failing',
    'webhook.subscription.deactivated',
  ]);
  const ids = left.map(({ eventId }) => eventId);
  await Promise.all([a.store.removeNotices(ids), b.store.removeNotices(ids.toReversed())]);
  expect(await a.store.listNotices(10)).toEqual([]);
});

test('text with a NUL character is stored with another in its place, and found by it', async () => {
  const { a, workspaceId, subscription } = await arrange();
  const event = await publish(a.store, a.epoch, [subscription]);
  const changed = await a.store.updateSubscription(workspaceId, subscription.id, { description: 'a\0b' }, T0);
  expect(changed?.description).toBe('a\u{fffd}b');
  expect(await a.store.findSubscription(workspaceId, subscription.id)).toEqual(changed);
  const query = { sortBy: 'createdAt', sortOrder: 'asc', page: 1, limit: 10, search: 'A\0B' } as const;
  expect((await a.store.listSubscriptions(workspaceId, query)).total).toBe(1);
  const record = aRecord(event, { ...retryAt(T0), attempt: { error: 'said \0' } });
  expect(await a.store.recordAttempts(a.epoch, [record], T0)).toMatchObject([{ result: 'recorded' }]);
});
