import type { DatabaseSync } from 'node:sqlite';
import type { Erasure } from '../../domain/erasure.ts';
import type { ErasableEvent, ErasablePage } from '../contract/erasures.ts';
import { BYTES_EXAMINED_AT_ONCE, EVENTS_EXAMINED_AT_ONCE } from '../contract/erasures.ts';
import type { CursorPage, CursorQuery } from '../contract/history.ts';
import type { ErasureRow } from '../erasure-rows.ts';
import { toErasure } from '../erasure-rows.ts';
import { ERASURE_COLUMNS, ERASURE_JOINS } from './erasures.ts';
import type { FilteredScan, SeqFinder } from './filtered-scan.ts';
import { queryAll, queryOne } from './statement.ts';

interface EventRow extends Omit<ErasableEvent, 'at' | 'body'> {
  createdAt: number;
  seq: number;
  erasedAt: number | null;
}

/** What there is to be looked at, and jobs to be shown: reads beside the writing connection. */
export function erasureReading(db: DatabaseSync, seqs: SeqFinder, scan: FilteredScan) {
  const listEvents = queryAll<EventRow>(
    db,
    `SELECT event_id AS eventId, event_type AS eventType, created_at AS createdAt, seq, delivery_count AS deliveryCount,
            data_bytes AS dataBytes, erased_at AS erasedAt
     FROM events e INDEXED BY events_by_time
     WHERE workspace_seq = ? AND (created_at, seq) > (?, ?) AND created_at <= ? ORDER BY created_at, seq LIMIT ?`,
  );
  const findBody = queryOne<{ body: Uint8Array }>(db, 'SELECT body FROM events WHERE seq = ?');
  const find = queryOne<ErasureRow>(
    db,
    `SELECT ${ERASURE_COLUMNS}, r.created_at AS createdAt FROM erasures r ${ERASURE_JOINS} WHERE r.id = ? AND w.id = ?`,
  );

  return {
    listErasable({
      workspaceId,
      until,
      position,
    }: Pick<Erasure, 'workspaceId' | 'until' | 'position'>): ErasablePage {
      const workspaceSeq = seqs.workspace(workspaceId) ?? 0;
      const { createdAt, seq } = position ?? { createdAt: Number.MIN_SAFE_INTEGER, seq: 0 };
      const rows = listEvents.all(workspaceSeq, createdAt, seq, until, EVENTS_EXAMINED_AT_ONCE);
      const events: ErasableEvent[] = [];
      let bytes = 0;
      for (const { createdAt, seq, erasedAt, ...event } of rows) {
        if (bytes >= BYTES_EXAMINED_AT_ONCE) break;
        const body = erasedAt === null ? (findBody.get(seq)?.body ?? null) : null;
        bytes += body?.length ?? 0;
        events.push({ ...event, at: { createdAt, seq }, body });
      }
      return { events, isLast: rows.length < EVENTS_EXAMINED_AT_ONCE && events.length === rows.length };
    },

    findErasure(workspaceId: string, id: string): Erasure | undefined {
      const row = find.get(id, workspaceId);
      return row && toErasure(row);
    },

    listErasures(workspaceId: string, query: CursorQuery): CursorPage<Erasure> {
      return scan<ErasureRow, Erasure>(
        {
          kind: 'erasures',
          table: 'erasures r INDEXED BY erasures_of_workspace',
          alias: 'r',
          columns: ERASURE_COLUMNS,
          joins: ERASURE_JOINS,
          prefix: [{ sql: 'r.workspace_seq = ?', params: [seqs.workspace(workspaceId) ?? 0] }],
          filters: [],
        },
        query,
        toErasure,
      );
    },
  };
}
