/** What is moved from one store to another, in this order: whatever refers to something comes after it. */
export const MOVED_TABLES = [
  'workspaces',
  'tokens',
  'admin_token',
  'audit_entries',
  'catalogues',
  'event_types',
  'subscriptions',
  'subscription_health',
  'notices',
  'workspace_notices',
  'backlog_alerts',
  'event_ids',
  'idempotency_keys',
  'events',
  'fanouts',
  'pending_deliveries',
  'finished_deliveries',
  'attempts',
  'replays',
  'replayed_deliveries',
  'erasures',
  'statistics',
  'workspace_statistics',
  'lanes',
  'announcements',
] as const;

/** A table of the PostgreSQL store, which is what a store is moved to. */
export type MovedTable = (typeof MOVED_TABLES)[number];

/** By the names of the table's columns; true and false are 1 and 0. */
export type MovedRow = Readonly<Record<string, string | number | Uint8Array | null>>;

/** A store that nobody uses, as rows for another. */
export interface MovedStore {
  /** The same as long as nothing has changed in it: tells whether a database holds this very store already. */
  readonly fingerprint: string;
  /** The days (UTC, by their beginnings) of which there is history. */
  listDays(): number[];
  count(table: MovedTable): number;
  /** All rows, some at a time, in the order in which they were made. */
  batches(table: MovedTable): Iterable<readonly MovedRow[]>;
  /** From now on no server starts on it. Reads no more. */
  setAside(): void;
}
