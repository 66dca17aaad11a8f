import type { StoredDelivery } from '../record-verdict.ts';
import type { AttemptToRecord } from '../contract/records.ts';
import { bigintArray, byteaArray, textArray } from './binary-array.ts';
import type { Session } from './database.ts';
import { statement } from './database.ts';
import { MOVED_COLUMNS } from './finish-deliveries.ts';
import { storable } from './free-text.ts';
import type { Transaction } from './transaction.ts';

/** A delivery as a batch of records finds it, and as the records so far have left it. Its row is locked. */
export interface RecordedDelivery extends StoredDelivery {
  id: string;
  createdAt: number;
  subscriptionId: string;
  workspaceId: string;
  /** Where its row is. */
  isPending: boolean;
  dueAt: number | null;
  finishedAt: number | null;
  firstAttemptAt: number | null;
  /** Null where it is not ordered, or has ended before. */
  orderKey: string | null;
  /** Its event's payload was erased: nothing of the response is kept. */
  isErased: boolean;
  /** The last attempt recorded in this batch; undefined while there is none. */
  last?: AttemptToRecord['attempt'];
}

const found = (table: string, isPending: boolean, columns: string) => `
SELECT d.id, d.attempts, d.generation, d.created_at AS "createdAt", d.subscription_id AS "subscriptionId",
       d.workspace_id AS "workspaceId", d.first_attempt_at AS "firstAttemptAt", ${isPending} AS "isPending", ${columns},
       s.generation AS "currentGeneration", s.url AS "currentUrl"
FROM velahook.${table} d JOIN velahook.subscriptions s ON s.id = d.subscription_id
WHERE d.id = ANY ($1::text[]) ORDER BY d.id FOR UPDATE OF d`;
/** By primary key, locked in order of the ids, so that no two batches wait for each other. */
const findPending = statement(
  found(
    'pending_deliveries',
    true,
    `'pending' AS state, d.due_at AS "dueAt", NULL AS "finishedAt", NULL AS "failureReason",
     false AS "isErased", d.order_key AS "orderKey"`,
  ),
);
/** One look in each day's partition for each id: only for records that come late. */
const findFinished = statement(
  found(
    'finished_deliveries',
    false,
    `d.state, NULL AS "dueAt", d.finished_at AS "finishedAt", d.failure_reason AS "failureReason", NULL AS "orderKey",
     false AS "isErased", d.event_created_at AS "eventCreatedAt", d.event_seq AS "eventSeq"`,
  ),
);
// By the primary key of each event. What is pending has not been erased, so that only records that come late ask.
const findErased = statement(`
SELECT given.id FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS given (id, created_at, seq)
  JOIN velahook.events e ON e.created_at = given.created_at AND e.seq = given.seq AND e.erased_at IS NOT NULL`);
const findAttempts = statement(`
SELECT a.id, a.delivery_id AS "deliveryId", a.number
FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS given (delivery_id, created_at, number)
  JOIN velahook.attempts a ON a.delivery_id = given.delivery_id AND a.number = given.number
    AND a.delivery_created_at = given.created_at`);
const insertAttempts = statement(`
INSERT INTO velahook.attempts (id, delivery_id, delivery_created_at, number, started_at, duration_ms, outcome,
  status_code, error, response_truncated, response_body, response_headers, request, timing, remote_address)
SELECT id, delivery_id, delivery_created_at, number, started_at, duration_ms, outcome, status_code, error,
  truncated = 1, body, headers, request, timing, remote_address
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8::bigint[],
            $9::text[], $10::bigint[], $11::bytea[], $12::text[], $13::text[], $14::text[], $15::text[])
  AS given (id, delivery_id, delivery_created_at, number, started_at, duration_ms, outcome, status_code, error,
            truncated, body, headers, request, timing, remote_address)`);

const GIVEN = `unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[],
    $8::bigint[], $9::text[], $10::bigint[], $11::text[])
  AS given (id, created_at, state, attempts, first_attempt_at, finished_at, last_outcome, last_status_code, last_error,
            due_at, failure_reason)`;
const LAST = `attempts = given.attempts, first_attempt_at = given.first_attempt_at, last_outcome = given.last_outcome,
  last_status_code = given.last_status_code, last_error = given.last_error`;
/** Still pending: the row gets another place in `pending_of_lane`. */
const updatePending = statement(`
UPDATE velahook.pending_deliveries d SET ${LAST}, due_at = given.due_at FROM ${GIVEN} WHERE d.id = given.id`);
/** The end of a pending delivery: its row moves. */
const movePending = statement(`
WITH given AS MATERIALIZED (SELECT * FROM ${GIVEN}),
  ended AS (DELETE FROM velahook.pending_deliveries WHERE id IN (SELECT id FROM given) RETURNING *)
INSERT INTO velahook.finished_deliveries (${MOVED_COLUMNS}, state, attempts, first_attempt_at, finished_at,
  last_outcome, last_status_code, last_error, failure_reason)
SELECT ${MOVED_COLUMNS.replaceAll(/\w+/g, 'ended.$&')}, given.state, given.attempts, given.first_attempt_at,
  given.finished_at, given.last_outcome, given.last_status_code, given.last_error, given.failure_reason
FROM ended JOIN given USING (id)`);
/** A cancelled one whose attempt was in flight. */
const updateFinished = statement(`
UPDATE velahook.finished_deliveries d
SET ${LAST}, state = given.state, finished_at = given.finished_at, failure_reason = given.failure_reason
FROM ${GIVEN} WHERE d.id = given.id AND d.created_at = given.created_at`);

/** Finds and locks the deliveries of the records; unknown ones are missing. */
export async function lockDeliveries(
  session: Session,
  records: readonly AttemptToRecord[],
): Promise<Map<string, RecordedDelivery>> {
  const wanted = [...new Set(records.map(({ deliveryId }) => deliveryId))];
  const pending = await session.rows<RecordedDelivery>(findPending, [textArray(wanted)]);
  const byId = new Map(pending.map((delivery) => [delivery.id, delivery]));
  const missing = wanted.filter((id) => !byId.has(id));
  if (missing.length === 0) return byId;
  // A statement of its own: one that was being moved while we waited for its lock is to be seen now.
  const finished = await session.rows<FinishedRow>(findFinished, [textArray(missing)]);
  const erased = await listErased(session, finished);
  for (const { eventCreatedAt: _c, eventSeq: _s, ...delivery } of finished)
    byId.set(delivery.id, { ...delivery, isErased: erased.has(delivery.id) });
  return byId;
}

interface FinishedRow extends RecordedDelivery {
  eventCreatedAt: number;
  eventSeq: number;
}

/** A statement of its own, after the locks: an erasure that held them has been committed by now. */
async function listErased(session: Session, finished: readonly FinishedRow[]): Promise<Set<string>> {
  if (finished.length === 0) return new Set();
  const rows = await session.rows<{ id: string }>(findErased, [
    textArray(finished.map(({ id }) => id)),
    bigintArray(finished.map(({ eventCreatedAt }) => eventCreatedAt)),
    bigintArray(finished.map(({ eventSeq }) => eventSeq)),
  ]);
  return new Set(rows.map(({ id }) => id));
}

/** Names an attempt as it is stored. */
export function attemptKey(deliveryId: string, { number, id }: { number: number; id: string }): string {
  return `${deliveryId} ${number} ${id}`;
}

/** Which of the records are stored already, by {@link attemptKey}. Asks only if their number says that it may be. */
export async function findStoredAttempts(
  session: Session,
  records: readonly AttemptToRecord[],
  deliveries: ReadonlyMap<string, RecordedDelivery>,
): Promise<Set<string>> {
  const late = records.flatMap(({ deliveryId, attempt }) => {
    const delivery = deliveries.get(deliveryId);
    return delivery && attempt.number <= delivery.attempts ? [{ delivery, number: attempt.number }] : [];
  });
  if (late.length === 0) return new Set();
  const rows = await session.rows<{ id: string; deliveryId: string; number: number }>(findAttempts, [
    textArray(late.map(({ delivery }) => delivery.id)),
    bigintArray(late.map(({ delivery }) => delivery.createdAt)),
    bigintArray(late.map(({ number }) => number)),
  ]);
  return new Set(rows.map((row) => attemptKey(row.deliveryId, row)));
}

/** The attempts of the records, whose deliveries are all among those given. */
export function storeAttempts(
  session: Transaction,
  records: readonly AttemptToRecord[],
  deliveries: ReadonlyMap<string, RecordedDelivery>,
): void {
  const attempts = records.map(({ attempt }) => attempt);
  const kept = records.map(({ deliveryId, attempt }) =>
    deliveries.get(deliveryId)?.isErased ? null : attempt,
  );
  session.send(insertAttempts, [
    textArray(attempts.map(({ id }) => id)),
    textArray(records.map(({ deliveryId }) => deliveryId)),
    bigintArray(records.map(({ deliveryId }) => deliveries.get(deliveryId)?.createdAt ?? null)),
    bigintArray(attempts.map(({ number }) => number)),
    bigintArray(attempts.map(({ startedAt }) => Math.round(startedAt))),
    bigintArray(attempts.map(({ durationMs }) => Math.round(durationMs))),
    textArray(attempts.map(({ outcome }) => outcome)),
    bigintArray(attempts.map(({ statusCode }) => statusCode)),
    textArray(attempts.map(({ error }) => storable(error))),
    bigintArray(attempts.map(({ responseTruncated }) => (responseTruncated ? 1 : 0))),
    byteaArray(kept.map((attempt) => attempt?.responseBody ?? null)),
    textArray(kept.map((attempt) => attempt?.responseHeaders ?? null)),
    textArray(attempts.map(({ request }) => request)),
    textArray(attempts.map(({ timing }) => timing)),
    textArray(attempts.map(({ remoteAddress }) => remoteAddress)),
  ]);
}

/** Writes what the records have made of the deliveries; each row lands where its state belongs. */
export function storeDeliveries(session: Transaction, deliveries: readonly RecordedDelivery[]): void {
  const changed = deliveries.filter(({ last }) => last !== undefined);
  const kinds = [
    {
      write: updatePending,
      rows: changed.filter(({ isPending, state }) => isPending && state === 'pending'),
    },
    { write: movePending, rows: changed.filter(({ isPending, state }) => isPending && state !== 'pending') },
    { write: updateFinished, rows: changed.filter(({ isPending }) => !isPending) },
  ];
  for (const { write, rows } of kinds) if (rows.length > 0) session.send(write, columnsOf(rows));
}

function columnsOf(rows: readonly RecordedDelivery[]): Buffer[] {
  return [
    textArray(rows.map(({ id }) => id)),
    bigintArray(rows.map(({ createdAt }) => createdAt)),
    textArray(rows.map(({ state }) => state)),
    bigintArray(rows.map(({ attempts }) => attempts)),
    bigintArray(rows.map(({ firstAttemptAt }) => firstAttemptAt)),
    bigintArray(rows.map(({ finishedAt }) => finishedAt)),
    textArray(rows.map(({ last }) => last?.outcome ?? null)),
    bigintArray(rows.map(({ last }) => last?.statusCode ?? null)),
    textArray(rows.map(({ last }) => storable(last?.error ?? null))),
    bigintArray(rows.map(({ dueAt }) => dueAt)),
    textArray(rows.map(({ failureReason }) => failureReason)),
  ];
}
