import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { drained, expectWholeStore } from '../support/audit.ts';
import { Ledger } from '../support/ledger.ts';
import { Publisher } from '../support/load.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import { RestartingServer } from '../support/restarting-server.ts';
import type { Exit } from '../support/server-process.ts';
import { spawnServer } from '../support/server-process.ts';
import type { TestFolder } from '../support/test-store.ts';
import { createTestFolder, IS_ON_POSTGRES } from '../support/test-store.ts';

const EVENT = 'crm.lead.created';
const GRACE_MS = 3_000;
/** After the grace: writing down what ended, giving lanes back, closing the store. */
const AFTER_GRACE_MS = 2_000;
const ORDERLY = { code: 0, signal: null };

let receiver: Receiver;
let folder: TestFolder;
let server: RestartingServer;
let publisher: Publisher | undefined;

beforeEach(async () => {
  receiver = await startReceiver();
  folder = await createTestFolder(receiver.ca, {
    VELAHOOK_SHUTDOWN_GRACE_MS: String(GRACE_MS),
    VELAHOOK_RETRY_SCHEDULE: '1s,1s,1s',
  });
  server = new RestartingServer(folder.environment);
});

afterEach(async () => {
  await publisher?.close();
  await server.kill();
  if (!IS_ON_POSTGRES) expectWholeStore(folder.environment['VELAHOOK_DATA_DIR'] ?? '');
  await receiver.close();
  await folder.remove();
});

/** Sends the signal; resolves with how the process ended and after how long. */
async function ending(signal: NodeJS.Signals): Promise<{ exit: Exit; ms: number }> {
  const at = performance.now();
  server.process.kill(signal);
  const exit = await server.process.exited;
  return { exit, ms: performance.now() - at };
}

/** A delivery as it is after the server was started again and nothing is pending any more. */
async function onlyDelivery(): Promise<object> {
  await drained(server.api, 15_000);
  const [delivery] = await server.api.deliveries();
  return server.api.delivery(delivery?._id ?? '');
}

describe('SIGTERM', () => {
  test('under load: nothing is taken any more, what is in flight ends, nothing is lost or repeated', async () => {
    const ledger = new Ledger();
    receiver.respond(async (request) => {
      const arrival = ledger.arrived(request);
      await wait(200);
      ledger.answered(arrival, 200);
      return {};
    });
    await server.start();
    await server.api.subscribe({ url: receiver.url('/a'), events: [EVENT] });
    publisher = new Publisher(() => server.api.access);
    let isOver = false;
    const make = (n: number) => ({ eventType: EVENT, eventId: `s${n}`, data: { n } });
    const publishing = publisher.atRate(150, make, () => isOver);
    await ledger.waitForSucceeded(100, 10_000);
    const { url } = server.api.access;
    const signalledAt = Date.now();
    const stopping = ending('SIGTERM');
    const answers: number[] = [];
    const asking = (async () => {
      for (let isUp = true; isUp;) {
        const answer = await fetch(`${url}/readyz`).catch(() => undefined);
        if (answer) answers.push(answer.status);
        isUp = answer !== undefined;
      }
    })();
    const { exit, ms } = await stopping;
    await asking;
    expect(exit).toEqual(ORDERLY);
    expect(ms).toBeLessThan(GRACE_MS + AFTER_GRACE_MS);
    // It may still answer what was asked before the signal got there.
    expect(answers.filter((status) => status === 200).length).toBeLessThanOrEqual(1);
    expect(ledger.open).toBe(0);
    const after = publisher.calls.filter(({ startedAt }) => startedAt > signalledAt);
    expect(after.some(({ outcome }) => outcome === 'refused' || outcome === 'unknown')).toBe(true);
    expect(after.filter(({ status }) => status !== null && ![202, 503].includes(status))).toEqual([]);

    await server.start();
    isOver = true;
    const published = await publishing;
    await drained(server.api, 20_000);
    const expected = new Set(published.map((eventId) => `/a ${eventId}`));
    // No run was killed: to the ledger any repetition is one too many.
    const verdict = ledger.judge(expected, new Map());
    expect(verdict.violations).toEqual([]);
    expect(verdict.arrivals).toBe(expected.size);
  });

  test('an attempt that outlasts the grace is made again, under the same number', async () => {
    receiver.respond({ hang: true });
    await server.start({ VELAHOOK_SHUTDOWN_GRACE_MS: '300' });
    await server.api.subscribe({ url: receiver.url(), events: [EVENT] });
    await server.api.publish(EVENT, { n: 1 });
    await receiver.waitFor(1);
    const { exit, ms } = await ending('SIGTERM');
    expect(exit).toEqual(ORDERLY);
    expect(ms).toBeLessThan(300 + AFTER_GRACE_MS);
    receiver.respond({});
    await server.start();
    const [first, again] = await receiver.waitFor(2);
    expect(await onlyDelivery()).toMatchObject({ state: 'succeeded', attemptCount: 1 });
    expect(again?.headers['x-webhook-attempt']).toBe('1');
    expect(again?.body).toEqual(first?.body);
    expect(receiver.requests).toHaveLength(2);
  });

  test('a second one ends at once, and the next start goes on', async () => {
    receiver.respond({ hang: true });
    await server.start({ VELAHOOK_LOG_LEVEL: 'info' });
    await server.api.subscribe({ url: receiver.url(), events: [EVENT] });
    await server.api.publish(EVENT, {});
    await receiver.waitFor(1);
    server.process.kill('SIGTERM');
    await expect.poll(() => server.process.output()).toContain('a second signal ends at once');
    const { exit, ms } = await ending('SIGTERM');
    expect(exit).toEqual({ code: 1, signal: null });
    expect(ms).toBeLessThan(1_000);
    receiver.respond({});
    await folder.endLeases();
    await server.start();
    await receiver.waitFor(2);
    expect(await onlyDelivery()).toMatchObject({ state: 'succeeded', attemptCount: 1 });
  });

  test('a hung receiver and clients that hold their connections do not keep the process', async () => {
    receiver.respond({ hang: true });
    await server.start({ VELAHOOK_SHUTDOWN_GRACE_MS: '500' });
    await server.api.subscribe({ url: receiver.url(), events: [EVENT] });
    await server.api.publish(EVENT, {});
    await receiver.waitFor(1);
    const { url, token, workspaceId } = server.api.access;
    const head = `POST /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n`;
    const clients = await Promise.all([
      holdConnection(url, ''),
      holdConnection(url, 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n', true),
      holdConnection(url, head),
      holdConnection(
        url,
        `${head}x-workspace-id: ${workspaceId}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"event`,
      ),
    ]);
    const { exit, ms } = await ending('SIGTERM');
    for (const client of clients) client.destroy();
    expect(exit).toEqual(ORDERLY);
    expect(ms).toBeLessThan(500 + AFTER_GRACE_MS);
  });

  test('while it starts, at whatever moment: it ends in order, and the next start is whole', async () => {
    await server.start();
    await server.api.subscribe({ url: receiver.url(), events: [EVENT] });
    await server.stop();
    for (const afterMs of [0, 200, 350, 500]) {
      const starting = spawnServer(folder.environment);
      await wait(afterMs);
      const at = performance.now();
      starting.kill('SIGTERM');
      const exit = await starting.exited;
      expect(performance.now() - at).toBeLessThan(AFTER_GRACE_MS);
      // Before Node itself is up, nobody is there to end in order; nothing was opened then either.
      expect([ORDERLY, { code: null, signal: 'SIGTERM' }]).toContainEqual(exit);
    }
    await server.start();
    await server.api.publish(EVENT, {});
    await receiver.waitFor(1);
    expect(await onlyDelivery()).toMatchObject({ state: 'succeeded' });
  });
});

/** A client that opens a connection, sends so much of a request, and waits for the answer if there is to be one. */
async function holdConnection(url: string, sent: string, isWhole = false): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  if (sent !== '') socket.write(sent);
  if (isWhole) await once(socket, 'data');
  else socket.resume();
  return socket;
}
