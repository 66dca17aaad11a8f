import type { DatabaseSync } from 'node:sqlite';
import type { PendingDelivery } from '../../domain/delivery.ts';
import type { DeliveryEnd, StoredDelivery } from '../record-verdict.ts';
import { SUPERSEDED, answerAgain, judgeRecord } from '../record-verdict.ts';
import type { AttemptToRecord, RecordResult } from '../contract/records.ts';
import type { KeyOrder } from './key-order.ts';
import type { StartLaneUpkeep } from './lane-upkeep.ts';
import { createNodeCheck } from './nodes.ts';
import { command, queryOne } from './statement.ts';
import type { SwitchOff } from './switch-off.ts';

/** Of an attempt that comes when its event has been erased. */
const NOTHING_KEPT = { responseBody: null, responseHeaders: null };

interface DeliveryRow extends StoredDelivery {
  deliverySeq: number;
  subscriptionSeq: number;
  /** Null where it is not ordered. */
  orderKey: string | null;
}

/**
 * Stage 5, the part on disk: the attempt, the delivery's next state and the subscription's health, in one commit.
 *
 * Per record: one look-up by id (unique index), an attempt inserted into the table and two indexes, the delivery
 * updated by primary key (which takes it out of `deliveries_pending`, or moves it there), and two deletes by primary
 * key in tables that are empty in good times. With the end of an ordered one the next of its key is found and updated.
 */
export function createRecordAttempts(
  db: DatabaseSync,
  switchOff: SwitchOff,
  keyOrder: KeyOrder,
  startLaneUpkeep: StartLaneUpkeep,
) {
  const findDelivery = queryOne<DeliveryRow>(
    db,
    `SELECT d.seq AS deliverySeq, d.state, d.attempts, d.generation, d.subscription_seq AS subscriptionSeq,
            d.order_key AS orderKey, d.failure_reason AS failureReason, s.generation AS currentGeneration, s.url AS currentUrl
     FROM deliveries d JOIN subscriptions s ON s.seq = d.subscription_seq
     WHERE d.id = ?`,
  );
  const insertAttempt = command(
    db,
    `INSERT INTO attempts (id, delivery_seq, number, started_at, duration_ms, outcome, status_code, error,
                           response_truncated, response_body, response_headers, request, timing, remote_address)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const updateDelivery = command(
    db,
    `UPDATE deliveries
     SET state = ?2, due_at = ?3, finished_at = ?4, failure_reason = ?5, attempts = ?6,
         first_attempt_at = coalesce(first_attempt_at, ?7), last_outcome = ?8, last_status_code = ?9,
         last_error = ?10
     WHERE seq = ?1`,
  );
  const countFailure = command(
    db,
    `INSERT INTO subscription_health (subscription_seq, failing_since, failed_deliveries) VALUES (?1, ?2, ?3)
     ON CONFLICT (subscription_seq) DO UPDATE SET failed_deliveries = failed_deliveries + ?3`,
  );
  const endFailing = command(db, 'DELETE FROM subscription_health WHERE subscription_seq = ?');
  const deleteAnnouncement = command(db, 'DELETE FROM announcements WHERE delivery_seq = ?');
  const clearSuspicion = command(
    db,
    `UPDATE lanes SET suspect = 0
     WHERE subscription_seq = (SELECT seq FROM subscriptions WHERE id = ?) AND suspect = 1`,
  );

  const findErased = queryOne(
    db,
    'SELECT 1 FROM deliveries d JOIN events e ON e.seq = d.event_seq WHERE d.seq = ? AND e.erased_at IS NOT NULL',
  );

  const isLive = createNodeCheck(db);
  const isStored = queryOne(db, 'SELECT 1 FROM attempts WHERE delivery_seq = ? AND number = ? AND id = ?');

  const write = (delivery: DeliveryRow, record: AttemptToRecord, end: DeliveryEnd): void => {
    const { id, number, outcome, statusCode, error, responseTruncated } = record.attempt;
    const { request, timing, remoteAddress } = record.attempt;
    const { deliverySeq } = delivery;
    // Whatever is pending has not been erased: only for records that come late something is looked up.
    const isErased = delivery.state !== 'pending' && findErased.get(deliverySeq) !== undefined;
    const { responseBody, responseHeaders } = isErased ? NOTHING_KEPT : record.attempt;
    const startedAt = Math.round(record.attempt.startedAt);
    const durationMs = Math.round(record.attempt.durationMs);
    const response = [statusCode, error, responseTruncated ? 1 : 0, responseBody, responseHeaders] as const;
    const seen = [request, timing, remoteAddress] as const;
    insertAttempt.run(id, deliverySeq, number, startedAt, durationMs, outcome, ...response, ...seen);
    const { state, dueAt, finishedAt, failureReason } = end;
    const last = [outcome, statusCode, error] as const;
    updateDelivery.run(deliverySeq, state, dueAt, finishedAt, failureReason, number, startedAt, ...last);
    deleteAnnouncement.run(deliverySeq);
  };

  const updateHealth = (subscriptionSeq: number, record: AttemptToRecord, isCurrent: boolean): void => {
    if (record.attempt.outcome === 'success') endFailing.run(subscriptionSeq);
    else if (isCurrent) {
      const failed = record.next.state === 'failed' ? 1 : 0;
      countFailure.run(subscriptionSeq, Math.round(record.attempt.startedAt), failed);
    }
  };

  const recordOne = (record: AttemptToRecord, isLive: boolean, now: number): RecordResult => {
    const delivery = findDelivery.get(record.deliveryId);
    if (delivery === undefined) return SUPERSEDED;
    const { deliverySeq, subscriptionSeq } = delivery;
    const verdict = judgeRecord(delivery, record, isLive, now);
    if (verdict === 'superseded') return SUPERSEDED;
    if (verdict === 'not_next') {
      const { number, id } = record.attempt;
      return answerAgain(delivery, isStored.get(deliverySeq, number, id) !== undefined);
    }
    const { result, end, isCurrent, notice } = verdict;
    write(delivery, record, end);
    updateHealth(subscriptionSeq, record, isCurrent);
    const deactivated = notice !== null && switchOff(subscriptionSeq, 'gone', notice, now);
    const next = end.state === 'pending' || !isCurrent || deactivated ? undefined : advance(delivery, now);
    return { result, deactivated, ...(next && { next }) };
  };

  const advance = (delivery: DeliveryRow, now: number): PendingDelivery | undefined => {
    const { subscriptionSeq, generation, orderKey } = delivery;
    return orderKey === null ? undefined : keyOrder.advance({ subscriptionSeq, generation, orderKey }, now);
  };

  /** It may have been given back since the attempt began. */
  const readyLanes = (epoch: number, made: readonly PendingDelivery[], now: number): void => {
    const lanes = startLaneUpkeep(epoch, false, now);
    for (const { subscriptionId, workspaceId } of made) lanes.keep(subscriptionId, workspaceId);
  };

  return (epoch: number, records: readonly AttemptToRecord[], now: number): RecordResult[] => {
    const live = isLive(epoch);
    const results = records.map((record) => recordOne(record, live, now));
    const recorded = records.filter((_, index) => results[index]?.result !== 'superseded');
    for (const id of new Set(recorded.map(({ subscriptionId }) => subscriptionId))) clearSuspicion.run(id);
    const made = results.flatMap(({ next }) => next ?? []);
    if (made.length > 0) readyLanes(epoch, made, now);
    return results;
  };
}
