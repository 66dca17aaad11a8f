import type { Migration } from '../../migration.ts';

/** Live streams. An older node writes nothing into them. */
export const streams: Migration = {
  version: 5,
  name: 'streams',
  compatibleFrom: 1,
  sql: `
-- A row per workspace whose stream was ever opened.
CREATE TABLE velahook.streams (
  workspace_id text COLLATE "C" PRIMARY KEY,
  -- The number of the newest item. Grows for ever, so that whoever comes back is never shown others in their place.
  last bigint NOT NULL,
  listened_until bigint NOT NULL
);
CREATE INDEX streams_by_listened ON velahook.streams (listened_until);

-- Some minutes of what happened, while somebody listens. Not logged: what a crash loses is seen as a gap.
CREATE UNLOGGED TABLE velahook.stream_items (
  workspace_id text COLLATE "C" NOT NULL,
  number bigint NOT NULL,
  kind text NOT NULL,
  event_type text,
  subscription_id text COLLATE "C",
  data text NOT NULL,
  PRIMARY KEY (workspace_id, number)
) WITH (autovacuum_vacuum_scale_factor = 0.02);
`,
};
