import type { NewStreamItem, StreamItem, StreamKind, StreamPage, StreamStore } from '../contract/stream.ts';
import { NUMBERS_PER_MS, STREAM_ITEMS_KEPT } from '../contract/stream.ts';
import { textArray } from './binary-array.ts';
import type { Session } from './database.ts';
import { statement } from './database.ts';
import { storable } from './free-text.ts';
import type { StoreParts } from './parts.ts';

const listen = statement(`
INSERT INTO velahook.streams AS s (workspace_id, last, listened_until)
SELECT id, $3::bigint * ${NUMBERS_PER_MS}, $2 FROM velahook.workspaces WHERE id = $1
ON CONFLICT (workspace_id) DO UPDATE
SET last = CASE WHEN s.listened_until < $3 THEN greatest(s.last + 1, $3::bigint * ${NUMBERS_PER_MS}) ELSE s.last END,
    listened_until = greatest(s.listened_until, $2)
RETURNING last`);
// By streams_by_listened: those that are listened to, and no others.
const listListened = statement(`
SELECT workspace_id AS "workspaceId" FROM velahook.streams WHERE listened_until > $1`);

// In order, so that no two nodes wait for each other. Until the commit nobody else adds to these streams: so the numbers
// are in the order of commit, and none is seen before a lower one.
const lockStreams = statement(`
SELECT FROM velahook.streams WHERE workspace_id = ANY ($1::text[]) ORDER BY workspace_id FOR UPDATE`);
const append = statement(`
WITH given AS MATERIALIZED (
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
    WITH ORDINALITY AS g (workspace_id, kind, event_type, subscription_id, data, n)),
counted AS MATERIALIZED (SELECT workspace_id, count(*) AS count FROM given GROUP BY workspace_id),
moved AS (
  UPDATE velahook.streams s SET last = s.last + c.count FROM counted c WHERE s.workspace_id = c.workspace_id
  RETURNING s.workspace_id, s.last - c.count AS before, s.last),
trimmed AS (
  DELETE FROM velahook.stream_items i USING moved
  WHERE i.workspace_id = moved.workspace_id AND i.number <= moved.last - ${STREAM_ITEMS_KEPT})
INSERT INTO velahook.stream_items (workspace_id, number, kind, event_type, subscription_id, data)
SELECT workspace_id, moved.before + row_number() OVER (PARTITION BY workspace_id ORDER BY n), kind, event_type,
       subscription_id, data
FROM given JOIN moved USING (workspace_id)`);
// One statement, and so of one moment: an item that is missing up to the last one is missing for good.
const read = statement(`
SELECT s.last, i.number, i.kind, i.event_type AS "eventType", i.subscription_id AS "subscriptionId", i.data
FROM velahook.streams s LEFT JOIN LATERAL (
  SELECT * FROM velahook.stream_items WHERE workspace_id = s.workspace_id AND number > $2 ORDER BY number LIMIT $3) i ON true
WHERE s.workspace_id = $1 ORDER BY i.number`);

type PageRow = StreamItem & { last: number };
interface EmptyRow {
  last: number;
  number: null;
}

/** `StreamStore`. Beside the writing connection: delivery must not wait for who watches it. */
export function streamCalls({ database, signals }: StoreParts): StreamStore {
  return {
    async listenTo(workspaceId, until, now) {
      const values = [workspaceId, Math.round(until), Math.round(now)];
      const [row] = await database.rows<{ last: number }>(listen, values);
      signals.streamOpened(workspaceId);
      return row?.last ?? 0;
    },

    async listListened(now) {
      const rows = await database.rows<{ workspaceId: string }>(listListened, [Math.round(now)]);
      return rows.map(({ workspaceId }) => workspaceId);
    },

    async appendToStreams(items) {
      if (items.length === 0) return;
      const workspaceIds = [...new Set(items.map(({ workspaceId }) => workspaceId))];
      await database.transact(async (session) => {
        await session.rows(lockStreams, [workspaceIds]);
        await session.run(append, columnsOf(items));
      });
      signals.streamsGrew(workspaceIds);
    },

    readStream: (workspaceId, after, limit) => readPage(database, workspaceId, after, limit),
  };
}

async function readPage(
  session: Session,
  workspaceId: string,
  after: number,
  limit: number,
): Promise<StreamPage> {
  const rows = await session.rows<PageRow | EmptyRow>(read, [workspaceId, after, limit]);
  const items = rows.flatMap((row) => {
    if (row.number === null) return [];
    const { last: _last, ...item } = row;
    return [{ ...item, kind: item.kind satisfies StreamKind }];
  });
  return { items, last: rows[0]?.last ?? 0 };
}

function columnsOf(items: readonly NewStreamItem[]): Buffer[] {
  return [
    textArray(items.map(({ workspaceId }) => workspaceId)),
    textArray(items.map(({ kind }) => kind)),
    textArray(items.map(({ eventType }) => eventType)),
    textArray(items.map(({ subscriptionId }) => subscriptionId)),
    textArray(items.map(({ data }) => storable(data))),
  ];
}
