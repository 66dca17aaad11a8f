import type { Migration } from '../../migration.ts';

/** What subscriptions may have besides: a rotation under way, a key pair, headers, a filter. */
export const subscriptionOptions: Migration = {
  version: 8,
  name: 'subscription-options',
  compatibleFrom: 1,
  sql: `
ALTER TABLE subscriptions ADD COLUMN public_key TEXT;
ALTER TABLE subscriptions ADD COLUMN sealed_private_key BLOB;
ALTER TABLE subscriptions ADD COLUMN previous_sealed_secret BLOB;
ALTER TABLE subscriptions ADD COLUMN previous_secret_configured INTEGER;
ALTER TABLE subscriptions ADD COLUMN previous_public_key TEXT;
ALTER TABLE subscriptions ADD COLUMN previous_sealed_private_key BLOB;
ALTER TABLE subscriptions ADD COLUMN rotation_ends_at INTEGER;
ALTER TABLE subscriptions ADD COLUMN header_names TEXT;
ALTER TABLE subscriptions ADD COLUMN sealed_headers BLOB;
ALTER TABLE subscriptions ADD COLUMN filter TEXT;
CREATE INDEX subscriptions_in_rotation ON subscriptions (rotation_ends_at) WHERE rotation_ends_at IS NOT NULL;

-- Whom a filter kept an event from, as JSON; null where there was none. Behind the body: an overflow page is followed
-- only by whoever asks for it.
ALTER TABLE events ADD COLUMN filtered_out TEXT;
`,
};
