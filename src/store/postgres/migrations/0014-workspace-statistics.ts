import type { Migration } from '../../migration.ts';

/** What a workspace's events and attempts come to. An older program counts nothing. */
export const workspaceStatistics: Migration = {
  version: 14,
  name: 'workspace-statistics',
  compatibleFrom: 1,
  sql: `
-- As statistics, and how many events were published.
CREATE TABLE velahook.workspace_statistics (
  workspace_id text COLLATE "C" NOT NULL,
  span text NOT NULL,
  start_at bigint NOT NULL,
  success bigint NOT NULL DEFAULT 0, http_status bigint NOT NULL DEFAULT 0, timeout bigint NOT NULL DEFAULT 0,
  dns bigint NOT NULL DEFAULT 0, connect bigint NOT NULL DEFAULT 0, tls bigint NOT NULL DEFAULT 0,
  protocol bigint NOT NULL DEFAULT 0, blocked_address bigint NOT NULL DEFAULT 0,
  succeeded bigint NOT NULL DEFAULT 0, failed bigint NOT NULL DEFAULT 0, latency_5 bigint NOT NULL DEFAULT 0,
  latency_10 bigint NOT NULL DEFAULT 0, latency_20 bigint NOT NULL DEFAULT 0,
  latency_35 bigint NOT NULL DEFAULT 0, latency_50 bigint NOT NULL DEFAULT 0,
  latency_75 bigint NOT NULL DEFAULT 0, latency_100 bigint NOT NULL DEFAULT 0,
  latency_150 bigint NOT NULL DEFAULT 0, latency_200 bigint NOT NULL DEFAULT 0,
  latency_300 bigint NOT NULL DEFAULT 0, latency_400 bigint NOT NULL DEFAULT 0,
  latency_500 bigint NOT NULL DEFAULT 0, latency_700 bigint NOT NULL DEFAULT 0,
  latency_1000 bigint NOT NULL DEFAULT 0, latency_1500 bigint NOT NULL DEFAULT 0,
  latency_2000 bigint NOT NULL DEFAULT 0, latency_3000 bigint NOT NULL DEFAULT 0,
  latency_4000 bigint NOT NULL DEFAULT 0, latency_5000 bigint NOT NULL DEFAULT 0,
  latency_7000 bigint NOT NULL DEFAULT 0, latency_10000 bigint NOT NULL DEFAULT 0,
  latency_15000 bigint NOT NULL DEFAULT 0, latency_20000 bigint NOT NULL DEFAULT 0,
  latency_30000 bigint NOT NULL DEFAULT 0, published bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (workspace_id, span, start_at)
) WITH (fillfactor = 80);
-- Old ones are found by it.
CREATE INDEX workspace_statistics_by_time ON velahook.workspace_statistics (span, start_at);
`,
};
