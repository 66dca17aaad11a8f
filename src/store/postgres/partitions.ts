import { DAY_MS } from '../../domain/retention.ts';
import type { Database, Session } from './database.ts';
import { statement, unprepared } from './database.ts';
import { isNotNow, shapeHistory } from './history-lock.ts';

/** The tables with a partition for each day (UTC), and what tells a row's day. */
export const DAILY_TABLES = [
  { table: 'events', time: 'created_at' },
  { table: 'finished_deliveries', time: 'created_at' },
  { table: 'attempts', time: 'delivery_created_at' },
] as const;
export type DailyTable = (typeof DAILY_TABLES)[number];

/** Yesterday's, for nodes whose clocks are behind, to three days ahead: so long may all upkeep fail. */
const DAYS_BEHIND = 1;
const DAYS_AHEAD = 3;

export interface Partition {
  daily: DailyTable;
  /** Of the table, within the schema. */
  name: string;
  /** Its day is from here, inclusive, to a day later, exclusive. */
  from: number;
}

const list = statement(`
SELECT p.relname AS "table", c.relname AS name FROM pg_inherits i
  JOIN pg_class p ON p.oid = i.inhparent JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = ANY ('{${DAILY_TABLES.map(({ table }) => `velahook.${table}`).join()}}'::regclass[])`);

/** All days' partitions that there are, the oldest first; the default ones left out. */
export async function listPartitions(session: Session): Promise<Partition[]> {
  const rows = await session.rows<{ table: string; name: string }>(list);
  const found = rows.flatMap(({ table, name }) => {
    const [, year, month, day] = /_(\d{4})(\d\d)(\d\d)$/.exec(name) ?? [];
    const daily = DAILY_TABLES.find((each) => each.table === table);
    return daily === undefined || year === undefined
      ? []
      : [{ daily, name, from: Date.UTC(Number(year), Number(month) - 1, Number(day)) }];
  });
  return found.toSorted((a, b) => a.from - b.from);
}

/**
 * Makes the partitions of the days around `now` that are missing; nearly always there are none. With `waits`, a node that is
 * just doing it is waited for.
 *
 * A day of which the default partition holds rows already stays there: taking them out would need everybody to wait until
 * the last is moved, since more keep coming. It happens when no node has done this for days, or to a clock that is wrong.
 */
export async function makePartitions(database: Database, now: number, waits = false): Promise<void> {
  const today = startOfDay(now);
  const days = Array.from(
    { length: DAYS_BEHIND + 1 + DAYS_AHEAD },
    (_, i) => today + (i - DAYS_BEHIND) * DAY_MS,
  );
  await makeDays(database, days, waits);
}

/** The same for any days, given by their beginnings. */
export async function makeDays(database: Database, days: readonly number[], waits: boolean): Promise<void> {
  const wanted = DAILY_TABLES.flatMap((daily) => days.map((from) => partitionOf(daily, from)));
  if ((await missingOf(database, wanted)).length === 0) return;
  // What waiting has shown to be made by another node is not made again; each has a transaction of its own, so that no
  // two tables are locked together.
  const missing = (await shapeHistory(database, (session) => missingOf(session, wanted), waits)) ?? [];
  for (const partition of missing) {
    try {
      await shapeHistory(database, (session) => makePartition(session, partition), waits);
    } catch (error) {
      if (!isNotNow(error)) throw error;
    }
  }
}

async function missingOf(session: Session, wanted: readonly Partition[]): Promise<Partition[]> {
  const known = new Set((await listPartitions(session)).map(({ name }) => name));
  return wanted.filter(({ name }) => !known.has(name));
}

/**
 * Made apart and attached, which lets everybody go on reading and writing the table; `CREATE TABLE … PARTITION OF` would
 * need it for itself.
 */
async function makePartition(session: Session, partition: Partition): Promise<void> {
  const { daily, name, from } = partition;
  const [found] = await session.rows<{ isThere: boolean; isHeld: boolean }>(
    unprepared(`
SELECT to_regclass('velahook.${name}') IS NOT NULL AS "isThere",
       EXISTS (SELECT FROM velahook.${daily.table}_default WHERE ${daily.time} >= ${from} AND ${daily.time} < ${from + DAY_MS}) AS "isHeld"`),
  );
  if (found?.isThere === true || found?.isHeld === true) return;
  await session.run(
    unprepared(`
CREATE TABLE velahook.${name} (LIKE velahook.${daily.table} INCLUDING ALL);
ALTER TABLE velahook.${daily.table} ATTACH PARTITION velahook.${name} FOR VALUES FROM (${from}) TO (${from + DAY_MS})`),
  );
}

function partitionOf(daily: DailyTable, from: number): Partition {
  return {
    daily,
    name: `${daily.table}_${new Date(from).toISOString().slice(0, 10).replaceAll('-', '')}`,
    from,
  };
}

/** The day (UTC) that a moment is in, as the moment it began. */
export function startOfDay(at: number): number {
  return Math.floor(at / DAY_MS) * DAY_MS;
}
