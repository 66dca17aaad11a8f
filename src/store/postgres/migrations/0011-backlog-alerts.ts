import type { Migration } from '../../migration.ts';

/** Telling workspaces of their backlog. Older nodes tell nobody, and publish no such notice. */
export const backlogAlerts: Migration = {
  version: 11,
  name: 'backlog-alerts',
  compatibleFrom: 1,
  sql: `
-- Workspaces that were told of their backlog and not yet of its end.
CREATE TABLE velahook.backlog_alerts (
  workspace_id text COLLATE "C" PRIMARY KEY,
  told_at bigint NOT NULL
);

-- As notices, about a workspace instead of a subscription.
CREATE TABLE velahook.workspace_notices (
  seq bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  event_id text COLLATE "C" NOT NULL UNIQUE,
  workspace_id text COLLATE "C" NOT NULL,
  event_type text NOT NULL,
  data text NOT NULL,
  created_at bigint NOT NULL
);
`,
};
