import { afterAll, beforeAll, expect, test } from 'vitest';
import { SCOPES } from '../../src/domain/token.ts';
import { ApiClient } from '../support/api-client.ts';
import { testCa } from '../support/certificates.ts';
import type { TemporaryDatabase } from '../support/temporary-postgres.ts';
import { makeTemporaryDatabase } from '../support/temporary-postgres.ts';
import type { TestApp } from '../support/test-app.ts';
import { startTestApp } from '../support/test-app.ts';
import { environmentOf } from '../support/test-store.ts';
import { addWorkspace } from '../support/workspaces.ts';

const ADMIN_TOKEN = 'the-admin-token-of-two-nodes-at-once';
const READS = 100;
/** A tenth of a second's grace for the look-up itself, and a slow machine's own. */
const REVOKED_MS_MAX = 3_000;

let database: TemporaryDatabase;
let nodes: [TestApp, TestApp];

beforeAll(async () => {
  database = await makeTemporaryDatabase();
  const environment = {
    ...environmentOf(database),
    VELAHOOK_ADMIN_TOKEN: ADMIN_TOKEN,
    VELAHOOK_RATE_LIMITS: `read=${READS},write=10000`,
  };
  const ca = await testCa();
  const one = await startTestApp({ ca, environment });
  nodes = [one, await startTestApp({ ca, environment })];
});
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  await database.remove();
});

/** The same client at both nodes. */
function atBoth(access: { workspaceId: string; token: string }): [ApiClient, ApiClient] {
  const [one, two] = nodes.map(({ app }) => new ApiClient({ ...access, url: app.url }));
  return [one as ApiClient, two as ApiClient];
}

test('a limit is one for both nodes, to within a tenth and never over', async () => {
  const clients = atBoth(await addWorkspace(nodes[0].app.store));
  const statuses: number[] = [];
  for (let i = 0; i < 5; i++) {
    const calls = Array.from({ length: READS / 2 }, (_, k) =>
      clients[k % 2 === 0 ? 0 : 1].call('GET', '/events'),
    );
    statuses.push(...(await Promise.all(calls)).map(({ status }) => status));
  }
  const passed = statuses.filter((status) => status === 200).length;
  expect(passed).toBeLessThanOrEqual(READS);
  expect(passed).toBeGreaterThanOrEqual(READS * 0.9);
  expect(new Set(statuses)).toEqual(new Set([200, 429]));
});

test('a token made on one works on the other at once, and revoked on one nowhere a second later', async () => {
  const [here, there] = atBoth({ workspaceId: '', token: ADMIN_TOKEN });
  const { workspace } = await here.ok<{ workspace: { _id: string } }>('POST', '/workspaces', { name: 'Two' });
  const workspaceId = workspace._id;
  const draft = { workspaceId, name: 'x', scopes: SCOPES };
  const { token } = await there.ok<{ token: { _id: string; token: string } }>('POST', '/tokens', draft);
  const clients = atBoth({ workspaceId, token: token.token });
  for (const client of clients) expect((await client.call('GET', '/events')).status).toBe(200);
  await here.ok('DELETE', `/tokens/${token._id}`);
  expect((await clients[0].call('GET', '/events')).status).toBe(401);
  const revokedAt = performance.now();
  await expect.poll(async () => (await clients[1].call('GET', '/event-types')).status).toBe(401);
  expect(performance.now() - revokedAt).toBeLessThan(REVOKED_MS_MAX);
  const { items } = await there.ok<{ items: { action: string }[] }>(
    'GET',
    `/admin/audit?workspaceId=${workspaceId}`,
  );
  expect(items.map(({ action }) => action)).toEqual(['token.revoked', 'token.created', 'workspace.created']);
});

test('when a token was used last is written down, at the latest when a node stops', async () => {
  const access = await addWorkspace(nodes[0].app.store);
  const third = await startTestApp({
    ca: await testCa(),
    environment: { ...environmentOf(database), VELAHOOK_ADMIN_TOKEN: ADMIN_TOKEN },
  });
  const before = Date.now();
  await new ApiClient({ ...access, url: third.app.url }).ok('GET', '/events');
  await third.stop();
  const [admin] = atBoth({ workspaceId: '', token: ADMIN_TOKEN });
  const { items } = await admin.ok<{ items: { lastUsedAt: string }[] }>(
    'GET',
    `/tokens?workspaceId=${access.workspaceId}`,
  );
  expect(Date.parse(items[0]?.lastUsedAt ?? '')).toBeGreaterThanOrEqual(before);
});
