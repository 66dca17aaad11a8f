import type { SubscriptionPage, SubscriptionQuery } from '../contract/subscriptions.ts';
import type { Database, Statement } from './database.ts';
import { statement } from './database.ts';
import { storable } from './free-text.ts';
import type { SubscriptionRow } from './subscription-rows.ts';
import { SUBSCRIPTION_COLUMNS, toSubscription } from './subscription-rows.ts';

/**
 * Null parameters switch their filter off. In the collation "C" `lower` folds ASCII only; `strpos` knows no
 * wildcards; `?` asks whether an array of JSON has the string.
 */
const MATCHING = `FROM velahook.subscriptions s
  WHERE s.workspace_id = $1 AND s.deleted_at IS NULL
    AND ($2::boolean IS NULL OR (s.status = 'active') = $2)
    AND ($3::text IS NULL OR s.events::jsonb ? $3)
    AND ($4::text IS NULL OR s.url = $4)
    AND ($5::text IS NULL OR strpos(lower(s.url COLLATE "C"), lower($5 COLLATE "C")) > 0
         OR strpos(lower(s.description COLLATE "C"), lower($5 COLLATE "C")) > 0)`;
const count = statement(`SELECT count(*) AS total ${MATCHING}`);

const SORT_COLUMNS: Record<SubscriptionQuery['sortBy'], string> = {
  createdAt: 's.created_at',
  updatedAt: 's.updated_at',
  url: 's.url COLLATE "C"',
};
const pageBy = (sortBy: SubscriptionQuery['sortBy']): Record<SubscriptionQuery['sortOrder'], Statement> => {
  const sorted = (direction: 'ASC' | 'DESC') =>
    statement(`SELECT ${SUBSCRIPTION_COLUMNS} ${MATCHING}
      ORDER BY ${SORT_COLUMNS[sortBy]} ${direction}, s.seq ${direction} LIMIT $6 OFFSET $7`);
  return { asc: sorted('ASC'), desc: sorted('DESC') };
};
const PAGES = { createdAt: pageBy('createdAt'), updatedAt: pageBy('updatedAt'), url: pageBy('url') };

/** Pages by number: reads all of a workspace's subscriptions, which are bounded. */
export async function listSubscriptions(
  database: Database,
  workspaceId: string,
  query: SubscriptionQuery,
): Promise<SubscriptionPage> {
  const { active, eventType, url, search, sortBy, sortOrder, page, limit } = query;
  const given = [eventType, url, search].map((text) => storable(text ?? null));
  const filters = [workspaceId, active ?? null, ...given];
  return database.read(async (session) => {
    const rows = await session.rows<SubscriptionRow>(PAGES[sortBy][sortOrder], [
      ...filters,
      limit,
      (page - 1) * limit,
    ]);
    const [counted] = await session.rows<{ total: number }>(count, filters);
    return { items: rows.map(toSubscription), total: counted?.total ?? 0 };
  });
}
