import type { Migration } from '../../migration.ts';

/**
 * What workspaces make of the event catalogue. The version is not a column of `workspaces`, whose rows all those who
 * change subscriptions wait for.
 */
export const catalogue: Migration = {
  version: 6,
  name: 'catalogue',
  compatibleFrom: 1,
  sql: `
-- A row once the workspace has changed anything.
CREATE TABLE velahook.catalogues (
  workspace_id text COLLATE "C" PRIMARY KEY,
  version bigint NOT NULL,
  validation text
);

CREATE TABLE velahook.event_types (
  workspace_id text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  -- JSON; null where the type is a built-in one and the row only says how it is validated.
  definition text,
  validation text,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  PRIMARY KEY (workspace_id, name)
);
`,
};
