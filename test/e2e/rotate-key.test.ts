import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import type { ServerFolder, ServerProcess } from '../support/server-process.ts';
import {
  createServerFolder,
  runCommand,
  startServerProcess,
  stopServerProcess,
} from '../support/server-process.ts';

const EVENT = 'crm.lead.created';

let receiver: Receiver;
let folder: ServerFolder;
let server: ServerProcess;

beforeEach(async () => {
  receiver = await startReceiver();
  folder = createServerFolder(receiver.ca);
});

afterEach(async () => {
  await stopServerProcess(server);
  await receiver.close();
  folder.remove();
});

async function subscribe(path: string): Promise<void> {
  await server.api.subscribe({ url: receiver.url(path), events: [EVENT], secret: 'a-secret-of-sixteen' });
}

/** Publishes an event and resolves when it has arrived, signed, at each of the paths. */
async function arrivesAt(paths: readonly string[]): Promise<void> {
  const { eventId } = await server.api.publish(EVENT, {});
  for (const path of paths) {
    await receiver.waitFor(
      1,
      (request) =>
        request.path === path &&
        request.headers['webhook-id'] === eventId &&
        request.headers['x-webhook-signature'] !== undefined,
    );
  }
}

function keysInFile(): string[] {
  const path = join(folder.environment['VELAHOOK_DATA_DIR'] ?? '', 'encryption.key');
  return readFileSync(path, 'utf8').trim().split('\n');
}

test('the key of a data directory is exchanged under a running server, and a restart needs only the new one', async () => {
  server = await startServerProcess(folder.environment);
  await subscribe('/before');
  await arrivesAt(['/before']);
  const [old] = keysInFile();
  const rotating = runCommand(folder.environment, ['rotate-key']);
  await subscribe('/during');
  const rotated = await rotating;
  expect(rotated).toMatchObject({ code: 0 });
  expect(rotated.output).toMatch(/^[12] signing secrets are sealed under a new key/m);
  expect(keysInFile()).toHaveLength(1);
  expect(keysInFile()).not.toContain(old);
  await subscribe('/after');
  await arrivesAt(['/before', '/during', '/after']);
  await stopServerProcess(server);
  server = await startServerProcess(folder.environment);
  await arrivesAt(['/before', '/during', '/after']);
});

test('keys from outside are exchanged in the order they are given, and one alone is refused', async () => {
  const [old, next] = [randomBytes(32).toString('hex'), randomBytes(32).toString('hex')];
  const withKeys = (keys: string[]): Record<string, string> => ({
    ...folder.environment,
    VELAHOOK_ENCRYPTION_KEY: keys.join(','),
  });
  server = await startServerProcess(withKeys([old, next]));
  await subscribe('/hook');
  expect(await runCommand(withKeys([next]), ['rotate-key'])).toMatchObject({ code: 1 });
  const wrong = await runCommand(withKeys([next, randomBytes(32).toString('hex')]), ['rotate-key']);
  expect(wrong).toMatchObject({ code: 1 });
  expect(wrong.output).toMatch(/none of the keys opens what is sealed of 1 subscriptions or erasures/);
  const rotated = await runCommand(withKeys([next, old]), ['rotate-key']);
  expect(rotated).toMatchObject({ code: 0 });
  expect(rotated.output).toMatch(/^1 signing secrets are sealed under the first key now/m);
  await arrivesAt(['/hook']);
  await stopServerProcess(server);
  server = await startServerProcess(withKeys([next]));
  await arrivesAt(['/hook']);
});
