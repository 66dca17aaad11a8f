import { execFile } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BrowserSession } from '../support/browser-session.ts';
import type { RunningApp } from './running-app.ts';
import { startContractApp } from './running-app.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');
/** Where every page says that the server is. */
const DOCUMENTED_URL = 'http://127.0.0.1:4000';
const FILES = ['README.md', ...globSync('docs/**/*.md', { cwd: ROOT })];

interface Example {
  file: string;
  command: string;
}

/** What has no end is listened to for a moment only, and shown with its head. */
const STREAMED = 'curl -N ';

async function outputOf(command: string): Promise<string> {
  const bounded = command.replace(STREAMED, 'curl -N -i --max-time 1 ');
  const asked = run('bash', ['-euc', bounded], { env: environment, cwd: folder });
  const { stdout } = await asked.catch((error: unknown) => {
    if (bounded === command) throw error;
    return error as { stdout: string };
  });
  return stdout;
}

/** Every `curl` of the shell blocks, with the lines that go on with it. */
function examplesOf(file: string): Example[] {
  const blocks = [...readFileSync(join(ROOT, file), 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm)];
  const commands = blocks.flatMap(([, block = '']) =>
    block.split(/\n(?=curl |#|\n)/).map((each) => each.trim()),
  );
  return commands.filter((each) => each.startsWith('curl ')).map((command) => ({ file, command }));
}

let running: RunningApp;
let environment: Record<string, string | undefined>;
/** Where the files are that examples send. */
let folder: string;
beforeAll(async () => {
  running = await startContractApp();
  folder = mkdtempSync(join(tmpdir(), 'velahook-examples-'));
  writeFileSync(
    join(folder, 'openapi.json'),
    '{"openapi":"3.1.0","webhooks":{"shop.order.shipped":{"post":{}}}}',
  );
  const { api } = running;
  const { _id } = await api.subscribe({ url: 'https://receiver.velahook-example.com/', events: ['*'] });
  const { eventId } = await api.publish('crm.lead.created', { leadId: 'lead_1' });
  const [delivery] = await api.deliveries();
  const browser = await BrowserSession.start(running.app.url, api.access.token);
  const { link } = await api.ok<{ link: { url: string } }>('POST', '/portal/links');
  const code = new URL(link.url).hash.slice(1);
  const { bearer } = await api.ok<{ bearer: string }>('POST', '/portal/exchange', { code });
  environment = {
    PATH: process.env['PATH'],
    TOKEN: api.access.token,
    WORKSPACE: api.access.workspaceId,
    ADMIN: running.admin.access.token,
    SUBSCRIPTION: _id,
    EVENT: eventId,
    DELIVERY: delivery?._id,
    SESSION: browser.cookie,
    ANTI_FORGERY: browser.session.antiForgeryToken,
    CODE: code,
    BEARER: bearer,
  };
});
afterAll(async () => {
  await running.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('an example in the documentation', () => {
  it.each(FILES.flatMap(examplesOf))('of $file works as it stands: $command', async ({ command }) => {
    const answer = await outputOf(command.replaceAll(DOCUMENTED_URL, running.app.url));
    if (command.startsWith(STREAMED)) expect(answer).toMatch(/^HTTP\/1\.1 200 [^]*text\/event-stream/);
    else expect(JSON.parse(answer)).toMatchObject({ success: true });
  });

  it('is in a block that is marked as shell, or it would not be tried', () => {
    for (const file of FILES) {
      const text = readFileSync(join(ROOT, file), 'utf8');
      const all = text.match(/^\s*(?:\$ )?curl /gm) ?? [];
      expect([file, all.length]).toEqual([file, examplesOf(file).length]);
    }
  });
});
