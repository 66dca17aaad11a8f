import type { Migration } from '../../migration.ts';

/**
 * Only adds. An older node shows an erased event as one whose `data` is empty, and would replay it so: erasures are for
 * when all nodes know them.
 */
export const erasures: Migration = {
  version: 12,
  name: 'erasures',
  compatibleFrom: 1,
  sql: `
ALTER TABLE events ADD COLUMN erased_at INTEGER;
-- How many bytes its data had; data_bytes is that of what is left.
ALTER TABLE events ADD COLUMN erased_data_bytes INTEGER;

-- Events that a replay would have made deliveries of, had they not been erased.
ALTER TABLE replays ADD COLUMN erased INTEGER NOT NULL DEFAULT 0;

CREATE TABLE erasures (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  workspace_seq INTEGER NOT NULL REFERENCES workspaces (seq),
  path TEXT NOT NULL,
  -- Null once it has ended.
  sealed_value BLOB,
  state TEXT NOT NULL,
  until INTEGER NOT NULL,
  -- Everything up to here, in the order of events_by_time, was looked at; null at the beginning.
  position_at INTEGER,
  position_seq INTEGER,
  examined INTEGER NOT NULL DEFAULT 0,
  erased INTEGER NOT NULL DEFAULT 0,
  cancelled INTEGER NOT NULL DEFAULT 0,
  steps INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  finished_at INTEGER
) STRICT;
CREATE INDEX erasures_of_workspace ON erasures (workspace_seq, created_at);
CREATE INDEX erasures_open ON erasures (seq) WHERE finished_at IS NULL;
CREATE INDEX erasures_finished ON erasures (finished_at) WHERE finished_at IS NOT NULL;
`,
};
