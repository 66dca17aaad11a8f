import type { Migration } from '../../migration.ts';

/** What subscriptions may have besides: a rotation under way, a key pair, headers, a filter. */
export const subscriptionOptions: Migration = {
  version: 8,
  name: 'subscription-options',
  compatibleFrom: 1,
  sql: `
ALTER TABLE velahook.subscriptions
  ADD COLUMN public_key text,
  ADD COLUMN sealed_private_key bytea,
  ADD COLUMN previous_sealed_secret bytea,
  ADD COLUMN previous_secret_configured boolean,
  ADD COLUMN previous_public_key text,
  ADD COLUMN previous_sealed_private_key bytea,
  ADD COLUMN rotation_ends_at bigint,
  ADD COLUMN header_names text,
  ADD COLUMN sealed_headers bytea,
  ADD COLUMN filter text;
CREATE INDEX subscriptions_in_rotation ON velahook.subscriptions (rotation_ends_at)
  WHERE rotation_ends_at IS NOT NULL;

-- Whom a filter kept an event from, as JSON; null where there was none.
ALTER TABLE velahook.events ADD COLUMN filtered_out text;
`,
};
