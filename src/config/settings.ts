import type { RetryPolicy } from '../domain/retry-policy.ts';

/** In the data directory: the key that signing secrets are sealed with, unless `VELAHOOK_ENCRYPTION_KEY` names one. */
export const KEY_FILE = 'encryption.key';

/** Every setting, read once at the start by `load.ts`; nothing else in `src/` looks at the environment. */
export interface Settings {
  /** `PORT`, 4000; 0 lets the system choose. */
  port: number;
  /** `HOST`, 127.0.0.1. */
  host: string;
  /** `VELAHOOK_PUBLIC_URL`; null means `http://HOST:PORT` with the port that was bound. */
  publicUrl: string | null;
  /** `VELAHOOK_DATA_DIR`, `./data`, as an absolute path. */
  dataDir: string;
  /** `DATABASE_URL`: PostgreSQL instead of the embedded store, shared by any number of nodes. Holds a password. */
  databaseUrl: string | null;
  /** `VELAHOOK_ROLE`, `all`: `api` makes no attempts, `delivery` has no public API. */
  role: 'all' | 'api' | 'delivery';
  /** `VELAHOOK_NODE_LEASE_MS`, 45000: a node that is silent for so long is taken for dead by the others. */
  nodeLeaseMs: number;
  /** `VELAHOOK_ENCRYPTION_KEY`: 32-byte keys, the first encrypts, all decrypt; empty: the data directory's own. */
  encryptionKeys: readonly Uint8Array[];
  /** `VELAHOOK_ALLOW_LOST_SECRETS`, `no`: `yes` starts though none of the keys opens any stored signing secret. */
  allowLostSecrets: boolean;
  /** `VELAHOOK_WORKSPACE_ID` and `VELAHOOK_TOKEN`: used at every start instead of made-up ones. */
  workspaceId: string | null;
  token: string | null;
  /** `VELAHOOK_ADMIN_TOKEN`: null means the one in the store, made at the first start. */
  adminToken: string | null;
  /** `VELAHOOK_ALLOW_NETWORKS`: CIDR blocks that lift the address rule and nothing else. */
  allowNetworks: readonly string[];
  /** `VELAHOOK_ALLOW_HOSTS`: host names that lift the name rule; resolved as the system does. */
  allowHosts: readonly string[];
  /** `VELAHOOK_CA_FILE`: PEM text of certificates trusted beside the built-in ones. */
  extraCa: string | null;
  /** `VELAHOOK_DNS_SERVERS`: `address[:port]` of resolvers used instead of the system's. */
  dnsServers: readonly string[];
  /** `VELAHOOK_RATE_LIMITS`: requests per token and 15 minutes; 0 is no limit. */
  rateLimits: { read: number; write: number; delete: number; publish: number };
  /** `VELAHOOK_RETRY_SCHEDULE`. */
  retryPolicy: RetryPolicy;
  /** `VELAHOOK_DEACTIVATE_AFTER`, `72h/20`. */
  deactivateAfter: { failingMs: number; failedDeliveries: number };
  /** `VELAHOOK_MAX_DATA_BYTES`, 262144. */
  dataBytesMax: number;
  /** `VELAHOOK_MAX_SUBSCRIPTIONS`, 1000 per workspace. */
  subscriptionsMax: number;
  /** `VELAHOOK_MAX_STORE_BYTES`: the embedded store grows no larger; 0 is no limit. */
  storeBytesMax: number;
  /** `VELAHOOK_RETENTION_DAYS`, 30: history is kept for so many days. */
  retentionDays: number;
  /** `VELAHOOK_BACKLOG_ALERT_AFTER`, `15m`: a workspace is told when a delivery is later than that; 0 tells nobody. */
  backlogAlertMs: number;
  /** `VELAHOOK_USER_AGENT`, `VelaFlows-Webhook/1.0`. */
  userAgent: string;
  /** `VELAHOOK_SHUTDOWN_GRACE_MS`, 20000. */
  shutdownGraceMs: number;
  /** `VELAHOOK_UNKNOWN_TYPES`, `warn`. */
  unknownTypes: 'warn' | 'reject';
  /** `VELAHOOK_TRUSTED_PROXIES`: CIDR blocks whose `X-Forwarded-For` is believed. */
  trustedProxies: readonly string[];
  /** `VELAHOOK_METRICS_TOKEN`: null means `/metrics` answers loopback only. */
  metricsToken: string | null;
  /** `VELAHOOK_LOG_LEVEL`, `info`. */
  logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  /** `VELAHOOK_FAILPOINT`: the fault suite's; the process ends itself with SIGKILL at the named point. */
  failpoint: string | null;
}
