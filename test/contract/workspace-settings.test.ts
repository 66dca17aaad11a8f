import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ApiClient } from '../support/api-client.ts';
import type { RunningApp } from './running-app.ts';
import { startContractApp } from './running-app.ts';

const SETTINGS = '/workspace/settings';
const DEFAULTS = { retentionDays: null, effectiveRetentionDays: 20, redactionPaths: [], portal: null };

let running: RunningApp;
/** A workspace of its own for each test. */
let api: ApiClient;
beforeAll(async () => {
  running = await startContractApp({ VELAHOOK_RETENTION_DAYS: '20' });
});
beforeEach(async () => {
  api = await running.addWorkspace();
});
afterAll(() => running.stop());

async function patch(change: unknown): Promise<unknown> {
  return (await api.ok<{ settings: unknown }>('PATCH', SETTINGS, change)).settings;
}

test('a workspace sees what holds for it, and changes one thing at a time', async () => {
  expect(await api.ok('GET', SETTINGS)).toEqual({ settings: DEFAULTS });
  expect(await patch({ retentionDays: 7 })).toEqual({
    ...DEFAULTS,
    retentionDays: 7,
    effectiveRetentionDays: 7,
  });
  const paths = ['$.customer.email', `$['odd name'][*]`];
  expect(await patch({ redactionPaths: paths })).toMatchObject({ retentionDays: 7, redactionPaths: paths });
  expect(await patch({})).toMatchObject({ retentionDays: 7, redactionPaths: paths });
  expect(await patch({ retentionDays: null, redactionPaths: [] })).toEqual(DEFAULTS);
  expect(await api.ok('GET', SETTINGS)).toEqual({ settings: DEFAULTS });
});

test('every change leaves an entry in the audit log', async () => {
  await patch({ retentionDays: 7, redactionPaths: [] });
  const { items } = await api.ok<{ items: unknown[] }>('GET', '/audit');
  const fields = ['retentionDays', 'redactionPaths'];
  const targetId = api.access.workspaceId;
  expect(items).toMatchObject([{ action: 'workspace.changed', targetId, fields }]);
});

test('mistakes are told all at once, and nothing is changed', async () => {
  const answer = await api.call('PATCH', SETTINGS, {
    retentionDays: 21,
    redactionPaths: ['$.fine', 'customer.email', '$'],
  });
  expect(answer.status).toBe(422);
  const { errors = [] } = answer.body.error?.details ?? {};
  expect(errors.map(({ path }) => path)).toEqual(['retentionDays', 'redactionPaths[1]', 'redactionPaths[2]']);
  expect(errors[0]?.message).toContain('1 to 20');
  const both = await api.call('PATCH', SETTINGS, {
    retentionDays: 'long',
    redactionPaths: ['customer.email', 7, ...Array<string>(100).fill('$.a')],
    portal: { frameAncestors: ['https://a.example/path', 7], title: 5, primaryColor: 'red', size: 1 },
    else: 1,
  });
  const paths = both.body.error?.details?.errors.map(({ path }) => path).toSorted();
  expect(paths).toEqual([
    'else',
    'portal.frameAncestors[0]',
    'portal.frameAncestors[1]',
    'portal.primaryColor',
    'portal.size',
    'portal.title',
    'redactionPaths',
    'redactionPaths[0]',
    'redactionPaths[1]',
    'retentionDays',
  ]);
  const typed = await api.call('PATCH', SETTINGS, { retentionDays: 0, redactionPaths: 'x', else: 1 });
  expect(typed.body.error?.details?.errors.map(({ path }) => path).toSorted()).toEqual([
    'else',
    'redactionPaths',
    'retentionDays',
  ]);
  expect(await api.ok('GET', SETTINGS)).toEqual({ settings: DEFAULTS });
});

test('they are the workspace’s own, and need their scopes', async () => {
  await patch({ retentionDays: 7 });
  expect(await running.api.ok('GET', SETTINGS)).toEqual({ settings: DEFAULTS });
  const reader = await running.addToken({ scopes: ['workspace:read'] });
  expect((await reader.call('GET', SETTINGS)).status).toBe(200);
  expect((await reader.call('PATCH', SETTINGS, {})).status).toBe(403);
  const other = await running.addToken({ scopes: ['events:read', 'integrations:write'] });
  expect((await other.call('GET', SETTINGS)).body.error?.message).toContain('workspace:read');
});
