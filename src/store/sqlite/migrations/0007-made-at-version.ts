import type { Migration } from '../../migration.ts';

/**
 * Which subscriptions there were when an event was matched, told by the workspace's version. What an older program
 * makes has none, and counts as having been there.
 */
export const madeAtVersion: Migration = {
  version: 7,
  name: 'made-at-version',
  compatibleFrom: 1,
  sql: `
ALTER TABLE subscriptions ADD COLUMN made_at_version INTEGER NOT NULL DEFAULT 0;
-- Of an event whose fan-out is cut. Null: all there are.
ALTER TABLE events ADD COLUMN matched_version INTEGER;
`,
};
