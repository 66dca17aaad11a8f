import type { Migration } from '../../migration.ts';

/** What workspaces make of the event catalogue. */
export const catalogue: Migration = {
  version: 6,
  name: 'catalogue',
  compatibleFrom: 1,
  sql: `
-- A row once the workspace has changed anything.
CREATE TABLE catalogues (
  workspace_seq INTEGER PRIMARY KEY REFERENCES workspaces (seq),
  version INTEGER NOT NULL,
  validation TEXT
) STRICT;

CREATE TABLE event_types (
  workspace_seq INTEGER NOT NULL REFERENCES workspaces (seq),
  name TEXT NOT NULL,
  -- JSON; null where the type is a built-in one and the row only says how it is validated.
  definition TEXT,
  validation TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (workspace_seq, name)
) STRICT, WITHOUT ROWID;
`,
};
