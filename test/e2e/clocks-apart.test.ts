import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { drained } from '../support/audit.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import type { TemporaryDatabase } from '../support/temporary-postgres.ts';
import { makeTemporaryDatabase } from '../support/temporary-postgres.ts';
import type { TestApp } from '../support/test-app.ts';
import { startTestApp } from '../support/test-app.ts';
import { environmentOf } from '../support/test-store.ts';

const EVENT = 'crm.lead.created';
const APART_MS = 5 * 60_000;
/** More than are committed with an event: the rest is matched again, perhaps by another node. */
const SUBSCRIPTIONS = 130;

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

/** A node whose clock is ahead of the others' by so long. */
async function startNode(aheadMs: number, more: Record<string, string> = {}): Promise<TestApp> {
  const clock = { ...systemClock, now: () => Date.now() + aheadMs };
  const environment = { ...environmentOf(database), ...more };
  const node = await startTestApp({ ca: receiver.ca, environment, ports: { clock } });
  nodes.push(node);
  return node;
}

describe('of nodes whose clocks are minutes apart', () => {
  test('one publishes to all that was subscribed on another before', async () => {
    const ahead = await startNode(APART_MS);
    const right = await startNode(0);
    for (let i = 0; i < SUBSCRIPTIONS; i += 10)
      await Promise.all(
        Array.from({ length: 10 }, (_, k) =>
          ahead.api.subscribe({ url: receiver.url(`/all-${i + k}`), events: [EVENT] }),
        ),
      );
    const { deliveries } = await right.api.publish(EVENT, {});
    expect(deliveries).toBe(SUBSCRIPTIONS);
    await receiver.waitFor(SUBSCRIPTIONS);
    await drained(right.api, 20_000);
    expect(new Set(receiver.requests.map(({ path }) => path)).size).toBe(SUBSCRIPTIONS);
  });

  test('one delivers at once what another has published', async () => {
    const right = await startNode(0);
    await right.api.subscribe({ url: receiver.url(), events: [EVENT] });
    await right.api.publish(EVENT, { n: 1 });
    await receiver.waitFor(1);
    // Nobody else could deliver it.
    const ahead = await startNode(APART_MS, { VELAHOOK_ROLE: 'api' });
    await ahead.api.publish(EVENT, { n: 2 });
    expect(await receiver.waitFor(2)).toHaveLength(2);
  });

  test('one that is behind delivers at once what others have published', async () => {
    const behind = await startNode(-APART_MS);
    await behind.api.subscribe({ url: receiver.url(), events: [EVENT] });
    await behind.api.publish(EVENT, { n: 1 });
    await receiver.waitFor(1);
    const right = await startNode(0, { VELAHOOK_ROLE: 'api' });
    await right.api.publish(EVENT, { n: 2 });
    expect(await receiver.waitFor(2)).toHaveLength(2);
  });

  test('one that only takes events in leaves lanes that are ready at once', async () => {
    await startNode(0, { VELAHOOK_ROLE: 'delivery' });
    const ahead = await startNode(APART_MS, { VELAHOOK_ROLE: 'api' });
    await ahead.api.subscribe({ url: receiver.url(), events: [EVENT] });
    await ahead.api.publish(EVENT, {});
    expect(await receiver.waitFor(1)).toHaveLength(1);
  });
});
