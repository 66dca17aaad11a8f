import type { ListRow, Position, Span, ToItem } from '../page.ts';
import { LOOKED_AT_MAX, isOlder, spanOf, toPage } from '../page.ts';
import type { CursorPage, CursorQuery } from '../contract/history.ts';
import type { Database, Session } from './database.ts';
import { statement, unprepared } from './database.ts';

/** Makes a value a parameter of the statement; answers how the statement names it. */
export type Bind = (value: unknown) => string;
/** SQL of a condition. */
export type Condition = (bind: Bind) => string;

/** A table, or a part of one, that has a list's rows in the order of an index. */
export interface Source {
  /** Named alike in all sources of a scan; `created_at` and `seq` among them. */
  columns: string;
  from: string;
  /** Conditions on the first columns of the index: they cost nothing. */
  prefix: Condition[];
  /** Read whole and sorted, for lack of an index in the order of the list: it is bounded by itself. */
  isSmall?: boolean;
}

/** How a list is read; its sources are merged to rows named `d`. */
export interface Scan<Shown, Item> {
  /** Names the list in its cursors. */
  kind: string;
  sources: Source[];
  /** What is shown of `d`, and of what is joined to it. */
  columns: string;
  join: string;
  /** Conditions that are looked at row by row. */
  filters: Condition[];
  /** SQL of `d`: how much is looked at to filter and to show a row. */
  weight: string;
  toItem: ToItem<Shown, Item>;
}

const DAY_MS = 86_400_000;
/**
 * What most pages find all their rows in: a window of so much touches three or four days' partitions. Only a list that
 * has too few there looks at all others.
 */
const RECENT_MS = 2 * DAY_MS;

/**
 * One snapshot, so that what is counted is what is listed; and plans that follow indexes in the order of the list, row
 * by row. Left to itself the planner reads a workspace's last 12,000 rows to sort them for a page of 20 (170 ms instead
 * of 2): it does not know how soon it may stop.
 */
const BEGIN = `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
  SET LOCAL enable_sort = off; SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off;
  SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;
  SET LOCAL jit = off; SET LOCAL max_parallel_workers_per_gather = 0`;
const begin = unprepared(BEGIN);
const commit = unprepared('COMMIT');
/** The only use of the database's clock for lists: where to look first. */
const readClock = statement('SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now');

/** Reads for one list. */
export async function readList<T>(database: Database, run: (session: Session) => Promise<T>): Promise<T> {
  return database.read(async (session) => {
    await session.run(begin);
    try {
      return await run(session);
    } finally {
      // Whatever went wrong has its own error; a connection that cannot end its transaction is given up with it.
      await session.run(commit).catch(() => undefined);
    }
  });
}

/** Reads a page at a cost that does not grow with depth or with the number of days, and is bounded whatever the filters. */
export async function scanPage<Shown extends object, Item>(
  session: Session,
  scan: Scan<Shown, Item>,
  query: CursorQuery,
): Promise<CursorPage<Item>> {
  const rows: (Shown & ListRow)[] = [];
  for (const span of await windowsOf(session, scan, spanOf(scan.kind, query))) {
    const found = await scanWindow<Shown>(session, scan, span, query.limit);
    rows.push(...found.rows);
    if (rows.length > query.limit || found.scannedTo)
      return toPage(scan.kind, rows, query.limit, found.scannedTo, scan.toItem);
  }
  return toPage(scan.kind, rows, query.limit, undefined, scan.toItem);
}

async function windowsOf(
  session: Session,
  scan: Pick<Scan<never, unknown>, 'sources'>,
  span: Span,
): Promise<Span[]> {
  if (scan.sources.every(({ isSmall }) => isSmall)) return [span];
  const [clock] = await session.rows<{ now: number }>(readClock);
  const newest = Math.min(span.before.createdAt, clock?.now ?? 0);
  const middle: Position = { createdAt: newest - RECENT_MS, seq: 0 };
  if (!isOlder(span.from, middle)) return [span];
  return [
    { before: span.before, from: middle },
    { before: middle, from: span.from },
  ];
}

type ScannedRow<Shown> = Shown & ListRow & { looked: number; passes: boolean };

async function scanWindow<Shown extends object>(
  session: Session,
  scan: Scan<Shown, unknown>,
  span: Span,
  limit: number,
): Promise<{ rows: (Shown & ListRow)[]; scannedTo: Position | undefined }> {
  const values: unknown[] = [];
  const text = windowSql(scan, span, limit, (value) => `$${values.push(value)}`);
  // Planned for its own values: what is planned for all of them is planned for all days.
  const scanned = await session.rows<ScannedRow<Shown>>(unprepared(text), values);
  const last = scanned.at(-1);
  return {
    rows: scanned
      .filter(({ passes }) => passes)
      .map(({ looked: _l, passes: _p, ...row }) => row as Shown & ListRow),
    scannedTo: last !== undefined && last.looked >= LOOKED_AT_MAX ? last : undefined,
  };
}

/**
 * The rows of a window, newest first, that pass; and the last one that was looked at, if looking was cut there. Each
 * source comes in the order of its index and is read no further than needed, up to the bound; the merged rows are
 * counted, filtered and joined as they come.
 */
function windowSql(
  scan: Omit<Scan<never, unknown>, 'toItem'>,
  span: Span,
  limit: number,
  bind: Bind,
): string {
  const { sources, columns, join, filters, weight } = scan;
  const rowsMax = filters.length === 0 ? limit + 1 : LOOKED_AT_MAX;
  const branches = sources.map((source) => branchSql(source, span, rowsMax, bind));
  const passes = filters.length === 0 ? 'true' : filters.map((filter) => `(${filter(bind)})`).join(' AND ');
  return `
SELECT ${columns}, d.created_at AS "createdAt", d.seq, d.weight, d.looked, passes
FROM (SELECT *, sum(weight) OVER (ORDER BY created_at DESC, seq DESC ROWS UNBOUNDED PRECEDING) AS looked
      FROM (SELECT *, ${weight} AS weight FROM (${branches.join(' UNION ALL ')}) d ${ORDER} LIMIT ${rowsMax}) d) d
  ${join} CROSS JOIN LATERAL (SELECT ${passes} AS passes) p
WHERE looked - weight < ${LOOKED_AT_MAX} AND (passes OR looked >= ${LOOKED_AT_MAX})
${ORDER} LIMIT ${limit + 1}`;
}

const ORDER = 'ORDER BY created_at DESC, seq DESC';

/** The bounds on the time alone repeat those on the position for the partitions' sake: days outside are not planned. */
function branchSql(source: Source, { before, from }: Span, rowsMax: number, bind: Bind): string {
  const { columns, from: table, prefix, isSmall } = source;
  const conditions = prefix.map((condition) => condition(bind)).join(' AND ');
  const rows = isSmall ? `(SELECT * FROM ${table} WHERE ${conditions} OFFSET 0) d` : `${table} d`;
  return `(SELECT ${columns} FROM ${rows} WHERE ${isSmall ? '' : `${conditions} AND`}
    (created_at, seq) < (${bind(before.createdAt)}, ${bind(before.seq)}) AND created_at <= ${bind(before.createdAt)} AND
    (created_at, seq) >= (${bind(from.createdAt)}, ${bind(from.seq)}) AND created_at >= ${bind(from.createdAt)}
    ${ORDER} LIMIT ${rowsMax})`;
}

export function equal(column: string, value: string | number): Condition {
  return (bind) => `${column} = ${bind(value)}`;
}
