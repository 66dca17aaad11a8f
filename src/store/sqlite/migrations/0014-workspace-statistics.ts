import type { Migration } from '../../migration.ts';

/** What a workspace's events and attempts come to. An older program counts nothing. */
export const workspaceStatistics: Migration = {
  version: 14,
  name: 'workspace-statistics',
  compatibleFrom: 1,
  sql: `
-- As statistics, and how many events were published.
CREATE TABLE workspace_statistics (
  workspace_seq INTEGER NOT NULL REFERENCES workspaces (seq),
  span TEXT NOT NULL,
  start_at INTEGER NOT NULL,
  success INTEGER NOT NULL DEFAULT 0, http_status INTEGER NOT NULL DEFAULT 0,
  timeout INTEGER NOT NULL DEFAULT 0, dns INTEGER NOT NULL DEFAULT 0, connect INTEGER NOT NULL DEFAULT 0,
  tls INTEGER NOT NULL DEFAULT 0, protocol INTEGER NOT NULL DEFAULT 0,
  blocked_address INTEGER NOT NULL DEFAULT 0, succeeded INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0, latency_5 INTEGER NOT NULL DEFAULT 0,
  latency_10 INTEGER NOT NULL DEFAULT 0, latency_20 INTEGER NOT NULL DEFAULT 0,
  latency_35 INTEGER NOT NULL DEFAULT 0, latency_50 INTEGER NOT NULL DEFAULT 0,
  latency_75 INTEGER NOT NULL DEFAULT 0, latency_100 INTEGER NOT NULL DEFAULT 0,
  latency_150 INTEGER NOT NULL DEFAULT 0, latency_200 INTEGER NOT NULL DEFAULT 0,
  latency_300 INTEGER NOT NULL DEFAULT 0, latency_400 INTEGER NOT NULL DEFAULT 0,
  latency_500 INTEGER NOT NULL DEFAULT 0, latency_700 INTEGER NOT NULL DEFAULT 0,
  latency_1000 INTEGER NOT NULL DEFAULT 0, latency_1500 INTEGER NOT NULL DEFAULT 0,
  latency_2000 INTEGER NOT NULL DEFAULT 0, latency_3000 INTEGER NOT NULL DEFAULT 0,
  latency_4000 INTEGER NOT NULL DEFAULT 0, latency_5000 INTEGER NOT NULL DEFAULT 0,
  latency_7000 INTEGER NOT NULL DEFAULT 0, latency_10000 INTEGER NOT NULL DEFAULT 0,
  latency_15000 INTEGER NOT NULL DEFAULT 0, latency_20000 INTEGER NOT NULL DEFAULT 0,
  latency_30000 INTEGER NOT NULL DEFAULT 0, published INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (workspace_seq, span, start_at)
) STRICT, WITHOUT ROWID;
-- Old ones are found by it.
CREATE INDEX workspace_statistics_by_time ON workspace_statistics (span, start_at);
`,
};
