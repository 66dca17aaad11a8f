import type { Database } from '../../src/store/postgres/database.ts';
import { makePartitions } from '../../src/store/postgres/partitions.ts';
import type { TemporaryDatabase } from './temporary-postgres.ts';

export const DAY = 86_400_000;
/** The beginning of this day (UTC). */
export const TODAY = Math.floor(Date.now() / DAY) * DAY;
/** How many pending deliveries there are: more than are ever counted one by one. */
export const PENDING = 25_000;
const DAYS = 30;
const EVENTS = 30_000;
const PENDING_EVENTS = EVENTS - EVENTS * 0.98 + 1;

/**
 * Thirty days of history in two workspaces, half of all to each: two deliveries of each event, one of them pending for the
 * newest fiftieth of all; those of one event in a hundred failed. And a third workspace with nothing but a backlog.
 */
export async function fillHistory({ query: sql }: TemporaryDatabase, database: Database): Promise<void> {
  for (let day = DAYS; day >= 0; day--) await makePartitions(database, TODAY - day * DAY);
  await sql(`INSERT INTO velahook.workspaces SELECT 'w' || i, 'x', 0, 1 FROM generate_series(0, 1) i`);
  await sql(`INSERT INTO velahook.subscriptions (id, workspace_id, url, events, status, timeout_ms, sealed_secret,
      secret_configured, secret_hint, generation, created_at, updated_at)
    SELECT 's' || i, 'w' || i % 2, 'https://x', '[]', 'active', 1, '', false, '', 1, 0, 0 FROM generate_series(0, 19) i`);
  const step = Math.floor((DAYS * DAY) / EVENTS);
  await sql(`INSERT INTO velahook.events
    SELECT 'w' || i % 2, 'evt_' || i, i, ${TODAY - DAYS * DAY} + i::bigint * ${step}, 'published', 'crm.t' || i % 3, 'x',
           NULL, 2, 1, '\\x00' FROM generate_series(1, ${EVENTS}) i`);
  await sql(
    `INSERT INTO velahook.event_ids SELECT workspace_id, event_id, created_at, seq FROM velahook.events`,
  );
  await sql(
    `INSERT INTO velahook.idempotency_keys SELECT workspace_id, 'k' || seq, event_id, created_at FROM velahook.events`,
  );
  await sql(`INSERT INTO velahook.finished_deliveries
    SELECT 'dlv_' || seq * 2 + k, seq * 2 + k, workspace_id, 's' || seq % 2 + 2 * ((seq + k) % 10), event_id, created_at,
           seq, event_type, 1, CASE WHEN seq % 100 = 0 THEN 'failed' ELSE 'succeeded' END, 1, created_at, created_at,
           created_at, NULL, 'success', 200, NULL
    FROM velahook.events, generate_series(0, 1) k WHERE k = 0 OR seq < ${EVENTS * 0.98}`);
  await sql(`INSERT INTO velahook.attempts
    SELECT 'att_' || seq, id, created_at, 1, created_at, 1, 'success', 200, NULL, false, NULL
    FROM velahook.finished_deliveries`);
  await sql(`INSERT INTO velahook.pending_deliveries (id, seq, workspace_id, subscription_id, event_id, event_created_at,
      event_seq, event_type, generation, created_at, due_at)
    SELECT 'dlv_' || seq * 2 + 1, seq * 2 + 1, workspace_id, 's' || seq % 2 + 2 * ((seq + 1) % 10), event_id, created_at,
           seq, event_type, 1, created_at, created_at
    FROM velahook.events WHERE seq >= ${EVENTS * 0.98}`);
  await sql(`INSERT INTO velahook.pending_deliveries (id, seq, workspace_id, subscription_id, event_id, event_created_at,
      event_seq, event_type, generation, created_at, due_at)
    SELECT 'dlp_' || i, ${2 * EVENTS} + i, 'w2', 'busy', 'evt_p' || i, ${TODAY} + i, ${2 * EVENTS} + i, 'crm.t0', 1, ${TODAY} + i,
           ${TODAY} + i FROM generate_series(1, ${PENDING - PENDING_EVENTS}) i`);
  await sql('VACUUM ANALYZE');
}
