import { createHash } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { DAY_MS } from '../../domain/retention.ts';
import type { MovedRow, MovedStore, MovedTable } from '../moved-store.ts';
import { MOVED_TABLES } from '../moved-store.ts';
import { StoreRefused } from '../refused.ts';
import { MEASURES_OF } from '../statistics-rows.ts';
import type { Sealing } from '../sealed-secrets.ts';
import { hasStore, movedPathIn, storePathIn, takeDataDir } from './data-dir.ts';
import { openUndamaged } from './integrity.ts';
import { migrate } from './migrate.ts';
import { createListSealings } from './sealings.ts';
import { queryAll, queryOne } from './statement.ts';

/** A few milliseconds of the other side's work, and little memory. */
const ROWS_PER_BATCH = 1_000;
const BYTES_PER_BATCH = 4 * 1024 * 1024;

const DELIVERY = `d.id, d.seq, w.id AS workspace_id, s.id AS subscription_id, e.event_id, e.created_at AS event_created_at,
  e.seq AS event_seq, e.event_type, d.generation, d.attempts, d.created_at, d.first_attempt_at, d.last_outcome,
  d.last_status_code, d.last_error`;
const OF_DELIVERY = `FROM deliveries d JOIN workspaces w ON w.seq = d.workspace_seq
  JOIN subscriptions s ON s.seq = d.subscription_seq JOIN events e ON e.seq = d.event_seq`;
const OF_EVENT = 'FROM events e JOIN workspaces w ON w.seq = e.workspace_seq';

/** Each in the order in which the rows were made; events and deliveries keep the numbers that tell it. */
const ROWS: Readonly<Record<MovedTable, string>> = {
  workspaces: `SELECT id, name, created_at, updated_at, deleted_at, subscription_version, retention_days, redaction_paths,
      portal
    FROM workspaces ORDER BY seq`,
  tokens: `SELECT t.id, w.id AS workspace_id, t.name, t.prefix, t.hash, t.scopes, t.created_at, t.expires_at, t.revoked_at,
      t.last_used_at
    FROM tokens t JOIN workspaces w ON w.seq = t.workspace_seq ORDER BY t.seq`,
  admin_token: 'SELECT seq, hash, created_at FROM admin_token',
  audit_entries: `SELECT a.id, w.id AS workspace_id, a.created_at, a.action, a.target_id, a.actor, a.token_id, a.token_prefix,
      a.token_name, a.address, a.request_id, a.fields, a.via
    FROM audit_entries a LEFT JOIN workspaces w ON w.seq = a.workspace_seq ORDER BY a.seq`,
  catalogues: `SELECT w.id AS workspace_id, c.version, c.validation
    FROM catalogues c JOIN workspaces w ON w.seq = c.workspace_seq`,
  event_types: `SELECT w.id AS workspace_id, t.name, t.definition, t.validation, t.created_at, t.updated_at
    FROM event_types t JOIN workspaces w ON w.seq = t.workspace_seq`,
  subscriptions: `SELECT s.id, w.id AS workspace_id, s.url, s.events, s.status, s.description, s.timeout_ms, s.rate_limit, s.ordered, s.sealed_secret,
      s.secret_configured, s.secret_hint, s.generation, s.has_stale, s.created_at, s.updated_at, s.deactivated_at,
      s.deactivation_reason, s.deleted_at, s.made_at_version, s.public_key, s.sealed_private_key, s.previous_sealed_secret,
      s.previous_secret_configured, s.previous_public_key, s.previous_sealed_private_key, s.rotation_ends_at,
      s.header_names, s.sealed_headers, s.filter, s.missing_since
    FROM subscriptions s JOIN workspaces w ON w.seq = s.workspace_seq ORDER BY s.seq`,
  subscription_health: `SELECT s.id AS subscription_id, h.failing_since, h.failed_deliveries, h.noticed
    FROM subscription_health h JOIN subscriptions s ON s.seq = h.subscription_seq`,
  notices: `SELECT n.event_id, s.id AS subscription_id, n.event_type, n.data, n.created_at
    FROM notices n JOIN subscriptions s ON s.seq = n.subscription_seq ORDER BY n.seq`,
  workspace_notices: `SELECT n.event_id, w.id AS workspace_id, n.event_type, n.data, n.created_at
    FROM workspace_notices n JOIN workspaces w ON w.seq = n.workspace_seq ORDER BY n.seq`,
  backlog_alerts: `SELECT w.id AS workspace_id, a.told_at
    FROM backlog_alerts a JOIN workspaces w ON w.seq = a.workspace_seq`,
  event_ids: `SELECT w.id AS workspace_id, e.event_id, e.created_at, e.seq ${OF_EVENT} ORDER BY e.seq`,
  idempotency_keys: `SELECT w.id AS workspace_id, k.key, e.event_id, k.created_at
    FROM idempotency_keys k JOIN workspaces w ON w.seq = k.workspace_seq JOIN events e ON e.seq = k.event_seq`,
  events: `SELECT w.id AS workspace_id, e.event_id, e.seq, e.created_at, e.origin, e.event_type, e.timestamp,
      e.ordering_key, e.delivery_count, e.data_bytes, e.filtered_out, e.erased_at, e.erased_data_bytes, e.body ${OF_EVENT} ORDER BY e.seq`,
  fanouts: `SELECT w.id AS workspace_id, e.event_id, e.seq, e.event_type, e.created_at, e.fanout_cursor AS cursor,
      e.matched_version
    ${OF_EVENT} WHERE e.fanout_cursor IS NOT NULL ORDER BY e.seq`,
  pending_deliveries: `SELECT ${DELIVERY}, d.due_at, d.order_key, iif(d.order_key IS NULL, NULL, d.seq) AS order_number ${OF_DELIVERY} WHERE d.state = 'pending' ORDER BY d.seq`,
  finished_deliveries: `SELECT ${DELIVERY}, d.state, d.finished_at, d.failure_reason
    ${OF_DELIVERY} WHERE d.state <> 'pending' ORDER BY d.seq`,
  attempts: `SELECT a.id, d.id AS delivery_id, d.created_at AS delivery_created_at, a.number, a.started_at, a.duration_ms,
      a.outcome, a.status_code, a.error, a.response_truncated, a.response_body, a.response_headers, a.request, a.timing,
      a.remote_address
    FROM attempts a JOIN deliveries d ON d.seq = a.delivery_seq ORDER BY a.seq`,
  replays: `SELECT r.id, w.id AS workspace_id, s.id AS subscription_id, r.since, r.until, r.event_types, r.states, r.state,
      r.reason, r.position_at, r.position_seq, r.is_exhausted, r.counted_at, r.counted_seq, r.is_counted, r.count, r.made,
      r.succeeded, r.failed, r.cancelled, r.erased, r.steps, r.created_at, r.updated_at, r.finished_at
    FROM replays r JOIN workspaces w ON w.seq = r.workspace_seq JOIN subscriptions s ON s.seq = r.subscription_seq
    ORDER BY r.seq`,
  replayed_deliveries: `SELECT d.id AS delivery_id, w.id AS workspace_id, e.event_id, s.id AS subscription_id, d.created_at,
      o.replay_of, r.id AS replay_id, o.is_open, o.was_attempted, o.looked_at
    FROM replayed_deliveries o JOIN deliveries d ON d.seq = o.delivery_seq JOIN workspaces w ON w.seq = d.workspace_seq
      JOIN events e ON e.seq = d.event_seq JOIN subscriptions s ON s.seq = d.subscription_seq
      LEFT JOIN replays r ON r.seq = o.replay_seq
    ORDER BY o.delivery_seq`,
  erasures: `SELECT r.id, w.id AS workspace_id, r.path, r.sealed_value, r.state, r.until, r.position_at, r.position_seq,
      r.examined, r.erased, r.cancelled, r.steps, r.created_at, r.updated_at, r.finished_at
    FROM erasures r JOIN workspaces w ON w.seq = r.workspace_seq ORDER BY r.seq`,
  statistics: `SELECT s.id AS subscription_id, t.span, t.start_at, ${countsIn('subscription')}
    FROM statistics t JOIN subscriptions s ON s.seq = t.subscription_seq`,
  workspace_statistics: `SELECT w.id AS workspace_id, t.span, t.start_at, ${countsIn('workspace')}
    FROM workspace_statistics t JOIN workspaces w ON w.seq = t.workspace_seq`,
  // A killed server's lanes are free as well: ready at once, but for their pause.
  lanes: `SELECT s.id AS subscription_id, w.id AS workspace_id, iif(l.owner IS NULL, l.ready_at, l.paused_until) AS ready_at,
      l.paused_until, l.health
    FROM lanes l JOIN subscriptions s ON s.seq = l.subscription_seq JOIN workspaces w ON w.seq = l.workspace_seq`,
  announcements: `SELECT d.id AS delivery_id, a.deaths FROM announcements a JOIN deliveries d ON d.seq = a.delivery_seq
    WHERE d.state = 'pending' AND a.deaths > 0`,
};

/** The store of a data directory on its way to another; nobody else can have the directory until it is closed. */
export interface StoreExport extends MovedStore {
  listSealings(headBytes: number): Sealing[];
  close(): void;
}

/**
 * Takes a data directory to move its store, or goes on with one that was set aside by a move that did not come to its
 * end. Throws `StoreRefused`.
 */
export function openExport(dataDir: string, now: number): StoreExport {
  const isSetAside = !hasStore(dataDir) && existsSync(movedPathIn(dataDir));
  if (!hasStore(dataDir) && !isSetAside) throw new StoreRefused(`There is no store in ${dataDir}.`);
  const held = takeDataDir(dataDir, { isRestoring: isSetAside });
  const path = isSetAside ? movedPathIn(dataDir) : storePathIn(dataDir);
  try {
    const db = openUndamaged(path);
    migrate(db, now);
    const close = (): void => {
      if (db.isOpen) db.close();
    };
    return {
      fingerprint: fingerprintOf(db),
      listDays: () => listDays(db),
      count: (table) => countRows(db, table),
      batches: (table) => batches(db, table),
      listSealings: createListSealings(db),
      setAside() {
        // All of it is in the one file once nobody has it open any more.
        db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
        close();
        if (!isSetAside) renameSync(path, movedPathIn(dataDir));
      },
      close() {
        close();
        held.release();
      },
    };
  } catch (error) {
    held.release();
    throw error;
  }
}

function countsIn(kind: keyof typeof MEASURES_OF): string {
  return MEASURES_OF[kind].map((measure) => `t.${measure}`).join(', ');
}

function* batches(db: DatabaseSync, table: MovedTable): Iterable<readonly MovedRow[]> {
  let batch: MovedRow[] = [];
  let bytes = 0;
  for (const row of db.prepare(ROWS[table]).iterate() as Iterable<MovedRow>) {
    batch.push(row);
    for (const value of Object.values(row)) bytes += value instanceof Uint8Array ? value.length : 0;
    if (batch.length < ROWS_PER_BATCH && bytes < BYTES_PER_BATCH) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

function countRows(db: DatabaseSync, table: MovedTable): number {
  const count = queryOne<{ count: number }>(db, `SELECT count(*) AS count FROM (${ROWS[table]})`);
  return count.get()?.count ?? 0;
}

function listDays(db: DatabaseSync): number[] {
  const days = queryAll<{ day: number }>(
    db,
    `SELECT DISTINCT created_at / ${DAY_MS} AS day FROM events
     UNION SELECT DISTINCT created_at / ${DAY_MS} FROM deliveries ORDER BY day`,
  );
  return days.all().map(({ day }) => day * DAY_MS);
}

/** Who is in it, and how far it has come: whatever a server does changes one of these. */
function fingerprintOf(db: DatabaseSync): string {
  const seqs = queryAll<{ name: string; seq: number }>(
    db,
    'SELECT name, seq FROM sqlite_sequence ORDER BY name',
  );
  const workspaces = queryAll<{ id: string }>(db, 'SELECT id FROM workspaces ORDER BY id');
  const counts = MOVED_TABLES.map((table) => countRows(db, table));
  return createHash('sha256')
    .update(JSON.stringify([seqs.all(), workspaces.all(), counts]))
    .digest('hex');
}
