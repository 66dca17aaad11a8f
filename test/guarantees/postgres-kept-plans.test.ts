import { expect, test } from 'vitest';
import type { NewEvent } from '../../src/store/contract/events.ts';
import {
  DEATHS_MAX,
  HEALTH,
  T0,
  aRecord,
  anEvent,
  makeSubscription,
  makeWorkspace,
  retryAt,
} from '../conformance/fixtures.ts';
import { openPostgresNodes } from '../support/postgres-nodes.ts';

/** PostgreSQL keeps a plan after five times. */
const TIMES = 12;
/** What no call may read from beginning to end. */
const ROWS = 50_000;
/** Not `lane_wakes`: its few rows are read whole, and taken away. */
const GROWING = [
  'pending_deliveries',
  'lanes',
  'subscriptions',
  'finished_deliveries_default',
  'attempts_default',
];

const GROW = `
INSERT INTO velahook.subscriptions (id, workspace_id, url, events, status, timeout_ms, sealed_secret, secret_configured,
  secret_hint, generation, created_at, updated_at)
SELECT 's' || n, 'w', 'u', '[]', 'active', 1, '', false, '', 1, 0, 0 FROM generate_series(1, ${ROWS}) n;
INSERT INTO velahook.lanes (subscription_id, workspace_id, owner, ready_at)
SELECT 's' || n, 'w' || n % 100, 0, 0 FROM generate_series(1, ${ROWS}) n;
INSERT INTO velahook.pending_deliveries (id, seq, workspace_id, subscription_id, event_id, event_created_at, event_seq,
  event_type, generation, created_at, due_at)
SELECT 'd' || n, n, 'w', 's' || n, 'e' || n, 0, n, 't', 1, 0, 0 FROM generate_series(1, ${ROWS}) n;
INSERT INTO velahook.finished_deliveries (id, seq, workspace_id, subscription_id, event_id, event_created_at, event_seq,
  event_type, generation, state, attempts, created_at, finished_at)
SELECT 'f' || n, n, 'w', 's' || n, 'e' || n, 0, n, 't', 1, 'succeeded', 1, 0, 0 FROM generate_series(1, ${ROWS}) n;
INSERT INTO velahook.attempts (id, delivery_id, delivery_created_at, number, started_at, duration_ms, outcome,
  response_truncated)
SELECT 'a' || n, 'f' || n, 0, 1, 0, 1, 'success', false FROM generate_series(1, ${ROWS}) n;`;

test('plans that were made while the tables were small do not read them whole once they are large', async () => {
  const opened = await openPostgresNodes(1);
  try {
    const { database, nodes } = opened;
    const { store, epoch } = nodes[0] as (typeof nodes)[0];
    const workspaceId = await makeWorkspace(store);
    const subscription = await makeSubscription(store, workspaceId);
    const record = (events: readonly NewEvent[], given: Parameters<typeof aRecord>[1]) =>
      store.recordAttempts(
        epoch,
        events.map((event) => aRecord(event, given)),
        T0,
      );
    const useEverything = async (): Promise<void> => {
      const events = [anEvent(workspaceId, [subscription]), anEvent(workspaceId, [subscription])];
      await store.commitEvents(epoch, events, true, T0);
      await store.loadLane(subscription.id, 10, 10);
      await record(events, retryAt(T0));
      await record(events, { number: 2 });
      await record(events, { number: 2 });
      await store.releaseLanes(epoch, [{ subscriptionId: subscription.id, health: HEALTH }]);
      const { id } = await makeSubscription(store, workspaceId);
      await store.commitEvents(epoch, [anEvent(workspaceId, [{ id, generation: 1 }])], false, T0);
      await store.takeLanes(epoch, T0, 10);
      await store.takeWakes(epoch);
      await store.deleteSubscription(workspaceId, id, T0);
      await store.cancelStale(10, [], T0);
      await store.releaseLanes(epoch, [{ subscriptionId: id, health: HEALTH }]);
      await store.retireDeadNodes(T0, DEATHS_MAX);
    };
    for (let time = 0; time < TIMES; time++) await useEverything();
    await database.query(GROW);
    for (let time = 0; time < TIMES; time++) await useEverything();

    // Each process of the server adds what it has counted when it ends.
    await store.close();
    const others = `SELECT count(*)::int AS n FROM pg_stat_activity
                    WHERE datname = current_database() AND application_name LIKE 'velahook%'`;
    await expect.poll(() => database.query(others)).toEqual([{ n: 0 }]);
    const readWhole = `SELECT relname FROM pg_stat_user_tables WHERE seq_tup_read >= ${ROWS} AND relname = ANY ($1)`;
    expect(await database.query(readWhole, [GROWING])).toEqual([]);
  } finally {
    await opened.close();
  }
});
