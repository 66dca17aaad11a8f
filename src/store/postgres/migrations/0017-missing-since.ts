import type { Migration } from '../../migration.ts';

/** Only adds. What an older node switches off is counted from when it did, as before. */
export const missingSince: Migration = {
  version: 17,
  name: 'missing-since',
  compatibleFrom: 1,
  sql: `
-- Since when nothing reaches a subscription that is not active. An older node that makes it active leaves it.
ALTER TABLE velahook.subscriptions ADD COLUMN missing_since bigint;
`,
};
