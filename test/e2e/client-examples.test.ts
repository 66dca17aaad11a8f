import { execFile } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testCa } from '../support/certificates.ts';
import type { TestApp } from '../support/test-app.ts';
import { startTestApp } from '../support/test-app.ts';

const run = promisify(execFile);
const EXAMPLES = join(import.meta.dirname, '../../examples/clients');

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp({ ca: await testCa() });
});

afterAll(() => app.stop());

/** Only host, token and workspace are put in. */
async function runExample(command: string, file: string): Promise<string> {
  const { url, token, workspaceId } = app.api.access;
  const { stdout } = await run(command, [join(EXAMPLES, file)], {
    env: { PATH: process.env['PATH'], HOST: url, TOKEN: token, WORKSPACE: workspaceId },
  });
  return stdout;
}

test('the curl example creates, lists, changes and deletes a subscription', async () => {
  const output = await runExample('bash', 'webhooks.sh');
  const [listed, changed, deleted] = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(listed.data.items).toHaveLength(1);
  expect(listed.data.pagination).toMatchObject({ page: 1, limit: 20, total: 1, totalPages: 1 });
  expect(changed.data.subscription).toMatchObject({
    active: false,
    status: 'inactive',
    events: ['crm.lead.created', 'crm.lead.stage_changed'],
  });
  expect(deleted).toMatchObject({ success: true, data: { deleted: true } });
});

test.each([
  [process.execPath, 'webhooks.mjs'],
  ['python3', 'webhooks.py'],
])('the example for %s creates, lists, changes and deletes a subscription', async (command, file) => {
  const output = await runExample(command, file);
  const [created, ...others] = output.toLowerCase().trim().split('\n');
  expect(created).toMatch(/^created [0-9a-f]{24}$/);
  expect(others).toEqual(['listed 1 of 1', 'changed false', 'deleted true']);
});
