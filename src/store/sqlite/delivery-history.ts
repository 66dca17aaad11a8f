import type { DatabaseSync } from 'node:sqlite';
import type { AttemptRecord } from '../../domain/attempt.ts';
import { HELD_DUE_AT } from '../../domain/delivery.ts';
import type { Backlog, CursorPage, DeliveryQuery, DeliveryView } from '../contract/history.ts';
import { SHOWN_STATE } from './delivery-state.ts';
import type { Condition, FilteredScan, Scan, SeqFinder } from './filtered-scan.ts';
import { queryAll, queryOne } from './statement.ts';

const DELIVERY_COLUMNS = `d.id, w.id AS workspaceId, s.id AS subscriptionId, s.url,
  CASE WHEN s.deleted_at IS NULL THEN s.status ELSE 'deleted' END AS subscriptionStatus,
  e.event_id AS eventId, e.event_type AS eventType, ${SHOWN_STATE} AS state,
  d.failure_reason AS failureReason, d.attempts, iif(${SHOWN_STATE} = 'pending' AND d.due_at < ${HELD_DUE_AT}, d.due_at, NULL) AS dueAt,
  d.first_attempt_at AS firstAttemptAt, d.finished_at AS finishedAt,
  d.last_outcome AS lastOutcome, d.last_status_code AS lastStatusCode, d.last_error AS lastError,
  again.replay_of AS replayOf, job.id AS replayId`;

/** CROSS JOIN keeps the order: the delivery first, then what it refers to, each by primary key. */
const DELIVERY_JOINS = `CROSS JOIN events e ON e.seq = d.event_seq
  CROSS JOIN subscriptions s ON s.seq = d.subscription_seq CROSS JOIN workspaces w ON w.seq = d.workspace_seq
  LEFT JOIN replayed_deliveries again ON again.delivery_seq = d.seq LEFT JOIN replays job ON job.seq = again.replay_seq`;

/** States that the partial index `deliveries_unsuccessful` holds. */
const UNSUCCESSFUL: ReadonlySet<string> = new Set(['failed', 'cancelled', 'skipped']);

/** Deliveries and their attempts. */
export function deliveryHistory(db: DatabaseSync, seqs: SeqFinder, scan: FilteredScan) {
  const find = queryOne<DeliveryView>(
    db,
    `SELECT ${DELIVERY_COLUMNS}, d.created_at AS createdAt FROM deliveries d ${DELIVERY_JOINS}
     WHERE d.id = ? AND w.id = ?`,
  );
  const findByAttempt = queryOne<DeliveryView>(
    db,
    `SELECT ${DELIVERY_COLUMNS}, d.created_at AS createdAt
     FROM attempts a CROSS JOIN deliveries d ON d.seq = a.delivery_seq ${DELIVERY_JOINS}
     WHERE a.id = ? AND w.id = ?`,
  );
  const listAttempts = queryAll<Omit<AttemptRecord, 'responseTruncated'> & { responseTruncated: number }>(
    db,
    `SELECT a.id, a.number, a.started_at AS startedAt, a.duration_ms AS durationMs, a.outcome,
            a.status_code AS statusCode, a.error, a.response_body AS responseBody,
            a.response_truncated AS responseTruncated, a.response_headers AS responseHeaders, a.request, a.timing,
            a.remote_address AS remoteAddress
     FROM deliveries d CROSS JOIN workspaces w ON w.seq = d.workspace_seq
       CROSS JOIN attempts a ON a.delivery_seq = d.seq
     WHERE d.id = ? AND w.id = ? ORDER BY a.number`,
  );
  // The whole of deliveries_pending, but no table row: some 50 ns for each pending delivery. Those of older
  // generations count until they are cancelled, seconds later: leaving them out would cost a look-up for each.
  const measure = queryOne<Backlog>(
    db,
    `SELECT count(*) AS pending, min(CASE WHEN due_at <= ? THEN due_at END) AS oldestDueAt
     FROM deliveries INDEXED BY deliveries_pending WHERE state = 'pending'`,
  );

  // By subscriptions_with_stale, which is empty nearly always.
  const findStale = queryOne(db, 'SELECT 1 FROM subscriptions WHERE has_stale = 1 LIMIT 1');

  return {
    findDelivery(workspaceId: string, id: string): DeliveryView | undefined {
      return find.get(id, workspaceId);
    },

    findDeliveryByAttempt(workspaceId: string, attemptId: string): DeliveryView | undefined {
      return findByAttempt.get(attemptId, workspaceId);
    },

    listDeliveries(workspaceId: string, query: DeliveryQuery): CursorPage<DeliveryView> {
      const hasStale = findStale.get() !== undefined;
      return scan<DeliveryView, DeliveryView>(
        planList(seqs, workspaceId, query, hasStale),
        query,
        (view) => view,
      );
    },

    listAttempts(workspaceId: string, deliveryId: string): AttemptRecord[] {
      const rows = listAttempts.all(deliveryId, workspaceId);
      return rows.map((row) => ({ ...row, responseTruncated: row.responseTruncated === 1 }));
    },

    measureBacklog(now: number): Backlog {
      return measure.get(now) ?? { pending: 0, oldestDueAt: null };
    },
  };
}

/**
 * Follows the index of whatever is asked for that is rarest: one event's deliveries, one subscription's, the
 * workspace's unsuccessful ones, or all of the workspace's. The other conditions are looked at row by row.
 */
function planList(seqs: SeqFinder, workspaceId: string, query: DeliveryQuery, hasStale: boolean): Scan {
  const { subscriptionId, eventId, eventType, state, statusCode } = query;
  // What the workspace does not have gets a seq that nothing has; the page is empty, the cursor still checked.
  const workspaceSeq = seqs.workspace(workspaceId) ?? 0;
  const equal = (column: string, value: string | number): Condition => ({
    sql: `${column} = ?`,
    params: [value],
  });
  const ofWorkspace = equal('d.workspace_seq', workspaceSeq);
  const filters: Condition[] = [];
  let index = 'deliveries_of_workspace';
  let prefix = [ofWorkspace];
  const ofSubscription =
    subscriptionId === undefined
      ? undefined
      : equal('d.subscription_seq', seqs.subscription(workspaceSeq, subscriptionId) ?? 0);
  if (eventId !== undefined) {
    index = 'deliveries_of_event';
    prefix = [equal('d.event_seq', seqs.event(workspaceSeq, eventId) ?? 0)];
    if (ofSubscription) filters.push(ofSubscription);
  } else if (ofSubscription) {
    index = 'deliveries_of_subscription';
    prefix = [ofSubscription];
  }
  // While some cancellations are not written down, the index of the cancelled lacks them.
  const isIndexed = state !== undefined && UNSUCCESSFUL.has(state) && !(state === 'cancelled' && hasStale);
  if (isIndexed && index === 'deliveries_of_workspace') {
    index = 'deliveries_unsuccessful';
    // The second condition only repeats the index's own, without which it may not be used.
    const indexed = `d.state = ? AND d.state IN ('failed', 'cancelled', 'skipped')`;
    prefix = [ofWorkspace, { sql: indexed, params: [state] }];
  } else if (state !== undefined) filters.push(equal(SHOWN_STATE, state));
  if (eventType !== undefined) filters.push(equal('e.event_type', eventType));
  if (statusCode !== undefined) filters.push(equal('d.last_status_code', statusCode));
  const table = `deliveries d INDEXED BY ${index}`;
  return {
    kind: 'deliveries',
    table,
    alias: 'd',
    columns: DELIVERY_COLUMNS,
    joins: DELIVERY_JOINS,
    prefix,
    filters,
  };
}
