import { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withoutData } from '../../src/domain/event.ts';
import type { NewEvent } from '../../src/store/contract/events.ts';
import { anId, deliveryIdOf, makeSubscription, makeWorkspace, publish, T0 } from '../conformance/fixtures.ts';
import type { TemporaryPostgres } from '../support/temporary-postgres.ts';
import { openTemporaryPostgres } from '../support/temporary-postgres.ts';

let opened: TemporaryPostgres;
let other: Client;
let epoch: number;

beforeEach(async () => {
  opened = await openTemporaryPostgres();
  other = new Client({ connectionString: opened.database.url });
  await other.connect();
  ({ epoch } = await opened.store.registerNode(T0, 3));
});

afterEach(async () => {
  await other.end();
  await opened.close();
});

async function arrange(): Promise<NewEvent> {
  const { store } = opened;
  const workspaceId = await makeWorkspace(store);
  return publish(store, epoch, [await makeSubscription(store, workspaceId)]);
}

async function erase({ workspaceId, eventId, eventType, body, dataBytes }: NewEvent): Promise<number> {
  const { store } = opened;
  const id = `ers_${anId()}`;
  const job = { id, workspaceId, path: '$.n', sealedValue: Uint8Array.of(1), createdAt: T0 };
  const created = await store.createErasure(job, 1);
  if (created === 'too_many') throw new Error('There is no other.');
  const { events } = await store.listErasable(created);
  const at = events[0]?.at ?? { createdAt: T0, seq: 0 };
  const found = [{ eventId, eventType, at, examined: 1, erasedBody: withoutData(body, dataBytes) }];
  const step = { workspaceId, erasureId: id, steps: 0, found, examined: 1, position: null };
  return (await store.continueErasure(step, T0 + 9))?.erased.length ?? 0;
}

/** Resolves when the erasing waits for a lock of ours, or has not waited for it. */
async function isAtWork(erasing: Promise<unknown>): Promise<void> {
  let isDone = false;
  void erasing.finally(() => (isDone = true));
  await expect
    .poll(async () => {
      const waiting = await opened.database.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return isDone || waiting.length > 0;
    })
    .toBe(true);
}

test('a late attempt that is being recorded is waited for, and loses its response body', async () => {
  const { store } = opened;
  const event = await arrange();
  const id = deliveryIdOf(event);
  await store.cancelDelivery(event.workspaceId, id, T0 + 1);
  // As another node records the attempt that was in flight.
  await other.query('BEGIN');
  await other.query('SELECT FROM velahook.finished_deliveries WHERE id = $1 FOR UPDATE', [id]);
  await other.query(
    `INSERT INTO velahook.attempts (id, delivery_id, delivery_created_at, number, started_at, duration_ms, outcome,
       response_truncated, response_body)
     VALUES ('att_1', $1, $2, 1, $2, 5, 'success', false, 'thanks, Ada')`,
    [id, T0],
  );
  const erasing = erase(event);
  await isAtWork(erasing);
  await other.query('COMMIT');
  expect(await erasing).toBe(1);
  expect(await store.listAttempts(event.workspaceId, id)).toMatchObject([{ number: 1, responseBody: null }]);
});

test.each([
  ['a chunk of a cut fan-out', 'fanouts', 'UPDATE'],
  ['a replay', 'event_ids', 'NO KEY UPDATE'],
])('%s that is being made is waited for, and cancelled with the rest', async (_, table, lock) => {
  const { store } = opened;
  const workspaceId = await makeWorkspace(store);
  const subscription = await makeSubscription(store, workspaceId);
  const event = await publish(store, epoch, [subscription], { fanoutCursor: '0', deliveryCount: 2 });
  // As another node adds a delivery to another lane.
  const { id: later } = await makeSubscription(store, workspaceId);
  await other.query('BEGIN');
  await other.query(`SELECT FROM velahook.${table} WHERE event_id = $1 FOR ${lock}`, [event.eventId]);
  await other.query(
    `INSERT INTO velahook.pending_deliveries (id, seq, workspace_id, subscription_id, event_id, event_created_at, event_seq,
       event_type, generation, created_at, due_at)
     SELECT 'dlv_later', seq + 1, workspace_id, $2, event_id, event_created_at, event_seq, event_type, 1, created_at, due_at
     FROM velahook.pending_deliveries WHERE id = $1`,
    [deliveryIdOf(event), later],
  );
  const erasing = erase(event);
  await isAtWork(erasing);
  await other.query('COMMIT');
  // Its lane was not locked: the step leaves the event to the next one, which finds it.
  expect(await erasing).toBe(0);
  const [job] = await store.listOpenErasures(1);
  expect(job).toMatchObject({ steps: 1, examined: 0, position: null });
  const { events } = await store.listErasable({ workspaceId, until: T0, position: null });
  const at = events[0]?.at ?? { createdAt: T0, seq: 0 };
  const { eventId, eventType, body, dataBytes } = event;
  const found = [{ eventId, eventType, at, examined: 1, erasedBody: withoutData(body, dataBytes) }];
  const step = { workspaceId, erasureId: job?.id ?? '', steps: 1, found, examined: 1, position: null };
  const commit = await store.continueErasure(step, T0 + 9);
  expect(commit?.erasure).toMatchObject({ state: 'done', erased: 1, cancelled: 2 });
  expect(await store.listUnfinishedFanouts(1)).toEqual([]);
  expect((await store.findEvent(workspaceId, eventId))?.states).toEqual({ cancelled: 2 });
});

test('an event that retention has come to is erased as long as its day is there', async () => {
  const { store, database } = opened;
  const event = await arrange();
  await store.cancelDelivery(event.workspaceId, deliveryIdOf(event), T0 + 1);
  await database.query('DELETE FROM velahook.event_ids WHERE event_id = $1', [event.eventId]);
  expect(await erase(event)).toBe(1);
  const [left] = await database.query<{ body: Buffer }>(
    'SELECT body FROM velahook.events WHERE event_id = $1',
    [event.eventId],
  );
  expect(left?.body.toString()).toMatch(/"data":\{\}\}$/);
});
