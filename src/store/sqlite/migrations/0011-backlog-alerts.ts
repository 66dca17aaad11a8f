import type { Migration } from '../../migration.ts';

/** Telling workspaces of their backlog. Older nodes tell nobody, and publish no such notice. */
export const backlogAlerts: Migration = {
  version: 11,
  name: 'backlog-alerts',
  compatibleFrom: 1,
  sql: `
-- Workspaces that were told of their backlog and not yet of its end.
CREATE TABLE backlog_alerts (
  workspace_seq INTEGER PRIMARY KEY REFERENCES workspaces (seq),
  told_at INTEGER NOT NULL
) STRICT;

-- As notices, about a workspace instead of a subscription.
CREATE TABLE workspace_notices (
  seq INTEGER PRIMARY KEY,
  event_id TEXT NOT NULL UNIQUE,
  workspace_seq INTEGER NOT NULL REFERENCES workspaces (seq),
  event_type TEXT NOT NULL,
  data TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
`,
};
