import { existsSync, statSync } from 'node:fs';
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
let other: ServerFolder;
let server: ServerProcess;

beforeEach(async () => {
  receiver = await startReceiver();
  folder = createServerFolder(receiver.ca);
  other = createServerFolder(receiver.ca);
  server = await startServerProcess(folder.environment);
});

afterEach(async () => {
  await stopServerProcess(server);
  await receiver.close();
  folder.remove();
  other.remove();
});

function backupFolder(): string {
  return join(folder.path, 'backup');
}

test('a backup made while events are published has every event answered before, and is delivered from', async () => {
  receiver.respondAt('/hook', { status: 500 });
  const subscription = await server.api.subscribe({
    url: receiver.url('/hook'),
    events: [EVENT],
    secret: 'a-secret-of-sixteen',
  });
  const answered: string[] = [];
  let isBackedUp = false;
  const publishing = (async () => {
    while (!isBackedUp) answered.push((await server.api.publish(EVENT, { n: answered.length })).eventId);
  })();
  await expect.poll(() => answered.length).toBeGreaterThan(50);
  const before = [...answered];
  const made = await runCommand(folder.environment, ['backup', backupFolder()]);
  isBackedUp = true;
  await publishing;
  expect(made).toMatchObject({ code: 0 });
  expect(made.output).toContain('beside it');
  for (const name of ['velahook.db', 'encryption.key'])
    expect(statSync(join(backupFolder(), name)).mode & 0o077).toBe(0);
  await stopServerProcess(server);

  expect(await runCommand(other.environment, ['restore', backupFolder()])).toMatchObject({ code: 0 });
  receiver.respondAt('/hook', { status: 200 });
  server = await startServerProcess(other.environment);
  for (const eventId of before)
    expect((await server.api.call('GET', `/events/${eventId}`)).body.data).toMatchObject({
      event: { eventId },
    });
  const secret = await server.api.ok<{ subscription: { hasSecret: boolean } }>(
    'GET',
    `/integrations/webhooks/${subscription._id}`,
  );
  expect(secret.subscription.hasSecret).toBe(true);
  const { eventId } = await server.api.publish(EVENT, { last: true });
  await receiver.waitFor(1, ({ headers }) => headers['webhook-id'] === eventId);
});

test('a backup is refused where there is one, and a restore where there is a store', async () => {
  expect((await runCommand(folder.environment, ['backup', backupFolder()])).code).toBe(0);
  const second = await runCommand(folder.environment, ['backup', backupFolder()]);
  expect(second).toMatchObject({ code: 1 });
  expect(second.output).toMatch(/is there already: name another folder/);

  const running = await runCommand(folder.environment, ['restore', backupFolder()]);
  expect(running).toMatchObject({ code: 1 });
  expect(running.output).toMatch(/in use by another process/);
  await stopServerProcess(server);
  const stopped = await runCommand(folder.environment, ['restore', backupFolder()]);
  expect(stopped).toMatchObject({ code: 1 });
  expect(stopped.output).toMatch(/has a store already/);
});

test('a restore without a backup leaves nothing behind that a start would trip over', async () => {
  const missing = await runCommand(other.environment, ['restore', backupFolder()]);
  expect(missing).toMatchObject({ code: 1 });
  expect(missing.output).toMatch(/There is no backup in /);
  expect(existsSync(join(other.environment['VELAHOOK_DATA_DIR'] ?? '', 'velahook.db'))).toBe(false);
});

test('a command that does not exist, or lacks what it needs, says how it is used', async () => {
  const unknown = await runCommand(folder.environment, ['bakcup']);
  expect(unknown).toMatchObject({ code: 2 });
  expect(unknown.output).toMatch(/no command "bakcup"[^]*backup <folder>/);
  const bare = await runCommand(folder.environment, ['backup']);
  expect(bare).toMatchObject({ code: 2 });
  expect(bare.output).toMatch(/Usage: velahook backup <folder>/);
});
