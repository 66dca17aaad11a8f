import { readFileSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { drained, expectWholeStore } from '../support/audit.ts';
import { testCa } from '../support/certificates.ts';
import { Ledger } from '../support/ledger.ts';
import { Publisher } from '../support/load.ts';
import { startReceiver } from '../support/receiver.ts';
import { RestartingServer } from '../support/restarting-server.ts';
import { createServerFolder } from '../support/server-process.ts';

const DELIVERIES = 100_000;
/** Each event goes to all of them. */
const SUBSCRIPTIONS = 10;
const EVENTS = DELIVERIES / SUBSCRIPTIONS;
/** Attempts to one are limited together. */
const ORIGINS = 2;
const PUBLISHERS = 64;
/** As `npm start` does it, but for the build. */
const COMMAND = ['--max-semi-space-size=2', '--heap-growing-percent=20', 'src/main.ts'];
const EVENT = 'crm.lead.created';
const READY_MS_MAX = 5_000;
const FIRST_DELIVERY_MS_MAX = 2_000;
/** What a start with the whole backlog may hold more than one with none. */
const MEMORY_MIB_MAX = 150;

test(`${DELIVERIES} pending deliveries survive a kill: ready at once, delivered soon, none lost`, async () => {
  const ledger = new Ledger();
  const receivers = await Promise.all(
    Array.from({ length: ORIGINS }, () => startReceiver({ forgets: true })),
  );
  // As a receiver that is stuck: it takes requests and answers none.
  for (const receiver of receivers)
    receiver.respond((request) => {
      ledger.arrived(request);
      return { hang: true };
    });
  const folder = createServerFolder(await testCa());
  const server = new RestartingServer(folder.environment, COMMAND);
  const publisher = new Publisher(() => server.access());
  try {
    await server.start();
    const emptyMib = memoryMib(server.process.pid);
    const paths = Array.from({ length: SUBSCRIPTIONS }, (_, i) => `/s${i}`);
    for (const [i, path] of paths.entries()) {
      const url = receivers[i % ORIGINS]?.url(path);
      await server.api.subscribe({ url, events: [EVENT], timeoutMs: 30_000 });
    }
    const publishing = performance.now();
    const make = (n: number) => ({ eventType: EVENT, eventId: `b${n}`, data: { n } });
    const published = await publisher.all(EVENTS, PUBLISHERS, make);
    const publishedS = (performance.now() - publishing) / 1000;
    const heldMib = memoryMib(server.process.pid);
    const inFlight = ledger.open;
    await server.kill();

    for (const receiver of receivers)
      receiver.respond((request) => {
        ledger.answered(ledger.arrived(request), 200);
        return {};
      });
    await server.start();
    const ready = performance.now();
    await ledger.waitForSucceeded(1, FIRST_DELIVERY_MS_MAX);
    const firstMs = performance.now() - ready;
    let peakMib = 0;
    while (ledger.succeeded < DELIVERIES && performance.now() - ready < 180_000) {
      peakMib = Math.max(peakMib, memoryMib(server.process.pid));
      await wait(100);
    }
    const deliveredS = (performance.now() - ready) / 1000;
    await drained(server.api, 20_000);

    const expected = new Set(paths.flatMap((path) => published.map((eventId) => `${path} ${eventId}`)));
    const verdict = ledger.judge(expected, server.deaths);
    const repeats = verdict.arrivals - verdict.delivered;
    const report = {
      published: `${Math.round(EVENTS / publishedS)} events/s`,
      readyMs: Math.round(server.readyMs[1] ?? 0),
      firstDeliveryMs: Math.round(firstMs),
      delivered: `${Math.round(DELIVERIES / deliveredS)} deliveries/s`,
      inFlightAtKill: inFlight,
      repeats,
      memoryMib: { empty: emptyMib, whilePublishing: heldMib, whileDelivering: peakMib },
    };
    process.stdout.write(`backlog: ${JSON.stringify(report)}\n`);
    expect(verdict.violations).toEqual([]);
    expect(verdict.delivered).toBe(DELIVERIES);
    expect(repeats).toBe(inFlight);
    expect(report.readyMs).toBeLessThan(READY_MS_MAX);
    expect(peakMib - emptyMib).toBeLessThan(MEMORY_MIB_MAX);
    await server.stop();
    expectWholeStore(folder.environment['VELAHOOK_DATA_DIR'] ?? '');
  } finally {
    await server.stop();
    await publisher.close();
    await Promise.all(receivers.map((receiver) => receiver.close()));
    folder.remove();
  }
});

/** Resident memory of a process, from Linux's `/proc`. */
function memoryMib(pid: number): number {
  const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kib ?? 0) / 1024);
}
