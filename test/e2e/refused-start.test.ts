import {
  closeSync,
  cpSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ServerFolder } from '../support/server-process.ts';
import {
  createServerFolder,
  spawnServer,
  startServerProcess,
  stopServerProcess,
} from '../support/server-process.ts';
import { testCa } from '../support/certificates.ts';

let folder: ServerFolder;
let storePath: string;
/** The data of a server that ended in good order, with something in it. */
let whole: ServerFolder;

beforeAll(async () => {
  whole = createServerFolder(await testCa());
  const server = await startServerProcess(whole.environment);
  await server.api.publish('crm.lead.created', { padding: 'x'.repeat(200_000) });
  await stopServerProcess(server);
});

afterAll(() => whole.remove());

beforeEach(async () => {
  folder = createServerFolder(await testCa());
  const dataDir = folder.environment['VELAHOOK_DATA_DIR'] ?? '';
  cpSync(whole.environment['VELAHOOK_DATA_DIR'] ?? '', dataDir, { recursive: true });
  storePath = join(dataDir, 'velahook.db');
});

afterEach(() => folder.remove());

/** Starts the server where it should not start; answers what it said. */
async function refusal(): Promise<string> {
  const server = spawnServer(folder.environment);
  expect(await server.exited).toEqual({ code: 1, signal: null });
  expect(server.output()).toMatch(/^Velahook cannot start: /m);
  expect(server.output()).not.toMatch(/Listening|\n\s+at /);
  return server.output();
}

test('a second process on a data directory is refused, and the first one does not notice', async () => {
  const first = await startServerProcess(folder.environment);
  expect(await refusal()).toContain('in use by another process');
  expect(await first.api.publish('crm.lead.created', {}, { eventId: 'still-here' })).toMatchObject({
    duplicate: false,
  });
  // The lock goes with its process, however that ends.
  first.kill('SIGKILL');
  await first.exited;
  const next = await startServerProcess(folder.environment);
  expect((await next.api.call('GET', '/events/still-here')).status).toBe(200);
  await stopServerProcess(next);
});

test('a damaged store is refused and left as it is', async () => {
  const file = openSync(storePath, 'r+');
  const { size } = statSync(storePath);
  // Every page but the first, whose loss SQLite would notice at once.
  for (let at = 4096; at < size; at += 4096) writeSync(file, Buffer.alloc(64, 0xa5), 0, 64, at);
  closeSync(file);
  const damaged = readFileSync(storePath);
  expect(await refusal()).toMatch(/velahook\.db is damaged/);
  expect(readFileSync(storePath).equals(damaged)).toBe(true);
});

test('a store that was cut short is refused', async () => {
  truncateSync(storePath, statSync(storePath).size / 2);
  expect(await refusal()).toMatch(/velahook\.db is damaged/);
});

test('a file that is no store is refused', async () => {
  writeFileSync(storePath, 'These are not the bytes you are looking for.\n'.repeat(1_000));
  expect(await refusal()).toMatch(/velahook\.db/);
});

test('a store that has vanished is not made anew in silence', async () => {
  truncateSync(storePath, 0);
  expect(await refusal()).toMatch(/missing or empty/);
});
