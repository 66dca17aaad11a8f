import type { Migration } from '../../migration.ts';

/** Only adds. An older node shows no portal. */
export const portal: Migration = {
  version: 15,
  name: 'portal',
  compatibleFrom: 1,
  sql: `
-- Settings of the portal, a JSON object; null: none.
ALTER TABLE velahook.workspaces ADD COLUMN portal text;
`,
};
