import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { SpawnedServer } from '../support/server-process.ts';
import { spawnServer } from '../support/server-process.ts';
import type { TestFolder } from '../support/test-store.ts';
import { createTestFolder } from '../support/test-store.ts';

const run = promisify(execFile);

let folder: TestFolder;
/** As somebody who has set nothing about workspaces and tokens. */
let environment: Record<string, string>;
let server: SpawnedServer | undefined;

beforeAll(async () => {
  folder = await createTestFolder('');
  const { VELAHOOK_CA_FILE: _ca, ...rest } = folder.environment;
  // Nobody answers there: no name resolves, so that nothing is sent to anybody.
  environment = { ...rest, VELAHOOK_DNS_SERVERS: '127.0.0.1:1', VELAHOOK_ALLOW_NETWORKS: '' };
  delete environment['VELAHOOK_WORKSPACE_ID'];
  delete environment['VELAHOOK_TOKEN'];
});
afterAll(async () => {
  server?.kill('SIGKILL');
  await server?.exited;
  await folder.remove();
});

/** What a start prints until it listens, and what it answers to `ask` meanwhile. */
async function outputOf(more: Record<string, string>, ask?: (output: string) => Promise<void>) {
  server = spawnServer({ ...environment, ...more });
  await server.listening;
  if (ask !== undefined) {
    // Lines come one by one, and the URL's comes before those that are asked about.
    await vi.waitFor(() => expect(server?.output()).toContain('/api/v1/deliveries'));
    await ask(server.output());
  }
  server.kill('SIGTERM');
  expect(await server.exited).toEqual({ code: 0, signal: null });
  return server.output();
}

let first: string;
let later: string;

beforeAll(async () => {
  first = await outputOf({}, tryCommands);
  later = await outputOf({
    VELAHOOK_ALLOW_NETWORKS: '127.0.0.0/8,10.1.0.0/16',
    VELAHOOK_ALLOW_HOSTS: 'receiver.internal',
  });
});

/** Runs what the output says to run, letter by letter. */
async function tryCommands(output: string): Promise<void> {
  const commands = output.match(/^curl (?:.*\\\n)*.*$/gm) ?? [];
  expect(commands.length).toBeGreaterThanOrEqual(3);
  const answers: { success: boolean; data: Record<string, unknown> }[] = [];
  for (const command of commands) answers.push(JSON.parse((await run('bash', ['-c', command])).stdout));
  expect(answers.map(({ success }) => success)).toEqual(commands.map(() => true));
  const [, published, listed] = answers;
  expect(published?.data['event']).toMatchObject({ eventType: 'crm.lead.created', deliveries: 1 });
  expect(listed?.data['items']).toHaveLength(1);
}

test('the first start prints workspace, token and commands that work as they stand; a later one none of it', () => {
  const [token = ''] = /sk_live_[0-9A-Za-z]{43}/.exec(first) ?? [];
  expect(first).toMatch(/^ {2}Workspace {2}[0-9a-f]{24}$/m);
  expect(first).toContain(`  Token      ${token}\n`);
  expect(later).not.toContain('sk_live_');
});

test('what the operator has opened is said loudly at the start, and nothing of it when nothing is', () => {
  expect(first).not.toContain('WARNING');
  expect(later).toMatch(/^WARNING: .*127\.0\.0\.0\/8, 10\.1\.0\.0\/16$/m);
  expect(later).toMatch(/^WARNING: .*receiver\.internal$/m);
});
