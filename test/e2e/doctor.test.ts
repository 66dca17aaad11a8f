import { createHash, randomBytes } from 'node:crypto';
import { closeSync, openSync, readdirSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { issueCertificate } from '../support/certificates.ts';
import { startDnsServer } from '../support/dns-server.ts';
import type { Report } from '../support/doctor-report.ts';
import { runDoctor } from '../support/doctor-report.ts';
import { freePort } from '../support/free-port.ts';
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
const HOUR_MS = 3_600_000;

let receiver: Receiver;
let folder: ServerFolder;
let dataDir: string;

beforeEach(async () => {
  receiver = await startReceiver();
  folder = createServerFolder(receiver.ca, { PORT: String(await freePort()) });
  dataDir = folder.environment['VELAHOOK_DATA_DIR'] ?? '';
});

afterEach(async () => {
  await receiver.close();
  folder.remove();
});

function examine(more: Record<string, string> = {}): Promise<Report> {
  return runDoctor({ ...folder.environment, ...more });
}

/** A server that has delivered an event, and is stopped or killed. */
async function leaveStore(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  const server = await startServerProcess(folder.environment);
  await server.api.subscribe({ url: receiver.url('/hook'), events: [EVENT] });
  await server.api.publish(EVENT, {});
  await receiver.waitFor(1);
  server.kill(signal);
  await server.exited;
}

/** A statement on the store that nobody has open. */
function change(sql: string): void {
  const db = new DatabaseSync(join(dataDir, 'velahook.db'));
  db.exec(sql);
  db.close();
}

function fingerprints(): [string, string][] {
  const hash = (name: string): string =>
    createHash('sha256')
      .update(readFileSync(join(dataDir, name)))
      .digest('hex');
  return readdirSync(dataDir)
    .toSorted()
    .map((name) => [name, hash(name)]);
}

describe('beside a running server', () => {
  let server: ServerProcess;

  beforeEach(async () => {
    server = await startServerProcess(folder.environment);
  });

  afterEach(() => stopServerProcess(server));

  test('all is well, and receivers are reached without a request', async () => {
    await server.api.subscribe({ url: receiver.url('/one'), events: [EVENT] });
    await server.api.subscribe({ url: receiver.url('/two'), events: [EVENT] });
    const report = await examine();
    expect(report.code).toBe(0);
    expect(report.bad).toEqual([]);
    expect(report.of('readiness')).toEqual([expect.stringMatching(/^ok The server at http:\S+ is ready/)]);
    expect(report.of('schema')).toEqual([expect.stringMatching(/^ok The store is at migration \d+, /)]);
    expect(report.of('writes')).toEqual(['ok The server commits.']);
    expect(report.of('integrity')).toEqual(['ok The file is sound.']);
    expect(report.of('key')).toEqual(['ok It opens all 2 signing secrets.']);
    expect(report.of('nodes')).toEqual(['ok 1 node is live.']);
    expect(report.of('https')).toEqual([expect.stringMatching(/^ok https:\S+ is reached in \d+ ms/)]);
    expect(receiver.connections).toBe(1);
    expect(receiver.requests).toEqual([]);
    // What the test has opened is told.
    expect(report.of('settings').join()).toMatch(/VELAHOOK_ALLOW_NETWORKS.*VELAHOOK_RATE_LIMITS/);
    // The data directory is still the server's alone.
    expect((await runCommand(folder.environment, ['migrate'])).output).toMatch(/in use by another process/);
    expect(await server.api.publish(EVENT, {})).toMatchObject({ deliveries: 2 });
  });

  test('each receiver that cannot be reached is told, with the reason', async () => {
    const selfSigned = await startReceiver({ certificate: await issueCertificate({ selfSigned: true }) });
    const closed = await freePort();
    for (const url of [selfSigned.url(), receiver.url(), `https://127.0.0.1:${closed}/`])
      await server.api.subscribe({ url, events: [EVENT] });
    const { of, code } = await examine();
    expect(of('https').toSorted()).toEqual([
      expect.stringMatching(/^ok .* is reached in/),
      expect.stringMatching(/^warn .* is not reached/),
      expect.stringMatching(/^warn .* is not reached/),
    ]);
    expect(of('https').join()).toMatch(/: The certificate is self-signed\./);
    expect(of('https').join()).toMatch(/: The connection was refused\./);
    expect(code).toBe(0);
    const guarded = await examine({ VELAHOOK_ALLOW_NETWORKS: '' });
    for (const line of guarded.of('https')) expect(line).toMatch(/^warn .*The address is not allowed\./);
    await selfSigned.close();
  });

  test('a server of other settings is missed', async () => {
    const report = await examine({ PORT: String(await freePort()) });
    expect(report.of('readiness')).toEqual([expect.stringMatching(/^warn A process has the data directory/)]);
  });
});

describe('without a server', () => {
  test('nothing is changed', async () => {
    await leaveStore();
    const before = fingerprints();
    const report = await examine();
    expect(report.code).toBe(0);
    expect(report.of('readiness')).toEqual([expect.stringMatching(/^ok No server runs/)]);
    expect(report.of('writes')).toEqual(['ok The files can be written.']);
    expect(report.of('nodes')).toEqual(['ok 0 nodes are live.']);
    expect(fingerprints()).toEqual(before);
  });

  test('nothing is made where there is no store', async () => {
    const report = await examine();
    expect(report.of('store')).toEqual([expect.stringMatching(/^ok There is none in .* yet/)]);
    expect(() => statSync(dataDir)).toThrow('ENOENT');
  });

  test('a killed one is missed', async () => {
    await leaveStore('SIGKILL');
    const report = await examine();
    expect(report.of('nodes')).toEqual([expect.stringMatching(/^warn .*1 ended without a word/)]);
    expect(report.code).toBe(0);
  });

  test('a wrong key, and a lost one, are told', async () => {
    await leaveStore();
    const wrong = await examine({ VELAHOOK_ENCRYPTION_KEY: randomBytes(32).toString('hex') });
    expect(wrong).toMatchObject({ code: 1, bad: ['key'] });
    expect(wrong.of('key')).toEqual([expect.stringMatching(/^bad It does not open 1 of 1 signing secrets/)]);
  });

  test('a damaged store is told', async () => {
    await leaveStore();
    const path = join(dataDir, 'velahook.db');
    const file = openSync(path, 'r+');
    for (let at = 4096; at < statSync(path).size; at += 4096)
      writeSync(file, Buffer.alloc(64, 0xa5), 0, 64, at);
    closeSync(file);
    const report = await examine();
    expect(report.code).toBe(1);
    expect(report.bad.length).toBeGreaterThan(0);
    expect(
      report.bad.every((check) => ['store', 'integrity', 'key', 'backlog', 'https'].includes(check)),
    ).toBe(true);
  });

  test('a store of a newer version is told', async () => {
    await leaveStore();
    change(`INSERT INTO schema_migrations VALUES (999, 'later', 999, 0)`);
    const report = await examine();
    expect(report).toMatchObject({ code: 1, bad: ['schema'] });
    change('UPDATE schema_migrations SET compatible_from = 1 WHERE version = 999');
    expect((await examine()).of('schema')).toEqual([
      expect.stringMatching(/^ok .*newer version that this one can work with/),
    ]);
  });

  test('what is late is told, and whose doing it is', async () => {
    await leaveStore();
    const due = Date.now() - 2 * HOUR_MS;
    change(`UPDATE deliveries SET state = 'pending', due_at = ${due}, finished_at = NULL;
            INSERT OR REPLACE INTO lanes (subscription_seq, workspace_seq, ready_at) VALUES (1, 1, ${due})`);
    const late = await examine();
    expect(late).toMatchObject({ code: 1, bad: ['backlog'] });
    expect(late.of('backlog')).toEqual([
      expect.stringMatching(/^bad 1 deliveries are pending; the oldest was due 2 h ago/),
    ]);
    change(
      `INSERT INTO subscription_health (subscription_seq, failing_since, failed_deliveries) VALUES (1, ${due}, 0)`,
    );
    const failing = await examine();
    expect(failing.code).toBe(0);
    expect(failing.of('failing')).toEqual([
      expect.stringMatching(/^warn 1 subscriptions fail, the first for 2 h/),
    ]);
  });
});

describe('the rest of the machine', () => {
  test('all mistakes of the settings are told, and nothing else is looked at', async () => {
    const report = await examine({ VELAHOOK_MAX_DATA_BYTES: 'much', VELAHOOK_RETENTION_DAYS: '0' });
    expect(report).toMatchObject({ code: 1, bad: ['settings', 'settings'] });
    expect(report.of('dns')).toEqual([]);
  });

  test('a resolver that answers nothing is told; that a name does not exist is an answer', async () => {
    const [alive, dead] = [
      await startDnsServer(() => undefined),
      await startDnsServer(() => undefined, { isDead: true }),
    ];
    const both = await examine({ VELAHOOK_DNS_SERVERS: `${alive.address},${dead.address}` });
    expect(both.of('dns')).toEqual([
      expect.stringMatching(/^ok .* answers within/),
      expect.stringMatching(/^warn .* does not answer/),
    ]);
    expect(both.code).toBe(0);
    const one = await examine({ VELAHOOK_DNS_SERVERS: dead.address });
    expect(one).toMatchObject({ code: 1, bad: ['dns'] });
    await alive.close();
    await dead.close();
  });
});
