import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { SubscriptionPage, SubscriptionQuery } from '../contract/subscriptions.ts';
import type { SeqFinder } from './filtered-scan.ts';
import { queryAll, queryOne } from './statement.ts';
import type { SubscriptionRow } from './subscription-rows.ts';
import { SUBSCRIPTION_COLUMNS, toSubscription } from './subscription-rows.ts';

const SORT_COLUMNS: Record<SubscriptionQuery['sortBy'], string> = {
  createdAt: 's.created_at',
  updatedAt: 's.updated_at',
  url: 's.url',
};

/** Null parameters switch their filter off. SQLite's `lower` folds ASCII only; `instr` knows no wildcards. */
const MATCHING = `FROM subscriptions s JOIN workspaces w ON w.seq = s.workspace_seq
  WHERE s.workspace_seq = ?1 AND s.deleted_at IS NULL
    AND (?2 IS NULL OR (s.status = 'active') = ?2)
    AND (?3 IS NULL OR EXISTS (SELECT 1 FROM json_each(s.events) WHERE value = ?3))
    AND (?4 IS NULL OR s.url = ?4)
    AND (?5 IS NULL OR instr(lower(s.url), lower(?5)) OR instr(lower(s.description), lower(?5)))`;

/** Pages by number: reads all of a workspace's subscriptions, which are bounded. */
export function createListSubscriptions(db: DatabaseSync, seqs: SeqFinder) {
  const count = queryOne<{ total: number }>(db, `SELECT count(*) AS total ${MATCHING}`);
  return (workspaceId: string, query: SubscriptionQuery): SubscriptionPage => {
    const { active, eventType, url, search, sortBy, sortOrder, page, limit } = query;
    const filters: SQLInputValue[] = [
      seqs.workspace(workspaceId) ?? 0,
      active === undefined ? null : Number(active),
      eventType ?? null,
      url ?? null,
      search ?? null,
    ];
    const direction = sortOrder === 'asc' ? 'ASC' : 'DESC';
    const list = queryAll<SubscriptionRow>(
      db,
      `SELECT ${SUBSCRIPTION_COLUMNS} ${MATCHING}
       ORDER BY ${SORT_COLUMNS[sortBy]} ${direction}, s.seq ${direction} LIMIT ?6 OFFSET ?7`,
    );
    const rows = list.all(...filters, limit, (page - 1) * limit);
    return { items: rows.map((row) => toSubscription(row)), total: count.get(...filters)?.total ?? 0 };
  };
}
