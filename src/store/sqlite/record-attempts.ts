import type { DatabaseSync } from 'node:sqlite';
import type { DeliveryState, FailureReason } from '../../domain/delivery.ts';
import type { AttemptToRecord, RecordResult } from '../store.ts';
import { command, queryOne } from './statement.ts';
import type { SwitchOff } from './switch-off.ts';

interface DeliveryRow {
  deliverySeq: number;
  state: DeliveryState;
  attempts: number;
  generation: number;
  subscriptionSeq: number;
  currentGeneration: number;
  currentUrl: string;
}

/** What becomes of a delivery; null times and reasons are stored as such. */
interface Ending {
  state: DeliveryState;
  dueAt: number | null;
  finishedAt: number | null;
  failureReason: FailureReason | null;
}

/**
 * Stage 5, the part on disk: the attempt, the delivery's next state and the subscription's health, in one commit.
 *
 * Per record: one look-up by id (unique index), an attempt inserted into the table and two indexes, the delivery
 * updated by primary key (which takes it out of `deliveries_pending`, or moves it there), and two deletes by primary
 * key in tables that are empty in good times. The next number of attempts is the fence: a record that comes twice,
 * or after another node's, finds it taken.
 */
export function createRecordAttempts(db: DatabaseSync, switchOff: SwitchOff) {
  const findDelivery = queryOne<DeliveryRow>(
    db,
    `SELECT d.seq AS deliverySeq, d.state, d.attempts, d.generation, d.subscription_seq AS subscriptionSeq,
            s.generation AS currentGeneration, s.url AS currentUrl
     FROM deliveries d JOIN subscriptions s ON s.seq = d.subscription_seq
     WHERE d.id = ?`,
  );
  const insertAttempt = command(
    db,
    `INSERT INTO attempts (id, delivery_seq, number, started_at, duration_ms, outcome, status_code, error,
                           response_truncated, response_body)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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

  const write = (delivery: DeliveryRow, record: AttemptToRecord, ending: Ending): void => {
    const { id, number, outcome, statusCode, error, responseBody, responseTruncated } = record.attempt;
    const { deliverySeq } = delivery;
    const startedAt = Math.round(record.attempt.startedAt);
    const durationMs = Math.round(record.attempt.durationMs);
    const response = [statusCode, error, responseTruncated ? 1 : 0, responseBody] as const;
    insertAttempt.run(id, deliverySeq, number, startedAt, durationMs, outcome, ...response);
    const { state, dueAt, finishedAt, failureReason } = ending;
    const last = [outcome, statusCode, error] as const;
    updateDelivery.run(deliverySeq, state, dueAt, finishedAt, failureReason, number, startedAt, ...last);
    deleteAnnouncement.run(deliverySeq);
  };

  /** Only current deliveries tell of a subscription's health: an older one's failure was asked for under other terms. */
  const updateHealth = (delivery: DeliveryRow, record: AttemptToRecord): void => {
    if (record.attempt.outcome === 'success') endFailing.run(delivery.subscriptionSeq);
    else if (delivery.generation === delivery.currentGeneration) {
      const failed = record.next.state === 'failed' ? 1 : 0;
      countFailure.run(delivery.subscriptionSeq, Math.round(record.attempt.startedAt), failed);
    }
  };

  const recordOne = (record: AttemptToRecord, now: number): RecordResult => {
    const delivery = findDelivery.get(record.deliveryId);
    if (delivery === undefined || !isNext(delivery, record))
      return { result: 'superseded', deactivated: false };
    const stopped = delivery.state === 'cancelled' || delivery.generation !== delivery.currentGeneration;
    const result = stopped && record.attempt.outcome !== 'success' ? 'cancelled' : 'recorded';
    write(delivery, record, result === 'cancelled' ? cancelled(now) : endingOf(record, now));
    updateHealth(delivery, record);
    const gone = record.deactivation;
    const deactivated =
      gone !== null &&
      !stopped &&
      gone.url === delivery.currentUrl &&
      switchOff(delivery.subscriptionSeq, 'gone', gone.notice, now);
    return { result, deactivated };
  };

  return (_epoch: number, records: readonly AttemptToRecord[], now: number): RecordResult[] => {
    const results = records.map((record) => recordOne(record, now));
    const recorded = records.filter((_, index) => results[index]?.result !== 'superseded');
    for (const id of new Set(recorded.map(({ subscriptionId }) => subscriptionId))) clearSuspicion.run(id);
    return results;
  };
}

function isNext(delivery: DeliveryRow, record: AttemptToRecord): boolean {
  const open = delivery.state === 'pending' || delivery.state === 'cancelled';
  return open && record.attempt.number === delivery.attempts + 1;
}

function endingOf({ next }: AttemptToRecord, now: number): Ending {
  switch (next.state) {
    case 'pending':
      return { state: 'pending', dueAt: Math.round(next.dueAt), finishedAt: null, failureReason: null };
    case 'succeeded':
      return { state: 'succeeded', dueAt: null, finishedAt: now, failureReason: null };
    case 'failed':
      return { state: 'failed', dueAt: null, finishedAt: now, failureReason: next.reason };
  }
}

function cancelled(now: number): Ending {
  return { state: 'cancelled', dueAt: null, finishedAt: now, failureReason: null };
}
