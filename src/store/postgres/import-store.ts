import { MEASURES, WORKSPACE_MEASURES } from '../../domain/statistics.ts';
import type { MovedRow, MovedStore, MovedTable } from '../moved-store.ts';
import { MOVED_TABLES } from '../moved-store.ts';
import { StoreRefused } from '../refused.ts';
import { bigintArray, byteaArray, textArray } from './binary-array.ts';
import type { Session } from './database.ts';
import { Database, sessionOf, unprepared } from './database.ts';
import { storable } from './free-text.ts';
import { MIGRATION_LOCK, migrate } from './migrate.ts';
import { makeDays } from './partitions.ts';
import { asStoreError } from './postgres-errors.ts';

type Kind = 'text' | 'number' | 'boolean' | 'bytes';

const DELIVERY: Readonly<Record<string, Kind>> = {
  ...texts('id', 'workspace_id', 'subscription_id', 'event_id', 'event_type', 'last_outcome', 'last_error'),
  ...numbers(
    'seq',
    'event_created_at',
    'event_seq',
    'generation',
    'attempts',
    'created_at',
    'first_attempt_at',
  ),
  ...numbers('last_status_code'),
};

const COLUMNS: Readonly<Record<MovedTable, Readonly<Record<string, Kind>>>> = {
  workspaces: {
    ...texts('id', 'name', 'redaction_paths', 'portal'),
    ...numbers('created_at', 'updated_at', 'deleted_at', 'subscription_version', 'retention_days'),
  },
  tokens: {
    ...texts('id', 'workspace_id', 'name', 'prefix', 'scopes'),
    hash: 'bytes',
    ...numbers('created_at', 'expires_at', 'revoked_at', 'last_used_at'),
  },
  admin_token: { hash: 'bytes', ...numbers('seq', 'created_at') },
  audit_entries: {
    ...texts('id', 'workspace_id', 'action', 'target_id', 'actor', 'token_id', 'token_prefix', 'token_name'),
    ...texts('address', 'request_id', 'fields', 'via'),
    ...numbers('created_at'),
  },
  catalogues: { ...texts('workspace_id', 'validation'), ...numbers('version') },
  event_types: {
    ...texts('workspace_id', 'name', 'definition', 'validation'),
    ...numbers('created_at', 'updated_at'),
  },
  subscriptions: {
    ...texts(
      'id',
      'workspace_id',
      'url',
      'events',
      'status',
      'description',
      'secret_hint',
      'deactivation_reason',
    ),
    ...numbers(
      'timeout_ms',
      'rate_limit',
      'generation',
      'created_at',
      'updated_at',
      'deactivated_at',
      'missing_since',
      'deleted_at',
      'made_at_version',
    ),
    ordered: 'boolean',
    ...texts('public_key', 'previous_public_key', 'header_names', 'filter'),
    ...numbers('rotation_ends_at'),
    ...bytes('sealed_secret', 'sealed_private_key', 'previous_sealed_secret', 'previous_sealed_private_key'),
    ...bytes('sealed_headers'),
    previous_secret_configured: 'boolean',
    secret_configured: 'boolean',
    has_stale: 'boolean',
  },
  subscription_health: {
    ...texts('subscription_id'),
    ...numbers('failing_since', 'failed_deliveries'),
    noticed: 'boolean',
  },
  notices: { ...texts('event_id', 'subscription_id', 'event_type', 'data'), ...numbers('created_at') },
  workspace_notices: {
    ...texts('event_id', 'workspace_id', 'event_type', 'data'),
    ...numbers('created_at'),
  },
  backlog_alerts: { ...texts('workspace_id'), ...numbers('told_at') },
  event_ids: { ...texts('workspace_id', 'event_id'), ...numbers('created_at', 'seq') },
  idempotency_keys: { ...texts('workspace_id', 'key', 'event_id'), ...numbers('created_at') },
  events: {
    ...texts('workspace_id', 'event_id', 'origin', 'event_type', 'timestamp', 'ordering_key', 'filtered_out'),
    ...numbers('seq', 'created_at', 'delivery_count', 'data_bytes', 'erased_at', 'erased_data_bytes'),
    body: 'bytes',
  },
  fanouts: {
    ...texts('workspace_id', 'event_id', 'event_type', 'cursor'),
    ...numbers('seq', 'created_at', 'matched_version'),
  },
  pending_deliveries: { ...DELIVERY, ...texts('order_key'), ...numbers('due_at', 'order_number') },
  finished_deliveries: { ...DELIVERY, ...texts('state', 'failure_reason'), ...numbers('finished_at') },
  attempts: {
    ...texts(
      'id',
      'delivery_id',
      'outcome',
      'error',
      'response_headers',
      'request',
      'timing',
      'remote_address',
    ),
    ...numbers('delivery_created_at', 'number', 'started_at', 'duration_ms', 'status_code'),
    response_truncated: 'boolean',
    response_body: 'bytes',
  },
  replays: {
    ...texts('id', 'workspace_id', 'subscription_id', 'event_types', 'states', 'state', 'reason'),
    ...numbers('since', 'until', 'position_at', 'position_seq', 'counted_at', 'counted_seq', 'count', 'made'),
    ...numbers(
      'succeeded',
      'failed',
      'cancelled',
      'erased',
      'steps',
      'created_at',
      'updated_at',
      'finished_at',
    ),
    is_exhausted: 'boolean',
    is_counted: 'boolean',
  },
  replayed_deliveries: {
    ...texts('delivery_id', 'workspace_id', 'event_id', 'subscription_id', 'replay_of', 'replay_id'),
    ...numbers('created_at', 'looked_at'),
    is_open: 'boolean',
    was_attempted: 'boolean',
  },
  erasures: {
    ...texts('id', 'workspace_id', 'path', 'state'),
    sealed_value: 'bytes',
    ...numbers('until', 'position_at', 'position_seq', 'examined', 'erased', 'cancelled', 'steps'),
    ...numbers('created_at', 'updated_at', 'finished_at'),
  },
  statistics: { ...texts('subscription_id', 'span'), ...numbers('start_at', ...MEASURES) },
  workspace_statistics: { ...texts('workspace_id', 'span'), ...numbers('start_at', ...WORKSPACE_MEASURES) },
  lanes: { ...texts('subscription_id', 'workspace_id', 'health'), ...numbers('ready_at', 'paused_until') },
  announcements: { ...texts('delivery_id'), ...numbers('deaths') },
};

const begin = unprepared(`
BEGIN;
SET LOCAL statement_timeout = 0;
SET LOCAL synchronous_commit = on`);
const commit = unprepared('COMMIT');
const rollback = unprepared('ROLLBACK');
const tryLock = unprepared(`SELECT pg_try_advisory_xact_lock(${MIGRATION_LOCK}) AS "isMine"`);
const look = unprepared(`
SELECT EXISTS (SELECT FROM velahook.workspaces) OR EXISTS (SELECT FROM velahook.subscriptions)
         OR EXISTS (SELECT FROM velahook.event_ids) AS "isUsed",
       obj_description('velahook'::regnamespace, 'pg_namespace') AS mark`);
// What is made from now on comes after all that was moved.
const goOnCounting = unprepared(`SELECT setval('velahook.seq', $1), setval('velahook.order_number', $1)`);

/** Called after each batch: rows stored of that table so far, of how many. */
export type OnProgress = (table: MovedTable, done: number, total: number) => void;

/**
 * Stores all of another store in an empty database, whose schema is made if need be; all in one transaction, so that an
 * interrupted move left nothing, and under the migrations' lock, so that a node that is started meanwhile waits.
 *
 * The other store is set aside before the commit, never after: a crash between the two leaves one that nobody starts on
 * by mistake, and the same call again finds out whether the commit was made. Answers false when it was made before.
 * Rejects with `StoreRefused` when the database is in use, or `StoreUnavailable`.
 */
export async function importStore(
  url: string,
  store: MovedStore,
  now: number,
  onProgress: OnProgress,
): Promise<boolean> {
  const database = new Database(url, 'velahook move');
  const client = await database.connect();
  const session = sessionOf(client);
  try {
    await migrate(client, now);
    await makeDays(database, store.listDays(), true);
    await session.run(begin);
    const isNew = await isEmptyFor(session, store);
    if (isNew) await copyAll(session, store, onProgress);
    store.setAside();
    await session.run(commit);
    return isNew;
  } catch (error) {
    await session.run(rollback).catch(() => undefined);
    throw asStoreError(error);
  } finally {
    await client.end();
    await database.close();
  }
}

/** False when it holds this very store already. */
async function isEmptyFor(session: Session, store: MovedStore): Promise<boolean> {
  const [lock] = await session.rows<{ isMine: boolean }>(tryLock);
  if (lock?.isMine !== true)
    throw new StoreRefused(
      'A node is starting on the database, or another move is under way: stop it first.',
    );
  const [found] = await session.rows<{ isUsed: boolean; mark: string | null }>(look);
  if (found?.mark === markOf(store)) return false;
  if (found?.isUsed === true)
    throw new StoreRefused(
      'The database is not empty: name another, or drop its schema velahook if nothing in it is needed.',
    );
  return true;
}

async function copyAll(session: Session, store: MovedStore, onProgress: OnProgress): Promise<void> {
  let lastSeq = 1;
  for (const table of MOVED_TABLES) {
    const total = store.count(table);
    let done = 0;
    for (const batch of store.batches(table)) {
      done += await insert(session, table, batch);
      lastSeq = Math.max(lastSeq, ...batch.map(({ seq }) => Number(seq ?? 0)));
      onProgress(table, done, total);
    }
    if (done !== total) throw new Error(`Of ${total} ${table}, ${done} were stored.`);
  }
  await session.run(goOnCounting, [lastSeq]);
  await session.run(unprepared(`COMMENT ON SCHEMA velahook IS '${markOf(store)}'`));
}

function markOf({ fingerprint }: MovedStore): string {
  return `Moved from the embedded store ${fingerprint}`;
}

/** In the order given: rows that are numbered here get their numbers in it. */
function insert(session: Session, table: MovedTable, rows: readonly MovedRow[]): Promise<number> {
  const columns = Object.entries(COLUMNS[table]);
  const names = columns.map(([name]) => `"${name}"`);
  const values = columns.map(([name, kind]) => (kind === 'boolean' ? `"${name}" = 1` : `"${name}"`));
  const arrays = columns.map(([, kind], i) => `$${i + 1}::${ARRAY_TYPES[kind]}`);
  const sql = `
INSERT INTO velahook.${table} (${names.join()})
SELECT ${values.join()} FROM unnest(${arrays.join()}) WITH ORDINALITY AS given (${names.join()}, n) ORDER BY n`;
  return session.run(
    unprepared(sql),
    columns.map(([name, kind]) => arrayOf(kind, rows, name)),
  );
}

const ARRAY_TYPES = { text: 'text[]', number: 'bigint[]', boolean: 'bigint[]', bytes: 'bytea[]' } as const;

function arrayOf(kind: Kind, rows: readonly MovedRow[], name: string): Buffer {
  const values = rows.map((row) => row[name] ?? null);
  if (kind === 'text') return textArray((values as (string | null)[]).map(storable));
  return kind === 'bytes'
    ? byteaArray(values as (Uint8Array | null)[])
    : bigintArray(values as (number | null)[]);
}

function texts(...names: string[]): Record<string, Kind> {
  return Object.fromEntries(names.map((name) => [name, 'text']));
}

function numbers(...names: string[]): Record<string, Kind> {
  return Object.fromEntries(names.map((name) => [name, 'number']));
}

function bytes(...names: string[]): Record<string, Kind> {
  return Object.fromEntries(names.map((name) => [name, 'bytes']));
}
