import type { Migration } from '../../migration.ts';

/** Live streams. */
export const streams: Migration = {
  version: 5,
  name: 'streams',
  compatibleFrom: 1,
  sql: `
-- A row per workspace whose stream was ever opened.
CREATE TABLE streams (
  workspace_seq INTEGER PRIMARY KEY REFERENCES workspaces (seq),
  -- The number of the newest item. Grows for ever, so that whoever comes back is never shown others in their place.
  last INTEGER NOT NULL,
  listened_until INTEGER NOT NULL
) STRICT;

-- Some minutes of what happened, while somebody listens.
CREATE TABLE stream_items (
  workspace_seq INTEGER NOT NULL REFERENCES workspaces (seq),
  number INTEGER NOT NULL,
  kind TEXT NOT NULL,
  event_type TEXT,
  subscription_id TEXT,
  data TEXT NOT NULL,
  PRIMARY KEY (workspace_seq, number)
) STRICT, WITHOUT ROWID;
`,
};
