CREATE SCHEMA velahook;
CREATE TABLE velahook.schema_migrations (
  version integer PRIMARY KEY, name text NOT NULL, compatible_from integer NOT NULL, applied_at bigint NOT NULL);
INSERT INTO velahook.schema_migrations VALUES (1, 'first', 1, 0);

CREATE TABLE velahook.workspaces (
  id text COLLATE "C" PRIMARY KEY,
  name text NOT NULL,
  created_at bigint NOT NULL,
  subscription_version bigint NOT NULL DEFAULT 1
);

CREATE TABLE velahook.tokens (
  id text COLLATE "C" PRIMARY KEY,
  workspace_id text COLLATE "C" NOT NULL,
  name text NOT NULL,
  prefix text NOT NULL,
  hash bytea NOT NULL UNIQUE,
  scopes text NOT NULL,
  created_at bigint NOT NULL,
  expires_at bigint,
  revoked_at bigint
);

CREATE TABLE velahook.subscriptions (
  id text COLLATE "C" PRIMARY KEY,
  workspace_id text COLLATE "C" NOT NULL,
  -- Order of creation where times are equal.
  seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  url text NOT NULL,
  events text NOT NULL,
  status text NOT NULL,
  description text,
  timeout_ms integer NOT NULL,
  sealed_secret bytea NOT NULL,
  secret_configured boolean NOT NULL,
  secret_hint text NOT NULL,
  generation integer NOT NULL,
  -- True while pending deliveries of older generations may be left: where cancelStale looks.
  has_stale boolean NOT NULL DEFAULT false,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  deactivated_at bigint,
  deactivation_reason text,
  -- Never removed: the history of its deliveries names it.
  deleted_at bigint
);
CREATE INDEX subscriptions_of_workspace ON velahook.subscriptions (workspace_id, id) WHERE deleted_at IS NULL;
CREATE INDEX subscriptions_with_stale ON velahook.subscriptions (id) WHERE has_stale;

-- A row only while an active subscription is failing.
CREATE TABLE velahook.subscription_health (
  subscription_id text COLLATE "C" PRIMARY KEY,
  failing_since bigint NOT NULL,
  failed_deliveries bigint NOT NULL,
  noticed boolean NOT NULL DEFAULT false
);
CREATE INDEX subscription_health_by_time ON velahook.subscription_health (failing_since);

CREATE TABLE velahook.notices (
  seq bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  event_id text COLLATE "C" NOT NULL UNIQUE,
  subscription_id text COLLATE "C" NOT NULL,
  event_type text NOT NULL,
  data text NOT NULL,
  created_at bigint NOT NULL
);

-- One for all days, since an event id is unique whatever its day; says where the event is.
CREATE TABLE velahook.event_ids (
  workspace_id text COLLATE "C" NOT NULL,
  event_id text COLLATE "C" NOT NULL,
  created_at bigint NOT NULL,
  seq bigint NOT NULL,
  PRIMARY KEY (workspace_id, event_id)
);
CREATE INDEX event_ids_by_time ON velahook.event_ids (created_at);

CREATE TABLE velahook.idempotency_keys (
  workspace_id text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  event_id text COLLATE "C" NOT NULL,
  created_at bigint NOT NULL,
  PRIMARY KEY (workspace_id, key)
);
-- Keys go with their event.
CREATE INDEX idempotency_keys_of_event ON velahook.idempotency_keys (workspace_id, event_id);

-- Whatever is created gets the next number: the order of lists where times are equal.
CREATE SEQUENCE velahook.seq CACHE 100;

CREATE TABLE velahook.events (
  workspace_id text COLLATE "C" NOT NULL,
  event_id text COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  created_at bigint NOT NULL,
  origin text NOT NULL,
  event_type text NOT NULL,
  timestamp text NOT NULL,
  ordering_key text,
  delivery_count integer NOT NULL,
  data_bytes integer NOT NULL,
  body bytea NOT NULL,
  PRIMARY KEY (created_at, seq)
) PARTITION BY RANGE (created_at);
-- Bodies are JSON of a few hundred bytes: compressing them costs more than it saves, and they are sent as they are.
ALTER TABLE velahook.events ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX events_by_time ON velahook.events (workspace_id, created_at, seq);
CREATE TABLE velahook.events_default PARTITION OF velahook.events DEFAULT;

-- Events whose fan-out was cut and is not complete: empty nearly always.
CREATE TABLE velahook.fanouts (
  workspace_id text COLLATE "C" NOT NULL,
  event_id text COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  event_type text NOT NULL,
  created_at bigint NOT NULL,
  cursor text COLLATE "C" NOT NULL,
  PRIMARY KEY (workspace_id, event_id)
);

-- The work: small, hot, unpartitioned.
CREATE TABLE velahook.pending_deliveries (
  id text COLLATE "C" PRIMARY KEY,
  seq bigint NOT NULL,
  workspace_id text COLLATE "C" NOT NULL,
  subscription_id text COLLATE "C" NOT NULL,
  event_id text COLLATE "C" NOT NULL,
  event_created_at bigint NOT NULL,
  event_seq bigint NOT NULL,
  event_type text NOT NULL,
  generation integer NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  created_at bigint NOT NULL,
  due_at bigint NOT NULL,
  first_attempt_at bigint,
  last_outcome text,
  last_status_code integer,
  last_error text
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
-- Lanes are loaded from here, first attempts and retries apart; the generation makes the deliveries of older ones
-- invisible without looking at them.
CREATE INDEX pending_of_lane
  ON velahook.pending_deliveries (subscription_id, generation, (attempts > 0), due_at, seq);
CREATE INDEX pending_by_time ON velahook.pending_deliveries (workspace_id, created_at, seq);
CREATE INDEX pending_of_event ON velahook.pending_deliveries (workspace_id, event_id);
CREATE INDEX pending_by_day ON velahook.pending_deliveries (event_created_at);

-- The same deliveries once they have ended; a row is moved here in the commit that ends it.
CREATE TABLE velahook.finished_deliveries (
  id text COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  workspace_id text COLLATE "C" NOT NULL,
  subscription_id text COLLATE "C" NOT NULL,
  event_id text COLLATE "C" NOT NULL,
  event_created_at bigint NOT NULL,
  event_seq bigint NOT NULL,
  event_type text NOT NULL,
  generation integer NOT NULL,
  state text NOT NULL,
  attempts integer NOT NULL,
  created_at bigint NOT NULL,
  first_attempt_at bigint,
  finished_at bigint NOT NULL,
  failure_reason text,
  last_outcome text,
  last_status_code integer,
  last_error text,
  PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);
CREATE INDEX finished_by_time ON velahook.finished_deliveries (workspace_id, created_at, seq);
CREATE INDEX finished_of_subscription ON velahook.finished_deliveries (subscription_id, created_at, seq);
CREATE INDEX finished_of_event ON velahook.finished_deliveries (workspace_id, event_id);
-- What people look for among millions that succeeded.
CREATE INDEX finished_unsuccessful ON velahook.finished_deliveries (workspace_id, state, created_at, seq)
  WHERE state <> 'succeeded';
CREATE TABLE velahook.finished_deliveries_default PARTITION OF velahook.finished_deliveries DEFAULT;
-- What goes by time from here cannot go by dropping a day.
CREATE INDEX ON velahook.finished_deliveries_default (created_at);

CREATE TABLE velahook.attempts (
  id text COLLATE "C" NOT NULL,
  delivery_id text COLLATE "C" NOT NULL,
  delivery_created_at bigint NOT NULL,
  number integer NOT NULL,
  started_at bigint NOT NULL,
  duration_ms integer NOT NULL,
  outcome text NOT NULL,
  status_code integer,
  error text,
  response_truncated boolean NOT NULL,
  response_body bytea,
  PRIMARY KEY (delivery_id, number, delivery_created_at)
) PARTITION BY RANGE (delivery_created_at);
CREATE INDEX attempts_by_id ON velahook.attempts (id);
CREATE TABLE velahook.attempts_default PARTITION OF velahook.attempts DEFAULT;
CREATE INDEX ON velahook.attempts_default (delivery_created_at);

-- An epoch is never used again. A row stays until all that its node owned is freed.
CREATE TABLE velahook.nodes (
  epoch bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  registered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- By the database's clock, the only one all nodes share.
  lease_until timestamptz NOT NULL,
  -- The newest migration its program knows: none that it could not work with is applied while it lives.
  program integer NOT NULL,
  -- Set once somebody found the lease over, or by an orderly end: it may own nothing any more.
  retired boolean NOT NULL DEFAULT false
);

-- A row per subscription with work. Intake writes it only where it is missing or unowned: one popular lane's row,
-- updated by every intake, would make all nodes' commits wait for one another.
CREATE TABLE velahook.lanes (
  subscription_id text COLLATE "C" PRIMARY KEY,
  workspace_id text COLLATE "C" NOT NULL,
  owner bigint,
  -- While free: the later of the next due time and the end of the pause.
  ready_at bigint NOT NULL,
  paused_until bigint NOT NULL DEFAULT 0,
  suspect boolean NOT NULL DEFAULT false,
  health text
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX lanes_free ON velahook.lanes (ready_at) WHERE owner IS NULL;
CREATE INDEX lanes_free_of_workspace ON velahook.lanes (workspace_id, ready_at) WHERE owner IS NULL;
CREATE INDEX lanes_owned ON velahook.lanes (owner) WHERE owner IS NOT NULL;

-- "There is something new in this lane", left by a node that does not own it, in the commit that made it new; taken
-- by whoever owns the lane then. Never updated, so nobody waits for anybody.
CREATE TABLE velahook.lane_wakes (
  subscription_id text COLLATE "C" NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);

-- Attempts of suspect lanes, written down before the POST. A row goes when its attempt is recorded.
CREATE TABLE velahook.announcements (
  delivery_id text COLLATE "C" PRIMARY KEY,
  -- Null when that node ended in good order or its death has been counted.
  epoch bigint,
  deaths integer NOT NULL DEFAULT 0
);
