import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { audit, drained, expectWholeStore } from '../support/audit.ts';
import { testCa } from '../support/certificates.ts';
import { Ledger } from '../support/ledger.ts';
import { Publisher } from '../support/load.ts';
import { startReceiver } from '../support/receiver.ts';
import { RestartingServer } from '../support/restarting-server.ts';
import { seededRandom } from '../support/seed.ts';
import { createServerFolder } from '../support/server-process.ts';

const KILLS = 32;
const EVENTS_PER_SECOND = 200;
/** Each has two subscriptions: many lanes, since one whose receiver fails now and then is held back. */
const TYPES = Array.from({ length: 8 }, (_, i) => `faults.type${i}.happened`);
/** Attempts to one are limited together; each answers within 200 ms. */
const ORIGINS = 4;
/** What is under way at two deaths in a row is attempted once more so far apart. */
const TIMEOUT_MS = 4_000;
/** Each delivery that two kills cut off has its last chance alone, a timeout apart: a few dozen take minutes. */
const DRAIN_MS_MAX = 240_000;

test(`${KILLS} kills at random moments lose nothing, and repeat only what was in flight`, async () => {
  const { seed, random } = seededRandom();
  process.stdout.write(`kill: seed ${seed}\n`);
  const ledger = new Ledger();
  const receivers = await Promise.all(
    Array.from({ length: ORIGINS }, () => startReceiver({ forgets: true })),
  );
  for (const receiver of receivers)
    receiver.respond(async (request) => {
      const arrival = ledger.arrived(request);
      const status = random() < 0.1 ? 500 : 200;
      await wait(random() * 200);
      ledger.answered(arrival, status);
      return { status };
    });
  const folder = createServerFolder(await testCa(), {
    VELAHOOK_RETRY_SCHEDULE: Array(12).fill('200ms').join(','),
  });
  const server = new RestartingServer(folder.environment);
  const publisher = new Publisher(() => server.access());
  try {
    await server.start();
    const pathOf = new Map<string, string>();
    const subscribe = async (path: string, type: string, n: number): Promise<void> => {
      const url = receivers[n % ORIGINS]?.url(path);
      pathOf.set((await server.api.subscribe({ url, events: [type], timeoutMs: TIMEOUT_MS }))._id, path);
    };
    const typeOf = (n: number): number => n % TYPES.length;
    for (const [n, type] of TYPES.entries()) {
      await subscribe(`/a${n}`, type, n);
      await subscribe(`/b${n}`, type, n + 1);
    }
    let isOver = false;
    const make = (n: number) => ({ eventType: TYPES[typeOf(n)] ?? '', eventId: `${seed}-${n}`, data: { n } });
    const publishing = publisher.atRate(EVENTS_PER_SECOND, make, () => isOver);
    let openMax = 0;
    for (let i = 0; i < KILLS; i++) {
      await wait(200 + random() * 1_300);
      openMax = Math.max(openMax, ledger.open);
      await server.kill();
      await server.start();
    }
    isOver = true;
    const published = await publishing;
    process.stdout.write(
      `kill: ${published.length} events taken, ready after ${server.readyMs.map(Math.round).join(' ')} ms\n`,
    );
    await drained(server.api, DRAIN_MS_MAX);

    const expected = new Set(
      published.flatMap((eventId, n) => [`/a${typeOf(n)} ${eventId}`, `/b${typeOf(n)} ${eventId}`]),
    );
    const verdict = ledger.judge(expected, server.deaths);
    const stored = await audit(server.api, published, expected, pathOf, ledger);
    const repeats = [...verdict.repeatsByRun.values()];
    const report = {
      kills: server.deaths.size,
      events: published.length,
      calls: {
        ok: publisher.count('ok'),
        duplicate: publisher.count('duplicate'),
        refused: publisher.count('refused'),
        unknown: publisher.count('unknown'),
      },
      requests: verdict.arrivals,
      states: stored.states,
      repeats: repeats.reduce((sum, count) => sum + count, 0),
      repeatsPerKillMax: Math.max(0, ...repeats),
      openAtKillMax: openMax,
      readyMsMax: Math.round(Math.max(...server.readyMs)),
    };
    process.stdout.write(`kill: ${JSON.stringify(report)}\n`);
    expect(verdict.violations).toEqual([]);
    expect(stored.violations).toEqual([]);
    expect(stored.states).toEqual({ succeeded: expected.size });
    expect(Math.max(...server.readyMs.slice(1))).toBeLessThan(5_000);
    // A run in which nothing was cut off would have proved nothing.
    expect(report.calls.unknown).toBeGreaterThan(0);
    expect(report.repeats).toBeGreaterThan(0);
    await server.stop();
    expectWholeStore(folder.environment['VELAHOOK_DATA_DIR'] ?? '');
  } finally {
    await server.stop();
    await publisher.close();
    await Promise.all(receivers.map((receiver) => receiver.close()));
    folder.remove();
  }
});
