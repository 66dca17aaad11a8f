import type { Migration } from '../../migration.ts';

/**
 * `ordered` and `rateLimit` of a subscription. An older program delivers to such a subscription as to any other.
 *
 * The index is empty where nothing is ordered, and is kept up only for what is.
 */
export const order: Migration = {
  version: 2,
  name: 'order',
  compatibleFrom: 1,
  sql: `
ALTER TABLE velahook.subscriptions ADD COLUMN rate_limit integer, ADD COLUMN ordered boolean NOT NULL DEFAULT false;

-- Of deliveries made while their subscription was ordered: the event's ordering key, '' if it has none, and their
-- place. Not seq: of that each node has a hundred numbers in advance.
ALTER TABLE velahook.pending_deliveries ADD COLUMN order_key text COLLATE "C", ADD COLUMN order_number bigint;
-- Given out one by one, under the exclusive lock of the lane: their order is that of commit.
CREATE SEQUENCE velahook.order_number;
-- Its first entry of each key is the one whose turn it is; the others are due at HELD_DUE_AT.
CREATE INDEX pending_in_order ON velahook.pending_deliveries (subscription_id, generation, order_key, order_number)
  WHERE order_number IS NOT NULL;
`,
};
