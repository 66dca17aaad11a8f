import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { audit, drained, expectWholeStore, unfinished } from '../support/audit.ts';
import { Ledger } from '../support/ledger.ts';
import { Publisher } from '../support/load.ts';
import { startReceiver } from '../support/receiver.ts';
import { RestartingServer } from '../support/restarting-server.ts';
import { seededRandom } from '../support/seed.ts';
import { createServerFolder } from '../support/server-process.ts';

const ROUNDS = 20;
/** From ready to killed; shorter than what a supervisor waits before it starts a process again. */
const LIFE_MS = 700;
/** What is under way at two deaths in a row is attempted once more so far apart. */
const TIMEOUT_MS = 2_000;
const EVENTS = 6_000;
/** Events that go to the receiver that always fails. */
const HOPELESS = 150;
/** Three waits: four attempts. */
const SCHEDULE = '300ms,300ms,300ms';
const ATTEMPTS_MAX = 4;

test(`killed ${ROUNDS} times in a row, it makes progress each time and never exceeds the schedule`, async () => {
  const { seed, random } = seededRandom();
  process.stdout.write(`crash loop: seed ${seed}\n`);
  const receiver = await startReceiver({ forgets: true });
  const ledger = new Ledger();
  receiver.respond(async (request) => {
    const arrival = ledger.arrived(request);
    const isHopeless = request.path === '/hopeless';
    await wait(isHopeless ? 20 : 100 + random() * 50);
    const status = isHopeless ? 500 : 200;
    ledger.answered(arrival, status);
    return { status };
  });
  const folder = createServerFolder(receiver.ca, { VELAHOOK_RETRY_SCHEDULE: SCHEDULE });
  const server = new RestartingServer(folder.environment);
  const publisher = new Publisher(() => server.access());
  try {
    await server.start();
    const pathOf = new Map<string, string>();
    const good = await server.api.subscribe({
      url: receiver.url('/good'),
      events: ['faults.*'],
      timeoutMs: TIMEOUT_MS,
    });
    pathOf.set(good._id, '/good');
    const hopeless = await server.api.subscribe({
      url: receiver.url('/hopeless'),
      events: ['faults.hopeless.case'],
      timeoutMs: TIMEOUT_MS,
    });
    pathOf.set(hopeless._id, '/hopeless');
    const typeOf = (n: number): string => (n < HOPELESS ? 'faults.hopeless.case' : 'faults.good.case');
    const make = (n: number) => ({ eventType: typeOf(n), eventId: `l${n}`, data: { n } });
    const published = await publisher.all(EVENTS, 64, make);
    // As each run finds it in the store.
    const backlog = [await unfinished(server.api)];
    for (let i = 0; i < ROUNDS; i++) {
      await wait(LIFE_MS);
      await server.kill();
      await server.start();
      backlog.push(await unfinished(server.api));
    }
    await drained(server.api, 60_000);

    const expected = new Set(published.map((eventId) => `/good ${eventId}`));
    const hopelessOnes = published.slice(0, HOPELESS).map((eventId) => `/hopeless ${eventId}`);
    const all = new Set([...expected, ...hopelessOnes]);
    const stored = await audit(server.api, published, all, pathOf, ledger);
    const verdict = ledger.judge(all, server.deaths);
    const report = {
      backlog,
      requests: verdict.arrivals,
      repeats: [...verdict.repeatsByRun.values()].reduce((sum, count) => sum + count, 0),
      states: stored.states,
      readyMsMax: Math.round(Math.max(...server.readyMs)),
    };
    process.stdout.write(`crash loop: ${JSON.stringify(report)}\n`);
    backlog.slice(1).forEach((count, i) => expect(count).toBeLessThan(backlog[i] ?? 0));
    // A loop that goes on after the work is done proves nothing.
    expect(backlog.at(-1)).toBeGreaterThan(0);
    const isLost = (violation: string): boolean => violation.endsWith(': lost');
    expect(verdict.violations.filter((violation) => !isLost(violation))).toEqual([]);
    expect(verdict.delivered).toBe(expected.size);
    expect(stored.violations).toEqual([]);
    expect(stored.states).toEqual({ succeeded: expected.size, failed: HOPELESS });
    for (const { subscriptionId, attemptCount, failureReason } of stored.deliveries)
      if (subscriptionId === hopeless._id)
        expect([attemptCount, failureReason]).toEqual([ATTEMPTS_MAX, 'exhausted']);
    expect(Math.max(...ledger.all().map(({ number }) => number))).toBe(ATTEMPTS_MAX);
    await server.stop();
    expectWholeStore(folder.environment['VELAHOOK_DATA_DIR'] ?? '');
  } finally {
    await server.stop();
    await publisher.close();
    await receiver.close();
    folder.remove();
  }
});
