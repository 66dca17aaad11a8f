import type { Migration } from '../../migration.ts';

/**
 * Tables refer to one another by `seq`, a small integer, not by their outside ids: every index entry is then some
 * twenty bytes shorter, and the write path is mostly index entries.
 *
 * References are declared but not enforced (`foreign_keys` is off): each statement that inserts has just looked its
 * parents up, and checking again would cost as much as the insert. The tests run `PRAGMA foreign_key_check`.
 */
export const first: Migration = {
  version: 1,
  name: 'first',
  sql: `
CREATE TABLE workspaces (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  subscription_version INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE TABLE tokens (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  workspace_seq INTEGER NOT NULL REFERENCES workspaces (seq),
  name TEXT NOT NULL,
  prefix TEXT NOT NULL,
  hash BLOB NOT NULL UNIQUE,
  scopes TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER
) STRICT;

CREATE TABLE subscriptions (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  workspace_seq INTEGER NOT NULL REFERENCES workspaces (seq),
  url TEXT NOT NULL,
  events TEXT NOT NULL,
  status TEXT NOT NULL,
  description TEXT,
  timeout_ms INTEGER NOT NULL,
  sealed_secret BLOB NOT NULL,
  secret_configured INTEGER NOT NULL,
  secret_hint TEXT NOT NULL,
  generation INTEGER NOT NULL,
  -- 1 while pending deliveries of older generations may be left: where cancelStale looks.
  has_stale INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deactivated_at INTEGER,
  deactivation_reason TEXT,
  -- Never removed: the history of its deliveries names it.
  deleted_at INTEGER
) STRICT;
CREATE INDEX subscriptions_of_workspace ON subscriptions (workspace_seq) WHERE deleted_at IS NULL;
CREATE INDEX subscriptions_with_stale ON subscriptions (seq) WHERE has_stale = 1;

-- A row only while an active subscription is failing.
CREATE TABLE subscription_health (
  subscription_seq INTEGER PRIMARY KEY REFERENCES subscriptions (seq),
  failing_since INTEGER NOT NULL,
  failed_deliveries INTEGER NOT NULL,
  noticed INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX subscription_health_by_time ON subscription_health (failing_since);

CREATE TABLE notices (
  seq INTEGER PRIMARY KEY,
  event_id TEXT NOT NULL UNIQUE,
  subscription_seq INTEGER NOT NULL REFERENCES subscriptions (seq),
  event_type TEXT NOT NULL,
  data TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

-- The body is the last column: whatever reads the others never follows its overflow pages.
CREATE TABLE events (
  seq INTEGER PRIMARY KEY,
  workspace_seq INTEGER NOT NULL REFERENCES workspaces (seq),
  event_id TEXT NOT NULL,
  origin TEXT NOT NULL,
  event_type TEXT NOT NULL,
  timestamp TEXT NOT NULL,
  ordering_key TEXT,
  created_at INTEGER NOT NULL,
  delivery_count INTEGER NOT NULL,
  -- Null once the fan-out is complete.
  fanout_cursor TEXT,
  data_bytes INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_by_id ON events (workspace_seq, event_id);
CREATE INDEX events_by_time ON events (workspace_seq, created_at);
CREATE INDEX events_in_fanout ON events (seq) WHERE fanout_cursor IS NOT NULL;

CREATE TABLE idempotency_keys (
  workspace_seq INTEGER NOT NULL REFERENCES workspaces (seq),
  key TEXT NOT NULL,
  event_seq INTEGER NOT NULL REFERENCES events (seq),
  created_at INTEGER NOT NULL,
  PRIMARY KEY (workspace_seq, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_of_event ON idempotency_keys (event_seq);

CREATE TABLE deliveries (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  workspace_seq INTEGER NOT NULL REFERENCES workspaces (seq),
  subscription_seq INTEGER NOT NULL REFERENCES subscriptions (seq),
  event_seq INTEGER NOT NULL REFERENCES events (seq),
  generation INTEGER NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  -- Null unless pending.
  due_at INTEGER,
  first_attempt_at INTEGER,
  finished_at INTEGER,
  failure_reason TEXT,
  last_outcome TEXT,
  last_status_code INTEGER,
  last_error TEXT
) STRICT;
CREATE UNIQUE INDEX deliveries_by_id ON deliveries (id);
CREATE INDEX deliveries_of_event ON deliveries (event_seq);
CREATE INDEX deliveries_of_subscription ON deliveries (subscription_seq, created_at);
CREATE INDEX deliveries_of_workspace ON deliveries (workspace_seq, created_at);
-- Lanes are loaded from here, first attempts and retries apart, so history never costs a lane anything; and the
-- generation makes the deliveries of older ones invisible without looking at them.
CREATE INDEX deliveries_pending ON deliveries (subscription_seq, generation, attempts > 0, due_at)
  WHERE state = 'pending';
-- What people look for among millions that succeeded.
CREATE INDEX deliveries_unsuccessful ON deliveries (workspace_seq, state, created_at)
  WHERE state IN ('failed', 'cancelled', 'skipped');

CREATE TABLE attempts (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  delivery_seq INTEGER NOT NULL REFERENCES deliveries (seq),
  number INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  status_code INTEGER,
  error TEXT,
  response_truncated INTEGER NOT NULL,
  response_body BLOB
) STRICT;
CREATE UNIQUE INDEX attempts_by_id ON attempts (id);
CREATE UNIQUE INDEX attempts_of_delivery ON attempts (delivery_seq, number);

CREATE TABLE nodes (
  -- AUTOINCREMENT: an epoch is never used again, also after its row is gone.
  epoch INTEGER PRIMARY KEY AUTOINCREMENT,
  registered_at INTEGER NOT NULL
) STRICT;

-- A row per subscription with work. The partial indexes hold free lanes only, so that intake for a lane somebody
-- owns, which is nearly all intake, touches neither.
CREATE TABLE lanes (
  subscription_seq INTEGER PRIMARY KEY REFERENCES subscriptions (seq),
  workspace_seq INTEGER NOT NULL REFERENCES workspaces (seq),
  owner INTEGER,
  -- While free: the later of the next due time and the end of the pause.
  ready_at INTEGER NOT NULL,
  paused_until INTEGER NOT NULL DEFAULT 0,
  suspect INTEGER NOT NULL DEFAULT 0,
  health TEXT
) STRICT;
CREATE INDEX lanes_free ON lanes (ready_at) WHERE owner IS NULL;
CREATE INDEX lanes_free_of_workspace ON lanes (workspace_seq, ready_at) WHERE owner IS NULL;

-- Attempts of suspect lanes, written down before the POST. A row goes when its attempt is recorded.
CREATE TABLE announcements (
  delivery_seq INTEGER PRIMARY KEY REFERENCES deliveries (seq),
  -- Null when that node ended in good order or its death has been counted.
  epoch INTEGER,
  deaths INTEGER NOT NULL DEFAULT 0
) STRICT;

-- One row that grows and shrinks: what the readiness check writes.
CREATE TABLE probe (
  seq INTEGER PRIMARY KEY CHECK (seq = 1),
  written_at INTEGER NOT NULL,
  filler BLOB NOT NULL
) STRICT;
`,
};
