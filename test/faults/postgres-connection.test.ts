import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { expect, test } from 'vitest';
import { badAnswers } from '../support/api-watch.ts';
import type { Resumed } from '../support/fleet.ts';
import { Fleet } from '../support/fleet.ts';
import type { PostgresServer } from '../support/postgres-server.ts';
import { startPostgresServer } from '../support/postgres-server.ts';
import type { Fate, TcpProxy } from '../support/tcp-proxy.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const EVENTS_PER_SECOND = 60;
const COMMITS_CUT = 30;
const FATES: readonly Fate[] = ['lost', 'unanswered', 'late'];
const HALF_OPEN_MS = 20_000;
const USED_UP_MS = 10_000;
const LOCKED_MS = 5_000;
/** A probe may have been answered, and is remembered for a second. */
const NOTICED_MS_MAX = 4_500;
const RESUMED_MS_MAX = 10_000;
/** Enough for two nodes, and not for much else. */
const CONNECTIONS_MAX = 24;

test('whatever becomes of connections to the database, each event is stored and attempted once', async () => {
  const postgres = await startPostgresServer({ settings: { max_connections: String(CONNECTIONS_MAX) } });
  const proxy = await startTcpProxy(postgres.url);
  const fleet = await Fleet.open('postgres connection');
  const operator = new Client({ connectionString: postgres.url });
  operator.on('error', () => undefined);
  const faults: (Resumed & { fault: string; from: number; to: number })[] = [];
  const during = async (fault: string, run: () => Promise<void>): Promise<void> => {
    const from = Date.now();
    await run();
    const to = Date.now();
    faults.push({ fault, from, to, ...(await fleet.resumedSince(to)) });
    await wait(1_000);
  };
  try {
    await fleet.startNode(proxy.through(postgres.url));
    await fleet.startNode(postgres.url);
    await operator.connect();
    fleet.publishAtRate(EVENTS_PER_SECOND);
    await fleet.resumedSince(Date.now());

    await during('cut at COMMIT', () => cutCommits(proxy, fleet.random));
    await during('half-open', () => halfOpen(proxy));
    await expect.poll(() => newListeners(operator)).toBe(1);
    await during('used up', () => useUp(postgres));
    await during('locked', () => lockTable(postgres));

    const account = await fleet.account();
    const refused = (from: number, to: number): number =>
      fleet.publisher.calls.filter(
        ({ status, startedAt }) => status === 503 && startedAt >= from && startedAt < to,
      ).length;
    const told = faults.map(({ from, to, ...fault }) => ({ ...fault, refused: refused(from, to) }));
    fleet.say(JSON.stringify({ ...account, faults: told }));

    expect(account.violations).toEqual([]);
    expect(account.repeats).toEqual({});
    expect(badAnswers(fleet.watch.looks, fleet.publisher.calls)).toEqual([]);
    for (const { fault, from, to, readyMs, publishMs, deliverMs } of faults) {
      expect([fault, Math.max(readyMs, publishMs, deliverMs) < RESUMED_MS_MAX]).toEqual([fault, true]);
      if (fault === 'cut at COMMIT') continue;
      expect([fault, refused(from, to) > 0]).toEqual([fault, true]);
      expect(fleet.watch.statuses('/healthz', from, to)).toEqual(new Set([200]));
    }
    const [, halfOpened] = faults;
    const readiness = fleet.watch.looks.filter(
      ({ run, path, startedAt, ms }) =>
        run === 1 &&
        path === '/readyz' &&
        startedAt > (halfOpened?.from ?? 0) + NOTICED_MS_MAX &&
        startedAt + ms < (halfOpened?.to ?? 0),
    );
    expect(new Set(readiness.map(({ status }) => status))).toEqual(new Set([503]));
  } finally {
    await operator.end().catch(() => undefined);
    await fleet.close();
    await proxy.close();
    await postgres.remove();
  }
});

/** The connection of the first node ends at one COMMIT after the other: before it, after it, or while it is still under way. */
async function cutCommits(proxy: TcpProxy, random: () => number): Promise<void> {
  for (let i = 0; i < COMMITS_CUT; i++) {
    const fate = FATES[i % FATES.length] ?? 'lost';
    await proxy.cutAt('COMMIT', fate);
    await wait(random() * 200);
    if (fate === 'late') proxy.deliverLate();
    await wait(random() * 200);
  }
}

/** Nothing passes between the first node and the database any more, and nobody is told. */
async function halfOpen(proxy: TcpProxy): Promise<void> {
  proxy.deafen(true);
  expect(proxy.freeze('LISTEN')).toBe(1);
  proxy.freeze('');
  await wait(HALF_OPEN_MS);
  // As keep-alives tell it: else it would hold them for good, and there are no more to be had.
  proxy.endFrozenAtServer();
  proxy.deafen(false);
}

/** Of the first node, since it was cut off: the other one's is older. */
async function newListeners(operator: Client): Promise<number> {
  const { rows } = await operator.query<{ count: number }>(
    `SELECT count(*)::int FROM pg_stat_activity
     WHERE query LIKE 'LISTEN%' AND backend_start > now() - make_interval(secs => $1)`,
    [HALF_OPEN_MS / 1000],
  );
  return rows[0]?.count ?? 0;
}

/** Somebody else takes every connection there is, and those of the nodes as soon as they end, which they are made to. */
async function useUp(postgres: PostgresServer): Promise<void> {
  const taken = new Set<Client>();
  const until = Date.now() + USED_UP_MS;
  let others = true;
  while (Date.now() < until) {
    const client = new Client({ connectionString: postgres.url });
    client.on('error', () => taken.delete(client));
    try {
      await client.connect();
      taken.add(client);
    } catch {
      const [first] = taken;
      if (others && first !== undefined)
        await first.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'velahook'`,
        );
      others = Date.now() < until - USED_UP_MS / 2;
      await wait(5);
    }
  }
  await Promise.all([...taken].map((client) => client.end()));
}

/** An operator's `LOCK TABLE`, in a transaction that is left open. */
async function lockTable(postgres: PostgresServer): Promise<void> {
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  await client.query('BEGIN');
  await client.query('LOCK TABLE velahook.pending_deliveries');
  await wait(LOCKED_MS);
  await client.query('ROLLBACK');
  await client.end();
}
