import type { Notice, SubscriptionStore } from '../contract/subscriptions.ts';
import { statement } from './database.ts';
import type { StoreParts } from './parts.ts';
import type { SubscriptionRow } from './subscription-rows.ts';
import { SUBSCRIPTION_COLUMNS, toSubscription } from './subscription-rows.ts';
import { leaveNotice } from './switch-off.ts';

// By subscription_health_by_time; rows exist for active subscriptions only, so none is skipped.
const selectFailing = statement(`
SELECT ${SUBSCRIPTION_COLUMNS}, h.failing_since AS "failingSince", h.failed_deliveries AS "failedDeliveries", h.noticed
FROM velahook.subscription_health h JOIN velahook.subscriptions s ON s.id = h.subscription_id
WHERE h.failing_since <= greatest($1::bigint, $2::bigint)
  AND (NOT h.noticed AND h.failing_since <= $1 OR h.failed_deliveries >= $3 AND h.failing_since <= $2)
ORDER BY h.failing_since LIMIT $4`);
/** Of nodes that come at once, one finds it unnoticed. */
const markNoticed = statement(`
UPDATE velahook.subscription_health h SET noticed = true
FROM velahook.subscriptions s
WHERE s.id = $1 AND s.workspace_id = $2 AND h.subscription_id = s.id AND NOT h.noticed`);
const selectNotices = statement(`
(SELECT n.event_id AS "eventId", n.event_type AS "eventType", n.data, s.workspace_id AS "workspaceId",
        s.id AS "subscriptionId", n.created_at AS "createdAt"
 FROM velahook.notices n JOIN velahook.subscriptions s ON s.id = n.subscription_id
 ORDER BY n.seq LIMIT $1)
UNION ALL
(SELECT event_id, event_type, data, workspace_id, NULL, created_at
 FROM velahook.workspace_notices ORDER BY seq LIMIT $1)
LIMIT $1`);
/** In order of the ids, since every node removes what all of them publish. */
const deleteNotices = statement(`
WITH about_workspaces AS (
  DELETE FROM velahook.workspace_notices WHERE event_id IN (
    SELECT event_id FROM velahook.workspace_notices WHERE event_id = ANY ($1::text[]) ORDER BY event_id FOR UPDATE))
DELETE FROM velahook.notices WHERE event_id IN (
  SELECT event_id FROM velahook.notices WHERE event_id = ANY ($1::text[]) ORDER BY event_id FOR UPDATE)`);

type FailingRow = SubscriptionRow & { failingSince: number; failedDeliveries: number; noticed: boolean };
type NoticeCalls = Pick<SubscriptionStore, 'listFailing' | 'noticeFailing' | 'listNotices' | 'removeNotices'>;

/** Failing subscriptions and notices about them: tables of a few rows. */
export function noticeCalls({ database, writes }: StoreParts): NoticeCalls {
  return {
    async listFailing({ noticeSince, deactivateSince, failedDeliveries: failedMin }, limit) {
      const due = [noticeSince, deactivateSince, failedMin].map(Math.round);
      const rows = await database.rows<FailingRow>(selectFailing, [...due, limit]);
      return rows.map(({ failingSince, failedDeliveries, noticed, ...row }) => {
        return { subscription: toSubscription(row), failingSince, failedDeliveries, noticed };
      });
    },

    noticeFailing: (workspaceId, id, notice, now) =>
      writes.write(async (session) => {
        if ((await session.run(markNoticed, [id, workspaceId])) === 0) return false;
        await leaveNotice(session, id, notice, now);
        return true;
      }),

    listNotices: (limit) => database.rows<Notice>(selectNotices, [limit]),

    async removeNotices(ids) {
      await writes.write((session) => session.run(deleteNotices, [ids]));
    },
  };
}
