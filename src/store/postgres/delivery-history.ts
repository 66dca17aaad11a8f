import type { AttemptRecord } from '../../domain/attempt.ts';
import { HELD_DUE_AT } from '../../domain/delivery.ts';
import type { Backlog, DeliveryQuery, DeliveryView, HistoryStore } from '../contract/history.ts';
import { LOOKED_AT_MAX } from '../page.ts';
import type { Database, Session } from './database.ts';
import { statement } from './database.ts';
import { areSomeStale } from './event-history.ts';
import type { Condition, Scan, Source } from './filtered-scan.ts';
import { equal, readList, scanPage } from './filtered-scan.ts';
import { CLOCKS_APART_MS, shownPendingState } from './shown-state.ts';

/** Of both tables, named alike; `state` and what only one of them has come with each. */
const COMMON_COLUMNS = `seq, created_at, id, workspace_id, subscription_id, event_id, event_type, attempts,
  first_attempt_at, last_outcome, last_status_code, last_error`;
const FINISHED_COLUMNS = `${COMMON_COLUMNS}, state, finished_at, failure_reason, NULL::bigint AS due_at`;
const PENDING_COLUMNS = `${COMMON_COLUMNS}, ${shownPendingState('d')} AS state, NULL::bigint AS finished_at,
  NULL::text AS failure_reason, due_at`;

const SHOWN_COLUMNS = `d.id, d.workspace_id AS "workspaceId", d.subscription_id AS "subscriptionId", s.url,
  CASE WHEN s.deleted_at IS NULL THEN s.status ELSE 'deleted' END AS "subscriptionStatus",
  d.event_id AS "eventId", d.event_type AS "eventType", d.state, d.failure_reason AS "failureReason", d.attempts,
  CASE WHEN d.state = 'pending' AND d.due_at < ${HELD_DUE_AT} THEN d.due_at END AS "dueAt", d.first_attempt_at AS "firstAttemptAt",
  d.finished_at AS "finishedAt", d.last_outcome AS "lastOutcome", d.last_status_code AS "lastStatusCode",
  d.last_error AS "lastError", again.replay_of AS "replayOf", again.replay_id AS "replayId"`;
/** LIMIT makes it a look-up by primary key for each delivery, in whatever order these come. */
const JOINED = `CROSS JOIN LATERAL (SELECT url, status, deleted_at FROM velahook.subscriptions
  WHERE id = d.subscription_id LIMIT 1) s
  LEFT JOIN LATERAL (SELECT replay_of, replay_id FROM velahook.replayed_deliveries
  WHERE delivery_id = d.id LIMIT 1) again ON true`;

// By primary key: of the pending ones, and of the finished ones of each day.
const find = statement(`
SELECT ${SHOWN_COLUMNS}, d.created_at AS "createdAt"
FROM (SELECT ${PENDING_COLUMNS} FROM velahook.pending_deliveries d WHERE id = $2 AND workspace_id = $1
      UNION ALL
      SELECT ${FINISHED_COLUMNS} FROM velahook.finished_deliveries WHERE id = $2 AND workspace_id = $1) d
  ${JOINED}`);

// By attempts_by_id of each day. Whose it is, is checked with the delivery.
const findByAttempt = statement('SELECT delivery_id AS "deliveryId" FROM velahook.attempts WHERE id = $1');

// By primary key of each day, then that of the one day's attempts the delivery was created on.
const listAttempts = statement(`
SELECT a.id, a.number, a.started_at AS "startedAt", a.duration_ms AS "durationMs", a.outcome,
       a.status_code AS "statusCode", a.error, a.response_body AS "responseBody",
       a.response_truncated AS "responseTruncated", a.response_headers AS "responseHeaders", a.request, a.timing,
       a.remote_address AS "remoteAddress"
FROM (SELECT created_at FROM velahook.pending_deliveries WHERE id = $2 AND workspace_id = $1
      UNION ALL
      SELECT created_at FROM velahook.finished_deliveries WHERE id = $2 AND workspace_id = $1) d
  JOIN velahook.attempts a ON a.delivery_id = $2 AND a.delivery_created_at = d.created_at
ORDER BY a.number`);

const findEventTime = statement(
  'SELECT created_at AS "createdAt" FROM velahook.event_ids WHERE workspace_id = $1 AND event_id = $2',
);
// By primary key; then by pending_of_lane alone, and no further than what is asked for: whether there are so many.
const findPending = statement(`
SELECT (SELECT count(*) FROM (SELECT FROM velahook.pending_deliveries WHERE subscription_id = $2
                              LIMIT ${LOOKED_AT_MAX} + 1) found) > ${LOOKED_AT_MAX} AS "areMany"
FROM velahook.subscriptions WHERE id = $2 AND workspace_id = $1`);

// The pending deliveries of the oldest events, by pending_by_day, and no more: those of a million would take a second
// each time somebody looks at the metrics. Beyond that the server's own statistics tell how many there are.
const measure = statement(`
SELECT count(*) AS counted, min(due_at) FILTER (WHERE due_at <= $1) AS "oldestDueAt",
       pg_stat_get_live_tuples('velahook.pending_deliveries'::regclass) AS estimated
FROM (SELECT due_at FROM velahook.pending_deliveries ORDER BY event_created_at LIMIT ${LOOKED_AT_MAX}) oldest`);

type DeliveryHistory = Omit<HistoryStore, 'findEvent' | 'listEvents'>;

/** Deliveries and their attempts. */
export function deliveryHistory(database: Database): DeliveryHistory {
  const findDelivery = async (workspaceId: string, id: string): Promise<DeliveryView | undefined> => {
    const [found] = await database.rows<DeliveryView>(find, [workspaceId, id]);
    return found;
  };
  return {
    findDelivery,

    async findDeliveryByAttempt(workspaceId, attemptId) {
      const [attempt] = await database.rows<{ deliveryId: string }>(findByAttempt, [attemptId]);
      return attempt && findDelivery(workspaceId, attempt.deliveryId);
    },

    async listDeliveries(workspaceId, query) {
      return readList(database, async (session) =>
        scanPage(session, await planList(session, workspaceId, query), query),
      );
    },

    async listAttempts(workspaceId, deliveryId) {
      return database.rows<AttemptRecord>(listAttempts, [workspaceId, deliveryId]);
    },

    async measureBacklog(now): Promise<Backlog> {
      const [found] = await database.rows<{ counted: number; oldestDueAt: number | null; estimated: number }>(
        measure,
        [Math.round(now)],
      );
      const { counted = 0, oldestDueAt = null, estimated = 0 } = found ?? {};
      return { pending: counted < LOOKED_AT_MAX ? counted : Math.max(counted, estimated), oldestDueAt };
    },
  };
}

/**
 * Merges pending and finished deliveries, each along the index of whatever is asked for that is rarest: one event's, one
 * subscription's, the workspace's unsuccessful ones, or all of the workspace's. All conditions are looked at row by row
 * besides.
 */
async function planList(
  session: Session,
  workspaceId: string,
  query: DeliveryQuery,
): Promise<Scan<DeliveryView, DeliveryView>> {
  const { subscriptionId, eventType, state, statusCode } = query;
  const filters: Condition[] = [];
  if (subscriptionId !== undefined) filters.push(equal('d.subscription_id', subscriptionId));
  if (eventType !== undefined) filters.push(equal('d.event_type', eventType));
  if (state !== undefined) filters.push(equal('d.state', state));
  if (statusCode !== undefined) filters.push(equal('d.last_status_code', statusCode));
  return {
    kind: 'deliveries',
    sources: await sourcesOf(session, workspaceId, query),
    columns: SHOWN_COLUMNS,
    join: JOINED,
    filters,
    weight: '1',
    toItem: (view) => view,
  };
}

async function sourcesOf(session: Session, workspaceId: string, query: DeliveryQuery): Promise<Source[]> {
  const { subscriptionId, eventId, state } = query;
  const pending = { columns: PENDING_COLUMNS, from: 'velahook.pending_deliveries' };
  const finished = { columns: FINISHED_COLUMNS, from: 'velahook.finished_deliveries' };
  const ofWorkspace = equal('workspace_id', workspaceId);
  if (eventId !== undefined) {
    const ofEvent = [ofWorkspace, equal('event_id', eventId)];
    const [event] = await session.rows<{ createdAt: number }>(findEventTime, [workspaceId, eventId]);
    const since: Condition = (bind) => `created_at >= ${bind((event?.createdAt ?? 0) - CLOCKS_APART_MS)}`;
    return [
      { ...pending, prefix: ofEvent, isSmall: true },
      { ...finished, prefix: [...ofEvent, since], isSmall: true },
    ];
  }
  // While some cancellations are not written down, pending deliveries have to be looked at for them.
  const needsPending =
    state === undefined || state === 'pending' || (state === 'cancelled' && (await areSomeStale(session)));
  if (subscriptionId !== undefined) {
    const [found] = await session.rows<{ areMany: boolean }>(findPending, [workspaceId, subscriptionId]);
    if (found === undefined) return [{ ...pending, prefix: [() => 'false'], isSmall: true }];
    const ofSubscription = equal('subscription_id', subscriptionId);
    // No index has one subscription's pending deliveries in the order of the list: it would be one more to write for
    // every delivery. Some thousands are read and sorted; where there are more, they are plenty among the workspace's.
    const some: Source = found.areMany
      ? { ...pending, prefix: [ofWorkspace] }
      : { ...pending, prefix: [ofSubscription], isSmall: true };
    const ended: Source = { ...finished, prefix: [ofSubscription] };
    return [...(needsPending ? [some] : []), ...(state === 'pending' ? [] : [ended])];
  }
  const isRare = state !== undefined && state !== 'succeeded' && state !== 'pending';
  // The second condition only repeats the partial index's own.
  const rare: Condition[] = isRare ? [equal('state', state), () => `state <> 'succeeded'`] : [];
  const ended: Source = { ...finished, prefix: [ofWorkspace, ...rare] };
  return [
    ...(needsPending ? [{ ...pending, prefix: [ofWorkspace] }] : []),
    ...(state === 'pending' ? [] : [ended]),
  ];
}
