import type { Migration } from '../../migration.ts';

/** What each workspace decides for itself. */
export const workspaceSettings: Migration = {
  version: 3,
  name: 'workspace-settings',
  compatibleFrom: 1,
  sql: `
-- Null: as long as the installation keeps any.
ALTER TABLE workspaces ADD COLUMN retention_days INTEGER;
-- A JSON array; null: none.
ALTER TABLE workspaces ADD COLUMN redaction_paths TEXT;
`,
};
