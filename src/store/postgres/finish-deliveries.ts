import type { DeliveryState, EndReason } from '../../domain/delivery.ts';
import type { CancelledDelivery } from '../contract/replays.ts';
import type { Session } from './database.ts';
import { statement } from './database.ts';

/** What a row of `pending_deliveries` and one of `finished_deliveries` have in common, but the outcome. */
export const MOVED_COLUMNS = `id, seq, workspace_id, subscription_id, event_id, event_created_at, event_seq,
  event_type, generation, created_at`;

const move = (lock: string) => `
WITH locked AS MATERIALIZED (
    SELECT id FROM velahook.pending_deliveries WHERE id = ANY ($1::text[]) ORDER BY id ${lock}),
  ended AS (DELETE FROM velahook.pending_deliveries WHERE id IN (SELECT id FROM locked) RETURNING *),
  forgotten AS (DELETE FROM velahook.announcements WHERE delivery_id IN (SELECT id FROM locked))
INSERT INTO velahook.finished_deliveries (${MOVED_COLUMNS}, attempts, first_attempt_at, last_outcome,
  last_status_code, last_error, state, failure_reason, finished_at)
SELECT ${MOVED_COLUMNS}, attempts, first_attempt_at, last_outcome, last_status_code, last_error, $2, $3, $4
FROM ended
RETURNING id, workspace_id AS "workspaceId", subscription_id AS "subscriptionId", event_id AS "eventId",
  event_type AS "eventType"`;
const finish = statement(move('FOR UPDATE'));
const finishUnlocked = statement(move('FOR UPDATE SKIP LOCKED'));

export interface Ending {
  state: Exclude<DeliveryState, 'pending'>;
  failureReason: EndReason | null;
  finishedAt: number;
}

/**
 * Ends those of the deliveries that are pending, all alike and without an attempt, and forgets their announcements;
 * answers which. By primary key, in order of the ids; with `skip locked` those that somebody is writing right now
 * are left to them.
 */
export async function finishDeliveries(
  session: Session,
  ids: readonly string[],
  { state, failureReason, finishedAt }: Ending,
  lock: 'wait' | 'skip locked' = 'wait',
): Promise<CancelledDelivery[]> {
  return session.rows<CancelledDelivery>(lock === 'wait' ? finish : finishUnlocked, [
    ids,
    state,
    failureReason,
    finishedAt,
  ]);
}
