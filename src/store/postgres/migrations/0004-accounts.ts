import type { Migration } from '../../migration.ts';

/** Workspaces that can be deleted, tokens' last use, the admin token, requests counted by all nodes, and who changed what. Only adds. */
export const accounts: Migration = {
  version: 4,
  name: 'accounts',
  compatibleFrom: 1,
  sql: `
ALTER TABLE velahook.workspaces ADD COLUMN updated_at bigint;
-- Never removed: the audit log names it. Its tokens are revoked and its subscriptions deleted in the same commit.
ALTER TABLE velahook.workspaces ADD COLUMN deleted_at bigint;

ALTER TABLE velahook.tokens ADD COLUMN last_used_at bigint;
CREATE INDEX tokens_of_workspace ON velahook.tokens (workspace_id);

-- One at a time; a hash, as of the others.
CREATE TABLE velahook.admin_token (
  seq integer PRIMARY KEY CHECK (seq = 1),
  hash bytea NOT NULL,
  created_at bigint NOT NULL
);

-- Requests that nodes may still let through of each token's limits. Unlogged: a crash of the server forgets some
-- minutes of counting, and no request waits for a disk.
CREATE UNLOGGED TABLE velahook.request_counts (
  token_id text COLLATE "C" NOT NULL,
  rate text NOT NULL,
  window_ends_at bigint NOT NULL,
  taken bigint NOT NULL,
  PRIMARY KEY (token_id, rate)
) WITH (fillfactor = 50);

CREATE TABLE velahook.audit_entries (
  id text COLLATE "C" PRIMARY KEY,
  seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  -- Null for what concerns the whole installation.
  workspace_id text COLLATE "C",
  created_at bigint NOT NULL,
  action text NOT NULL,
  target_id text,
  actor text NOT NULL,
  token_id text,
  token_prefix text,
  token_name text,
  address text,
  request_id text,
  fields text NOT NULL
);
CREATE INDEX audit_of_workspace ON velahook.audit_entries (workspace_id, created_at, seq);
CREATE INDEX audit_by_time ON velahook.audit_entries (created_at, seq);
-- Whatever we or somebody at the database may do by mistake: what is written stays as it is until it is old.
CREATE FUNCTION velahook.refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON velahook.audit_entries
FOR EACH ROW EXECUTE FUNCTION velahook.refuse_change();
`,
};
