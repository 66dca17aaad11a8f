import { MEASURES, SPAN_KEPT_MS } from '../../domain/statistics.ts';
import type { StatisticsStore } from '../contract/statistics.ts';
import { ADD_COUNTS, COUNT_COLUMNS, countsOf, rowsOf, SUM_COUNTS } from '../statistics-rows.ts';
import { bigintArray, textArray } from './binary-array.ts';
import { statement } from './database.ts';
import type { StoreParts } from './parts.ts';

const ARRAYS = MEASURES.map((_, i) => `$${i + 4}::bigint[]`).join(', ');
// In the order of the primary key, so that two nodes that write the same rows do not wait for each other crosswise.
const add = statement(`
INSERT INTO velahook.statistics AS s (subscription_id, span, start_at, ${COUNT_COLUMNS})
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], ${ARRAYS})
  AS given (subscription_id, span, start_at, ${COUNT_COLUMNS})
ORDER BY subscription_id COLLATE "C", span, start_at
ON CONFLICT (subscription_id, span, start_at) DO UPDATE SET ${ADD_COUNTS}`);

// By primary key: at most as many rows as a week has hours. The subscription is looked up for its workspace.
const sum = statement(`
SELECT ${SUM_COUNTS} FROM velahook.statistics
WHERE subscription_id = (SELECT id FROM velahook.subscriptions WHERE id = $2 AND workspace_id = $1)
  AND span = $3 AND start_at >= $4`);

// By statistics_by_time. What another node is just removing is passed over.
const remove = statement(`
DELETE FROM velahook.statistics WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM velahook.statistics WHERE span = $1 AND start_at < $2 LIMIT $3 FOR UPDATE SKIP LOCKED))`);

// Two ranges of pending_of_lane, first attempts and retries, each read no further than is counted.
const backlog = statement(`
SELECT count(*) AS pending, min(due_at) AS "oldestDueAt" FROM velahook.subscriptions s
CROSS JOIN unnest('{false,true}'::boolean[]) AS kind (retrying)
CROSS JOIN LATERAL (
  SELECT d.due_at FROM velahook.pending_deliveries d
  WHERE d.subscription_id = s.id AND d.generation = s.generation AND (d.attempts > 0) = kind.retrying
  ORDER BY d.due_at, d.seq LIMIT $3) AS pending
WHERE s.id = $2 AND s.workspace_id = $1`);

export function statisticsCalls({ database, writes }: StoreParts): StatisticsStore {
  return {
    async addStatistics(entries) {
      const rows = rowsOf(entries);
      if (rows.length === 0) return;
      await writes.write((session) =>
        session.run(add, [
          textArray(rows.map(({ subscriptionId }) => subscriptionId)),
          textArray(rows.map(({ span }) => span)),
          bigintArray(rows.map(({ startAt }) => startAt)),
          ...MEASURES.map((_, i) => bigintArray(rows.map(({ counts }) => counts[i] ?? 0))),
        ]),
      );
    },

    async sumStatistics(workspaceId, subscriptionId, span, since) {
      const rows = await database.rows<Record<string, number>>(sum, [
        workspaceId,
        subscriptionId,
        span,
        since,
      ]);
      return countsOf(rows[0]);
    },

    async measureSubscription(workspaceId, subscriptionId, max) {
      const [row] = await database.rows<{ pending: number; oldestDueAt: number | null }>(backlog, [
        workspaceId,
        subscriptionId,
        max,
      ]);
      return { pending: Math.min(row?.pending ?? 0, max), oldestDueAt: row?.oldestDueAt ?? null };
    },

    async removeStatistics(now, limit) {
      let removed = 0;
      for (const [span, keptMs] of Object.entries(SPAN_KEPT_MS))
        removed += await writes.write((session) =>
          session.run(remove, [span, Math.round(now) - keptMs, limit - removed]),
        );
      return removed;
    },
  };
}
