import type { Migration } from '../../migration.ts';

/** What each workspace decides for itself. An older node keeps history for as long as the installation does. */
export const workspaceSettings: Migration = {
  version: 3,
  name: 'workspace-settings',
  compatibleFrom: 1,
  sql: `
ALTER TABLE velahook.workspaces
  -- Null: as long as the installation keeps any.
  ADD COLUMN retention_days integer,
  -- A JSON array; null: none.
  ADD COLUMN redaction_paths text;
`,
};
