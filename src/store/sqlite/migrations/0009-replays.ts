import type { Migration } from '../../migration.ts';

/** Only adds tables: to a program that does not know them replayed deliveries are deliveries like any other. */
export const replays: Migration = {
  version: 9,
  name: 'replays',
  compatibleFrom: 1,
  sql: `
CREATE TABLE replays (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  workspace_seq INTEGER NOT NULL REFERENCES workspaces (seq),
  subscription_seq INTEGER NOT NULL REFERENCES subscriptions (seq),
  since INTEGER NOT NULL,
  until INTEGER NOT NULL,
  event_types TEXT,
  states TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  -- Where the making and the counting are, in the order of deliveries_of_subscription; null at the beginning.
  position_at INTEGER,
  position_seq INTEGER,
  is_exhausted INTEGER NOT NULL DEFAULT 0,
  counted_at INTEGER,
  counted_seq INTEGER,
  is_counted INTEGER NOT NULL DEFAULT 0,
  count INTEGER NOT NULL DEFAULT 0,
  made INTEGER NOT NULL DEFAULT 0,
  succeeded INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  cancelled INTEGER NOT NULL DEFAULT 0,
  steps INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  finished_at INTEGER
) STRICT;
CREATE INDEX replays_of_workspace ON replays (workspace_seq, created_at);
CREATE INDEX replays_open ON replays (seq) WHERE finished_at IS NULL;
CREATE INDEX replays_finished ON replays (finished_at) WHERE finished_at IS NOT NULL;

-- A row beside each delivery that replays another: what has nothing to do with replays pays nothing for them.
CREATE TABLE replayed_deliveries (
  delivery_seq INTEGER PRIMARY KEY REFERENCES deliveries (seq),
  event_seq INTEGER NOT NULL REFERENCES events (seq),
  subscription_seq INTEGER NOT NULL REFERENCES subscriptions (seq),
  -- The id of the delivery that is replayed; null where the event had none to the subscription.
  replay_of TEXT,
  -- The job that made it.
  replay_seq INTEGER REFERENCES replays (seq),
  -- While the job has not counted its end.
  is_open INTEGER NOT NULL,
  was_attempted INTEGER NOT NULL DEFAULT 0,
  looked_at INTEGER NOT NULL DEFAULT 0
) STRICT;
-- The latest of an event's deliveries to a subscription is the last entry of its range.
CREATE INDEX replayed_of_event ON replayed_deliveries (event_seq, subscription_seq);
CREATE INDEX replayed_open ON replayed_deliveries (replay_seq, was_attempted, looked_at) WHERE is_open = 1;
`,
};
