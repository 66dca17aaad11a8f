import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { expect, test } from 'vitest';
import type { FleetNode } from '../support/fleet.ts';
import { Fleet } from '../support/fleet.ts';
import { startPostgresServer } from '../support/postgres-server.ts';

const EVENTS_PER_SECOND = 60;
/** The shortest that is allowed. */
const LEASE_MS = 40_000;
/** From the end of a lease until its lanes are served again. */
const TAKEN_OVER_MS_MAX = 5_000;
/** A node that went on may notice as late as its clock lets it run. */
const REJOINED_MS_MAX = 10_000;
/** From the end of a node that ended in good order until others serve its lanes. */
const HANDED_OVER_MS_MAX = 2_000;

const LOOK_INTERVAL_MS = 250;

/** Finished deliveries, as text, by their ids. */
type Finished = Map<string, string>;

test('of three nodes one is killed, one freezes, one ends: each lane moves on in time, and no result is written twice', async () => {
  const postgres = await startPostgresServer();
  const fleet = await Fleet.open('postgres nodes', { VELAHOOK_NODE_LEASE_MS: String(LEASE_MS) });
  const client = new Client({ connectionString: postgres.url });
  try {
    const killed = await fleet.startNode(postgres.url);
    const frozen = await fleet.startNode(postgres.url);
    const ended = await fleet.startNode(postgres.url);
    await client.connect();
    const epochs = await liveEpochs(client);
    fleet.publishAtRate(EVENTS_PER_SECOND);
    await fleet.resumedSince(Date.now());
    await wait(2_000);

    const lanesOfKilled = await pathsOf(client, fleet, epochs[killed.run - 1]);
    const killedAt = Date.now();
    await fleet.kill(killed);
    await wait(1_000 + fleet.random() * 1_000);
    // In the middle of attempts.
    await expect.poll(() => openOf(fleet, frozen), { interval: 20 }).toBeGreaterThan(0);
    const lanesOfFrozen = await pathsOf(client, fleet, epochs[frozen.run - 1]);
    const frozenAt = Date.now();
    fleet.freeze(frozen);
    const openWhenFrozen = openOf(fleet, frozen);
    const killedMs = await takenOver(fleet, lanesOfKilled, killed, killedAt);
    const frozenMs = await takenOver(fleet, lanesOfFrozen, frozen, frozenAt);

    const before = await finished(client);
    const resumedAt = Date.now();
    fleet.resume(frozen);
    await expect
      .poll(async () => (await liveEpochs(client)).length, { timeout: REJOINED_MS_MAX, interval: 10 })
      .toBe(2);
    const rejoinedAt = Date.now();
    const sentWhenDead = fleet.ledger
      .all()
      .filter(({ run, at }) => run === frozen.run && at >= resumedAt && at < rejoinedAt);
    frozen.isIn = true;
    await fleet.startNode(postgres.url);
    // The lanes stay where they are for a while: it was not known whether the frozen one would take them again.
    const resumed = await fleet.resumedSince(rejoinedAt, false);

    await wait(2_000);
    const epochOfEnded = epochs[ended.run - 1];
    const lanesOfEnded = await pathsOf(client, fleet, epochOfEnded);
    const exit = await fleet.end(ended);
    const endedAt = Date.now();
    const endedMs = await takenOver(fleet, lanesOfEnded, ended, endedAt);

    const account = await fleet.account();
    const after = await finished(client);
    const rewritten = [...before].filter(([id, row]) => after.get(id) !== row).map(([id]) => id);
    const report = {
      ...account,
      killed: { lanes: lanesOfKilled.length, ms: killedMs },
      frozen: { lanes: lanesOfFrozen.length, ms: frozenMs, open: openWhenFrozen, sent: sentWhenDead.length },
      rejoined: { ms: rejoinedAt - resumedAt, ...resumed },
      ended: { lanes: lanesOfEnded.length, ms: endedMs, exit },
    };
    fleet.say(JSON.stringify(report));

    expect(account.violations).toEqual([]);
    for (const lanes of [lanesOfKilled, lanesOfFrozen, lanesOfEnded]) expect(lanes.length).toBeGreaterThan(0);
    expect(killedMs).toBeLessThan(LEASE_MS + TAKEN_OVER_MS_MAX);
    expect(frozenMs).toBeLessThan(LEASE_MS + TAKEN_OVER_MS_MAX);
    expect(sentWhenDead).toEqual([]);
    expect(rewritten).toEqual([]);
    expect(exit).toEqual({ code: 0, signal: null });
    expect(endedMs).toBeLessThan(HANDED_OVER_MS_MAX);
    expect(Object.keys(account.repeats).map(Number)).not.toContain(ended.run);
  } finally {
    await client.end();
    await fleet.close();
    await postgres.remove();
  }
});

async function liveEpochs(client: Client): Promise<number[]> {
  const { rows } = await client.query<{ epoch: number }>(
    `SELECT epoch::int FROM velahook.nodes WHERE NOT retired AND lease_until > clock_timestamp() ORDER BY epoch`,
  );
  return rows.map(({ epoch }) => epoch);
}

/** The paths of the subscriptions whose lanes the node owns. */
async function pathsOf(client: Client, fleet: Fleet, epoch: number | undefined): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    'SELECT subscription_id AS id FROM velahook.lanes WHERE owner = $1',
    [epoch],
  );
  return rows.map(({ id }) => fleet.pathOf.get(id) ?? '');
}

async function finished(client: Client): Promise<Finished> {
  const { rows } = await client.query<{ id: string; row: string }>(
    'SELECT id, finished::text AS row FROM velahook.finished_deliveries AS finished',
  );
  return new Map(rows.map(({ id, row }) => [id, row]));
}

function openOf(fleet: Fleet, node: FleetNode): number {
  return fleet.ledger.all().filter(({ run, answeredAt }) => run === node.run && answeredAt === null).length;
}

/** Resolves with how long it was from then until the last of these lanes was served by another node. */
async function takenOver(
  fleet: Fleet,
  paths: readonly string[],
  from: FleetNode,
  at: number,
): Promise<number> {
  for (;;) {
    const firstAt = new Map<string, number>();
    for (const { delivery, run, at: arrivedAt } of fleet.ledger.all()) {
      const path = delivery.slice(0, delivery.indexOf(' '));
      if (run === from.run || arrivedAt < at) continue;
      firstAt.set(path, Math.min(arrivedAt, firstAt.get(path) ?? Infinity));
    }
    const times = paths.map((path) => (firstAt.get(path) ?? Infinity) - at);
    if (Math.max(...times) < Infinity) return Math.max(...times);
    if (Date.now() > at + LEASE_MS + 30_000)
      throw new Error(`Not all lanes are served again: ${JSON.stringify({ paths, times })}`);
    await wait(LOOK_INTERVAL_MS);
  }
}
