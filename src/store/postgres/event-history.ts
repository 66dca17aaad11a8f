import type { DeliveryState } from '../../domain/delivery.ts';
import type { CursorPage, EventQuery, EventView, HistoryStore, StoredEvent } from '../contract/history.ts';
import { readFilteredOut } from '../filtered-out.ts';
import type { Database, Session } from './database.ts';
import { statement } from './database.ts';
import type { Condition, Scan } from './filtered-scan.ts';
import { equal, readList, scanPage } from './filtered-scan.ts';
import { CLOCKS_APART_MS, HAS_STALE, shownPendingState } from './shown-state.ts';

type EventRow<View extends EventView> = Omit<View, 'states' | 'workspaceId' | 'filteredOut'> & {
  filteredOut: string | null;
};

const EVENT_COLUMNS = `d.event_id AS "eventId", d.origin, d.event_type AS "eventType", d.timestamp,
  d.ordering_key AS "orderingKey", d.delivery_count AS "deliveryCount", coalesce(d.erased_data_bytes, d.data_bytes) AS "dataBytes",
  d.erased_at AS "erasedAt", d.filtered_out AS "filteredOut"`;

// By the primary keys of event_ids and of the one partition that it names.
const find = statement(`
SELECT ${EVENT_COLUMNS}, d.created_at AS "createdAt", d.body
FROM velahook.event_ids i JOIN velahook.events d ON d.created_at = i.created_at AND d.seq = i.seq
WHERE i.workspace_id = $1 AND i.event_id = $2`);

// By pending_of_event and finished_of_event, in the days since each event. For a page of events at most as many
// deliveries as LOOKED_AT_MAX, or those of one event.
const countStates = statement(`
SELECT e.event_id AS "eventId", s.state, s.count
FROM unnest($2::text[], $3::bigint[]) AS e (event_id, created_at) CROSS JOIN LATERAL (
  SELECT f.state, count(*) FROM velahook.finished_deliveries f
  WHERE f.workspace_id = $1 AND f.event_id = e.event_id AND f.created_at >= e.created_at - ${CLOCKS_APART_MS}
  GROUP BY f.state
  UNION ALL
  SELECT ${shownPendingState('p')}, count(*) FROM velahook.pending_deliveries p
  WHERE p.workspace_id = $1 AND p.event_id = e.event_id GROUP BY 1) s`);

const findStale = statement(`SELECT ${HAS_STALE} AS "hasStale"`);

type EventHistory = Pick<HistoryStore, 'findEvent' | 'listEvents'>;

/** What was published, and what became of it. */
export function eventHistory(database: Database): EventHistory {
  return {
    async findEvent(workspaceId, eventId) {
      return database.read(async (session) => {
        const [row] = await session.rows<EventRow<StoredEvent>>(find, [workspaceId, eventId]);
        if (row === undefined) return undefined;
        const [event] = await withStates<StoredEvent>(session, workspaceId, [row]);
        return event;
      });
    },

    async listEvents(workspaceId, query) {
      return readList(database, async (session): Promise<CursorPage<EventView>> => {
        const hasStale = query.state === undefined ? false : await areSomeStale(session);
        const page = await scanPage(session, planList(workspaceId, query, hasStale), query);
        const items = await withStates<EventView>(session, workspaceId, page.items);
        return { items, nextCursor: page.nextCursor };
      });
    },
  };
}

/** Whether some pending deliveries are cancelled in truth. */
export async function areSomeStale(session: Session): Promise<boolean> {
  const [found] = await session.rows<{ hasStale: boolean }>(findStale);
  return found?.hasStale ?? true;
}

async function withStates<View extends EventView>(
  session: Session,
  workspaceId: string,
  rows: readonly EventRow<View>[],
): Promise<View[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ eventId }) => eventId);
  const times = rows.map(({ createdAt }) => createdAt);
  const counts = await session.rows<{ eventId: string; state: DeliveryState; count: number }>(countStates, [
    workspaceId,
    ids,
    times,
  ]);
  const states = new Map<string, EventView['states']>(ids.map((id) => [id, {}]));
  for (const { eventId, state, count } of counts) {
    const ofEvent = states.get(eventId) ?? {};
    ofEvent[state] = (ofEvent[state] ?? 0) + count;
  }
  return rows.map(
    ({ filteredOut, ...row }) =>
      ({
        ...row,
        filteredOut: readFilteredOut(filteredOut),
        workspaceId,
        states: states.get(row.eventId) ?? {},
      }) as unknown as View,
  );
}

function planList(
  workspaceId: string,
  { eventType, state }: EventQuery,
  hasStale: boolean,
): Scan<EventRow<EventView>, EventRow<EventView>> {
  const filters: Condition[] = [];
  if (eventType !== undefined) filters.push(equal('d.event_type', eventType));
  if (state !== undefined) filters.push(() => 'found.in_state');
  return {
    kind: 'events',
    sources: [
      {
        columns:
          'workspace_id, event_id, seq, created_at, origin, event_type, timestamp, ordering_key, delivery_count, data_bytes, erased_data_bytes, erased_at, filtered_out',
        from: 'velahook.events',
        prefix: [equal('workspace_id', workspaceId)],
      },
    ],
    columns: EVENT_COLUMNS,
    join: state === undefined ? '' : joinState(state, hasStale),
    filters,
    // Its deliveries are counted to show it, and looked at for a state: as many as subscriptions matched.
    weight: '1 + d.delivery_count',
    toItem: (row) => row,
  };
}

/** Looks for one delivery in the state; LIMIT keeps it from becoming a join over all deliveries there are. */
function joinState(state: DeliveryState, hasStale: boolean): string {
  const pendingState = hasStale ? shownPendingState('p') : `'pending'`;
  const pending = `SELECT true FROM velahook.pending_deliveries p
    WHERE p.workspace_id = d.workspace_id AND p.event_id = d.event_id AND ${pendingState} = '${state}'`;
  const finished = `SELECT true FROM velahook.finished_deliveries f
    WHERE f.workspace_id = d.workspace_id AND f.event_id = d.event_id AND f.state = '${state}'
      AND f.created_at >= d.created_at - ${CLOCKS_APART_MS}`;
  const branches =
    state === 'pending' ? [pending] : state === 'cancelled' && hasStale ? [finished, pending] : [finished];
  return `LEFT JOIN LATERAL (SELECT true AS in_state FROM (${branches.join(' UNION ALL ')}) any_of_them LIMIT 1) found ON true`;
}
