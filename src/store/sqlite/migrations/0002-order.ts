import type { Migration } from '../../migration.ts';

/**
 * `ordered` and `rateLimit` of a subscription. An older program delivers to such a subscription as to any other.
 *
 * The index is empty where nothing is ordered, and is kept up only for what is; making it reads the deliveries once.
 */
export const order: Migration = {
  version: 2,
  name: 'order',
  compatibleFrom: 1,
  sql: `
ALTER TABLE subscriptions ADD COLUMN rate_limit INTEGER;
ALTER TABLE subscriptions ADD COLUMN ordered INTEGER NOT NULL DEFAULT 0;
-- Of deliveries made while their subscription was ordered: the event's ordering key, '' if it has none. Their order is
-- that of their seq: there is one writer.
ALTER TABLE deliveries ADD COLUMN order_key TEXT;
-- Its first entry of each key is the one whose turn it is; the others are due at HELD_DUE_AT.
CREATE INDEX deliveries_in_order ON deliveries (subscription_seq, generation, order_key)
  WHERE state = 'pending' AND order_key IS NOT NULL;
`,
};
