import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { expect, test } from 'vitest';
import { badAnswers } from '../support/api-watch.ts';
import { Fleet } from '../support/fleet.ts';
import type { PostgresServer } from '../support/postgres-server.ts';
import { startPostgresServer } from '../support/postgres-server.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const EVENTS_PER_SECOND = 60;
/** Whoever notices that the primary is gone takes a while. */
const NOTICED_MS = 2_000;
const RESUMED_MS_MAX = 15_000;

test('when the primary dies and its synchronous standby takes over, no acknowledged event is lost', async () => {
  const primary = await startPostgresServer();
  const standby = await primary.startStandby();
  const proxy = await startTcpProxy(primary.url);
  const fleet = await Fleet.open('postgres failover');
  try {
    await commitOnBoth(primary);
    for (let i = 0; i < 2; i++) await fleet.startNode(proxy.through(primary.url));
    fleet.publishAtRate(EVENTS_PER_SECOND);
    await fleet.resumedSince(Date.now());
    await wait(3_000 + fleet.random() * 1_000);
    await primary.stop('SIGKILL');
    const takenBefore = fleet.publisher.count('ok');
    await wait(NOTICED_MS);
    await asSuperuser(standby, 'SELECT pg_promote()');
    proxy.switchTo(standby.url);
    const promotedAt = Date.now();
    const resumed = await fleet.resumedSince(promotedAt);
    await wait(3_000);

    const account = await fleet.account();
    fleet.say(JSON.stringify({ ...account, takenBefore, ...resumed }));
    expect(account.violations).toEqual([]);
    expect(account.repeats).toEqual({});
    expect(badAnswers(fleet.watch.looks, fleet.publisher.calls)).toEqual([]);
    expect(takenBefore).toBeGreaterThan(0);
    expect(Math.max(...Object.values(resumed))).toBeLessThan(RESUMED_MS_MAX);
  } finally {
    await fleet.close();
    await proxy.close();
    await standby.remove();
    await primary.remove();
  }
});

/** From now on nothing is committed before the standby has it on disk. */
async function commitOnBoth(primary: PostgresServer): Promise<void> {
  await asSuperuser(primary, `ALTER SYSTEM SET synchronous_standby_names = '*'`);
  await asSuperuser(primary, 'SELECT pg_reload_conf()');
  const states = 'SELECT sync_state AS state FROM pg_stat_replication';
  await expect.poll(() => asSuperuser(primary, states)).toEqual([{ state: 'sync' }]);
}

async function asSuperuser(server: PostgresServer, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: server.url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}
