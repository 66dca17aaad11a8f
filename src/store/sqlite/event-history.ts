import type { DatabaseSync } from 'node:sqlite';
import type { DeliveryState } from '../../domain/delivery.ts';
import type { CursorPage, EventQuery, EventView, StoredEvent } from '../contract/history.ts';
import { readFilteredOut } from '../filtered-out.ts';
import { SHOWN_STATE } from './delivery-state.ts';
import type { Condition, FilteredScan, SeqFinder } from './filtered-scan.ts';
import { queryAll, queryOne } from './statement.ts';

type EventRow<View extends EventView> = Omit<View, 'states' | 'workspaceId' | 'filteredOut'> & {
  filteredOut: string | null;
};

const EVENT_COLUMNS = `e.event_id AS eventId, e.origin, e.event_type AS eventType, e.timestamp,
  e.ordering_key AS orderingKey, e.delivery_count AS deliveryCount, coalesce(e.erased_data_bytes, e.data_bytes) AS dataBytes,
  e.erased_at AS erasedAt, e.filtered_out AS filteredOut`;

/** What was published, and what became of it. */
export function eventHistory(db: DatabaseSync, seqs: SeqFinder, scan: FilteredScan) {
  // By events_by_id.
  const find = queryOne<EventRow<StoredEvent> & { seq: number }>(
    db,
    `SELECT ${EVENT_COLUMNS}, e.body, e.created_at AS createdAt, e.seq FROM events e
     WHERE e.workspace_seq = ? AND e.event_id = ?`,
  );
  // By deliveries_of_event; an event has as many as subscriptions matched it.
  const countStates = queryAll<{ state: DeliveryState; count: number }>(
    db,
    `SELECT ${SHOWN_STATE} AS state, count(*) AS count
     FROM deliveries d JOIN subscriptions s ON s.seq = d.subscription_seq
     WHERE d.event_seq = ? GROUP BY 1`,
  );

  const statesOf = (seq: number): EventView['states'] =>
    Object.fromEntries(countStates.all(seq).map(({ state, count }) => [state, count]));

  return {
    findEvent(workspaceId: string, eventId: string): StoredEvent | undefined {
      const workspaceSeq = seqs.workspace(workspaceId);
      const row = workspaceSeq === undefined ? undefined : find.get(workspaceSeq, eventId);
      if (row === undefined) return undefined;
      const { seq, filteredOut, ...shown } = row;
      return { ...shown, filteredOut: readFilteredOut(filteredOut), workspaceId, states: statesOf(seq) };
    },

    listEvents(workspaceId: string, query: EventQuery): CursorPage<EventView> {
      const filters: Condition[] = [];
      if (query.eventType !== undefined) filters.push({ sql: 'e.event_type = ?', params: [query.eventType] });
      if (query.state !== undefined) {
        const sql = `EXISTS (SELECT 1 FROM deliveries d JOIN subscriptions s ON s.seq = d.subscription_seq
          WHERE d.event_seq = e.seq AND ${SHOWN_STATE} = ?)`;
        filters.push({ sql, params: [query.state] });
      }
      return scan<EventRow<EventView>, EventView>(
        {
          kind: 'events',
          table: 'events e INDEXED BY events_by_time',
          alias: 'e',
          columns: EVENT_COLUMNS,
          joins: '',
          // No such workspace: no seq is 0, and the page is empty, after the cursor has been checked.
          prefix: [{ sql: 'e.workspace_seq = ?', params: [seqs.workspace(workspaceId) ?? 0] }],
          filters,
          // Its deliveries are counted to show it, and looked at for a state: as many as subscriptions matched.
          weight: '1 + e.delivery_count',
        },
        query,
        ({ filteredOut, ...row }, seq) => ({
          ...row,
          filteredOut: readFilteredOut(filteredOut),
          workspaceId,
          states: statesOf(seq),
        }),
      );
    },
  };
}
