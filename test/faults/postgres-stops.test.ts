import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { badAnswers } from '../support/api-watch.ts';
import { Fleet } from '../support/fleet.ts';
import { startPostgresServer } from '../support/postgres-server.ts';

const EVENTS_PER_SECOND = 60;
/** A probe may have been answered, and is remembered for a second. */
const NOTICED_MS_MAX = 4_500;
const RESUMED_MS_MAX = 10_000;
const STOPPED_MS = 8_000;
const KILLS = 3;

test('a database that is stopped for a while, and killed, loses nothing, and nobody has to help', async () => {
  const postgres = await startPostgresServer();
  const fleet = await Fleet.open('postgres stops');
  try {
    for (let i = 0; i < 2; i++) await fleet.startNode(postgres.url);
    fleet.publishAtRate(EVENTS_PER_SECOND);
    await fleet.resumedSince(Date.now());
    const away = [];
    for (const signal of ['SIGINT', ...Array<'SIGKILL'>(KILLS).fill('SIGKILL')] as const) {
      await wait(1_000 + fleet.random() * 1_000);
      await postgres.stop(signal);
      const from = Date.now();
      await wait(signal === 'SIGINT' ? STOPPED_MS : fleet.random() * 2_000);
      const to = Date.now();
      await postgres.start();
      const back = Date.now();
      away.push({ signal, from, to, startMs: back - to, ...(await fleet.resumedSince(back)) });
    }
    const account = await fleet.account();
    const looks = fleet.watch.looks;
    const lookMsMax = Math.max(...looks.map(({ ms }) => ms));
    const told = away.map(({ from, to, ...rest }) => ({ ...rest, awayMs: to - from }));
    fleet.say(JSON.stringify({ ...account, lookMsMax, away: told }));

    expect(account.violations).toEqual([]);
    // No node died and no lease ended: whatever was attempted was recorded, however late.
    expect(account.repeats).toEqual({});
    expect(badAnswers(looks, fleet.publisher.calls)).toEqual([]);
    expect(account.calls.refused).toBeGreaterThan(0);
    for (const { from, to, readyMs, publishMs, deliverMs } of away) {
      const taken = fleet.publisher.calls.filter(
        ({ status, startedAt, ms }) => status === 202 && startedAt >= from && startedAt + ms < to,
      );
      expect(taken).toEqual([]);
      expect(Math.max(readyMs, publishMs, deliverMs)).toBeLessThan(RESUMED_MS_MAX);
      if (to - from < STOPPED_MS) continue;
      expect(fleet.watch.statuses('/readyz', from + NOTICED_MS_MAX, to)).toEqual(new Set([503]));
      expect(fleet.watch.statuses('/healthz', from, to)).toEqual(new Set([200]));
    }
  } finally {
    await fleet.close();
    await postgres.remove();
  }
});
