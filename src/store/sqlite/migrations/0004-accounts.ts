import type { Migration } from '../../migration.ts';

/** Workspaces that can be deleted, tokens' last use, the admin token, and who changed what. Only adds. */
export const accounts: Migration = {
  version: 4,
  name: 'accounts',
  compatibleFrom: 1,
  sql: `
ALTER TABLE workspaces ADD COLUMN updated_at INTEGER;
-- Never removed: the audit log names it. Its tokens are revoked and its subscriptions deleted in the same commit.
ALTER TABLE workspaces ADD COLUMN deleted_at INTEGER;

ALTER TABLE tokens ADD COLUMN last_used_at INTEGER;
CREATE INDEX tokens_of_workspace ON tokens (workspace_seq);

-- One at a time; a hash, as of the others.
CREATE TABLE admin_token (
  seq INTEGER PRIMARY KEY CHECK (seq = 1),
  hash BLOB NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE audit_entries (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  -- Null for what concerns the whole installation.
  workspace_seq INTEGER REFERENCES workspaces (seq),
  created_at INTEGER NOT NULL,
  action TEXT NOT NULL,
  target_id TEXT,
  actor TEXT NOT NULL,
  token_id TEXT,
  token_prefix TEXT,
  token_name TEXT,
  address TEXT,
  request_id TEXT,
  fields TEXT NOT NULL
) STRICT;
CREATE INDEX audit_of_workspace ON audit_entries (workspace_seq, created_at);
CREATE INDEX audit_by_time ON audit_entries (created_at);
-- Whatever we or somebody at the file may do by mistake: what is written stays as it is until it is old.
CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON audit_entries
BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only');
END;
`,
};
