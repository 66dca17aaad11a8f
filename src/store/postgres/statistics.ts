import { SPAN_KEPT_MS } from '../../domain/statistics.ts';
import type { PendingBacklog, StatisticsStore } from '../contract/statistics.ts';
import type { StoredHealthRow } from '../statistics-rows.ts';
import { addingOf, countsOf, healthOf, MEASURES_OF, rowsOf, SUM_COUNTS } from '../statistics-rows.ts';
import { bigintArray, textArray } from './binary-array.ts';
import { statement } from './database.ts';
import type { StoreParts } from './parts.ts';
import { workspaceStatisticsReads } from './workspace-statistics.ts';

const KINDS = [
  { of: 'subscription', table: 'velahook.statistics', kept: '' },
  {
    of: 'workspace',
    table: 'velahook.workspace_statistics',
    kept: 'WHERE EXISTS (SELECT FROM velahook.workspaces w WHERE w.id = given.workspace_id AND w.deleted_at IS NULL)',
  },
] as const;
const TABLES = KINDS.map(({ of, table, kept }) => {
  const measures = MEASURES_OF[of];
  const columns = `${of}_id, span, start_at, ${measures.join(', ')}`;
  const arrays = measures.map((_, i) => `$${i + 4}::bigint[]`).join(', ');
  // In the order of the primary key, so that two nodes that write the same rows do not wait for each other crosswise.
  const add = statement(`
INSERT INTO ${table} AS s (${columns})
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], ${arrays}) AS given (${columns}) ${kept}
ORDER BY ${of}_id COLLATE "C", span, start_at
ON CONFLICT (${of}_id, span, start_at) DO UPDATE SET ${addingOf(measures)}`);
  // By statistics_by_time or workspace_statistics_by_time. What another node is just removing is passed over.
  const remove = statement(`
DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM ${table} WHERE span = $1 AND start_at < $2 LIMIT $3 FOR UPDATE SKIP LOCKED))`);
  return { of, measures, add, remove };
});

// By primary key: at most as many rows as a week has hours. The subscription is looked up for its workspace.
const sum = statement(`
SELECT ${SUM_COUNTS} FROM velahook.statistics
WHERE subscription_id = (SELECT id FROM velahook.subscriptions WHERE id = $2 AND workspace_id = $1)
  AND span = $3 AND start_at >= $4`);

// Two ranges of pending_of_lane, first attempts and retries, each read no further than is counted.
const backlog = statement(`
SELECT count(*) AS pending, min(due_at) AS "oldestDueAt" FROM velahook.subscriptions s
CROSS JOIN unnest('{false,true}'::boolean[]) AS kind (retrying)
CROSS JOIN LATERAL (
  SELECT d.due_at FROM velahook.pending_deliveries d
  WHERE d.subscription_id = s.id AND d.generation = s.generation AND (d.attempts > 0) = kind.retrying
  ORDER BY d.due_at, d.seq LIMIT $3) AS pending
WHERE s.id = $2 AND s.workspace_id = $1`);

// Of each subscription, by its id, a range of the primary key, and one of pending_of_lane as far as is counted.
const health = statement(`
SELECT s.id AS "subscriptionId",
       (SELECT coalesce(json_agg(json_build_array(t.start_at, t.succeeded, t.failed)), '[]')::text
        FROM velahook.statistics t
        WHERE t.subscription_id = s.id AND t.span = 'long' AND t.start_at >= $3) AS spans,
       (SELECT count(*) FROM (
          SELECT FROM velahook.pending_deliveries d
          WHERE d.subscription_id = s.id AND d.generation = s.generation LIMIT $4) AS counted) AS pending
FROM velahook.subscriptions s WHERE s.id = ANY ($2::text[]) AND s.workspace_id = $1`);

/**
 * `StatisticsStore`, beside the writing connection: the rows of a workspace are written by every node, and events and
 * records must wait for none that is slow, or frozen, with its own.
 */
export function statisticsCalls({ database }: StoreParts): StatisticsStore {
  return {
    ...workspaceStatisticsReads(database),

    async addStatistics(entries) {
      const filled = TABLES.map((table) => ({ ...table, rows: rowsOf(table.of, entries) })).filter(
        ({ rows }) => rows.length > 0,
      );
      if (filled.length === 0) return;
      await database.transact(async (session) => {
        for (const { add, measures, rows } of filled)
          await session.run(add, [
            textArray(rows.map(({ id }) => id)),
            textArray(rows.map(({ span }) => span)),
            bigintArray(rows.map(({ startAt }) => startAt)),
            ...measures.map((_, i) => bigintArray(rows.map(({ counts }) => counts[i] ?? 0))),
          ]);
      });
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
      const [row] = await database.rows<PendingBacklog>(backlog, [workspaceId, subscriptionId, max]);
      return { pending: Math.min(row?.pending ?? 0, max), oldestDueAt: row?.oldestDueAt ?? null };
    },

    async listHealth(workspaceId, subscriptionIds, since, max) {
      const rows = await database.rows<StoredHealthRow>(health, [workspaceId, subscriptionIds, since, max]);
      return rows.map(healthOf);
    },

    async removeStatistics(now, limit) {
      let removed = 0;
      for (const { remove } of TABLES)
        for (const [span, keptMs] of Object.entries(SPAN_KEPT_MS))
          removed += await database.run(remove, [span, Math.round(now) - keptMs, limit - removed]);
      return removed;
    },
  };
}
