import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import type { TestApp } from '../support/test-app.ts';
import { startTestApp } from '../support/test-app.ts';

const run = promisify(execFile);
const EXAMPLES = join(import.meta.dirname, '../../examples/clients');

let app: TestApp;
let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
  app = await startTestApp({ ca: receiver.ca });
});

afterAll(async () => {
  await app.stop();
  await receiver.close();
});

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

type IsGenuine = (rawBody: Uint8Array, signature: string | undefined, secret: string) => boolean;

test('the example that verifies believes what we signed, and survives whatever else a header may say', async () => {
  const { href } = pathToFileURL(join(EXAMPLES, 'verify.mjs'));
  const { isGenuine } = (await import(href)) as { isGenuine: IsGenuine };
  const secret = 'the secret you chose';
  await app.api.subscribe({ url: receiver.url('/verify'), events: ['crm.lead.created'], secret });
  await app.api.publish('crm.lead.created', { name: 'Zo\u00eb' });
  const [request] = await receiver.waitFor(1);
  if (request === undefined) throw new Error('There is one.');
  const signature = String(request.headers['x-webhook-signature']);
  expect(isGenuine(request.body, signature, secret)).toBe(true);
  expect(isGenuine(request.body, signature, 'another secret')).toBe(false);
  expect(isGenuine(Buffer.concat([request.body, Buffer.from(' ')]), signature, secret)).toBe(false);
  const forged = signature.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
  const hostile = [undefined, '', 'sha256=', forged, signature.replace(/.$/, '\u00e9'), 'x'.repeat(100_000)];
  for (const header of hostile)
    expect([header, isGenuine(request.body, header, secret)]).toEqual([header, false]);
});

test('the README shows the example that verifies as it is', () => {
  const code = readFileSync(join(EXAMPLES, 'verify.mjs'), 'utf8');
  expect(readFileSync(join(EXAMPLES, '../../README.md'), 'utf8')).toContain(code);
});
