import { afterEach, beforeEach, expect, test } from 'vitest';
import { BrowserSession } from '../support/browser-session.ts';
import { testCa } from '../support/certificates.ts';
import { runCommand, startServerProcess, stopServerProcess } from '../support/server-process.ts';
import type { TestFolder } from '../support/test-store.ts';
import { createTestFolder } from '../support/test-store.ts';

const FORM = /sk_admin_[0-9A-Za-z]{43}/;

let folder: TestFolder;
beforeEach(async () => {
  folder = await createTestFolder(await testCa());
});
afterEach(() => folder.remove());

test('velahook admin-token makes a new one beside a running server, and the old one ends', async () => {
  const server = await startServerProcess(folder.environment);
  try {
    const url = server.api.access.url;
    const statusOf = async (token: string): Promise<number> =>
      (await fetch(`${url}/api/v1/workspaces`, { headers: { authorization: `Bearer ${token}` } })).status;
    const first = await runCommand(folder.environment, ['admin-token']);
    expect(first).toMatchObject({ code: 0, output: expect.stringMatching(FORM) });
    const one = FORM.exec(first.output)?.[0] ?? '';
    await expect.poll(() => statusOf(one)).toBe(200);
    const browser = await BrowserSession.start(url, one);
    expect((await browser.call('GET', '/workspaces')).status).toBe(200);
    const two = FORM.exec((await runCommand(folder.environment, ['admin-token'])).output)?.[0] ?? '';
    await expect.poll(() => statusOf(two)).toBe(200);
    expect(await statusOf(one)).toBe(401);
    expect((await browser.call('GET', '/workspaces')).status).toBe(401);
    const headers = { authorization: `Bearer ${two}` };
    const log = await (await fetch(`${url}/api/v1/admin/audit`, { headers })).text();
    expect(log.match(/"admin_token\.replaced"/g)).toHaveLength(2);
    expect(log).toContain('"kind":"operator"');
  } finally {
    await stopServerProcess(server);
  }
});

test('velahook admin-token says where the token is when the settings name it, or when there is no store', async () => {
  const named = { ...folder.environment, VELAHOOK_ADMIN_TOKEN: 'an-admin-token-of-my-own-choosing' };
  expect(await runCommand(named, ['admin-token'])).toMatchObject({
    code: 1,
    output: expect.stringContaining('VELAHOOK_ADMIN_TOKEN is the admin token'),
  });
  const nowhere = await runCommand(
    { ...folder.environment, VELAHOOK_DATA_DIR: '/nonexistent', DATABASE_URL: '' },
    ['admin-token'],
  );
  expect(nowhere).toMatchObject({ code: 1, output: expect.stringContaining('There is no store') });
});
