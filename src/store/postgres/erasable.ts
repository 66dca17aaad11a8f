import type { Erasure } from '../../domain/erasure.ts';
import type { ErasableEvent, ErasureStore } from '../contract/erasures.ts';
import { BYTES_EXAMINED_AT_ONCE, EVENTS_EXAMINED_AT_ONCE } from '../contract/erasures.ts';
import type { ErasureRow } from '../erasure-rows.ts';
import { toErasure } from '../erasure-rows.ts';
import { statement, unprepared } from './database.ts';
import { ERASURE_COLUMNS } from './erasures.ts';
import type { Scan } from './filtered-scan.ts';
import { equal, readList, scanPage } from './filtered-scan.ts';
import type { StoreParts } from './parts.ts';

const find = statement(`
SELECT ${ERASURE_COLUMNS}, r.created_at AS "createdAt" FROM velahook.erasures r WHERE r.id = $1 AND r.workspace_id = $2`);
// By events_by_time, planned for its own values: only the days that are left are looked at. Large bodies lie apart, and
// only those that are answered are read.
const listEvents = unprepared(`
SELECT event_id AS "eventId", event_type AS "eventType", created_at AS "createdAt", seq,
       delivery_count AS "deliveryCount", data_bytes AS "dataBytes", body, looked
FROM (SELECT *, count(*) OVER () AS looked,
             sum(data_bytes) OVER (ORDER BY created_at, seq ROWS UNBOUNDED PRECEDING) - data_bytes AS before
      FROM (SELECT event_id, event_type, created_at, seq, delivery_count, data_bytes,
                   CASE WHEN erased_at IS NULL THEN body END AS body
            FROM velahook.events
            WHERE workspace_id = $1 AND (created_at, seq) > ($2, $3) AND created_at >= $2 AND created_at <= $4
            ORDER BY created_at, seq LIMIT ${EVENTS_EXAMINED_AT_ONCE}) e) e
WHERE before < ${BYTES_EXAMINED_AT_ONCE}
ORDER BY created_at, seq`);

interface EventRow extends Omit<ErasableEvent, 'at'> {
  createdAt: number;
  seq: number;
  /** How many there are, those that do not fit among them. */
  looked: number;
}

type ErasureReading = Pick<ErasureStore, 'findErasure' | 'listErasures' | 'listErasable'>;

/** What there is to be looked at, and jobs to be shown: reads beside the writing connection. */
export function erasureReading({ database }: StoreParts): ErasureReading {
  return {
    listErasable: ({ workspaceId, until, position }) =>
      readList(database, async (session) => {
        const { createdAt, seq } = position ?? { createdAt: Number.MIN_SAFE_INTEGER, seq: 0 };
        const rows = await session.rows<EventRow>(listEvents, [workspaceId, createdAt, seq, until]);
        const looked = rows[0]?.looked ?? 0;
        const events = rows.map(({ createdAt, seq, looked: _looked, ...event }) => ({
          ...event,
          at: { createdAt, seq },
        }));
        return { events, isLast: looked < EVENTS_EXAMINED_AT_ONCE && rows.length === looked };
      }),

    async findErasure(workspaceId, id) {
      const [row] = await database.rows<ErasureRow>(find, [id, workspaceId]);
      return row && toErasure(row);
    },

    listErasures: (workspaceId, query) =>
      readList(database, (session) => scanPage(session, planList(workspaceId), query)),
  };
}

function planList(workspaceId: string): Scan<ErasureRow, Erasure> {
  return {
    kind: 'erasures',
    sources: [{ columns: '*', from: 'velahook.erasures', prefix: [equal('workspace_id', workspaceId)] }],
    columns: ERASURE_COLUMNS.replaceAll('r.', 'd.'),
    join: '',
    filters: [],
    weight: '1',
    toItem: toErasure,
  };
}
