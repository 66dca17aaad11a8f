import type { Migration } from '../../migration.ts';

/**
 * Which subscriptions there were when an event was matched, told by the workspace's version. What an older node makes
 * has none, and counts as having been there.
 */
export const madeAtVersion: Migration = {
  version: 7,
  name: 'made-at-version',
  compatibleFrom: 1,
  sql: `
ALTER TABLE velahook.subscriptions ADD COLUMN made_at_version bigint NOT NULL DEFAULT 0;
-- Null: all there are.
ALTER TABLE velahook.fanouts ADD COLUMN matched_version bigint;
`,
};
