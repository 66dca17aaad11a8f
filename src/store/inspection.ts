import type { AppliedMigration, Migration } from './migration.ts';
import type { Sealing } from './sealed-secrets.ts';

/**
 * Looks into a store beside whatever runs on it, or when nothing does, to find out what is wrong. Answers facts; what
 * they mean is judged elsewhere. Each call may fail by itself. Nothing is changed.
 */
export interface Inspection {
  /** The migrations that this program knows. */
  readonly known: readonly Migration[];
  /** What the store has had applied; undefined where there is none yet. */
  readApplied(): Promise<readonly AppliedMigration[] | undefined>;
  /** As the store's own. */
  listSealings(headBytes: number): Promise<Sealing[]>;
  /** URLs of active subscriptions, the newest first. */
  listReceivers(limit: number): Promise<string[]>;
  measureWork(now: number): Promise<Work>;
  /** What there is to be known of a store that is a file of ours; null for a database. */
  readonly file: FileInspection | null;
  /** What there is to be known of a database; null for a file of ours. */
  readonly server: ServerInspection | null;
  close(): Promise<void>;
}

/** How far behind delivery is. */
export interface Work {
  pending: number;
  /** The `dueAt` of the oldest delivery that is due to a subscription that is not failing, or null. */
  oldestDueAt: number | null;
  /** The same of those that are failing: these wait for their receivers. */
  oldestDueToFailingAt: number | null;
  /** Subscriptions without a success since an attempt failed, and since when the first of them. */
  failing: number;
  failingSince: number | null;
  nodesLive: number;
  /** Nodes that ended without a word, and whose lanes nobody has freed yet. */
  nodesDead: number;
}

export interface FileInspection {
  /** Whether a process has the data directory. */
  isHeld: boolean;
  /** Why the file cannot be written by this user, or null. */
  readonly notWritable: string | null;
  /** What is wrong with the file, or null. May take seconds. */
  findDamage(): Promise<string | null>;
  measureSpace(): Promise<FileSpace>;
}

export interface FileSpace {
  /** Of the file and its log. */
  storeBytes: number;
  /** Of it, taken by what is stored. */
  usedBytes: number;
  /** Left for us on its disk. */
  freeBytes: number;
}

export interface ServerInspection {
  readServer(): Promise<ServerFacts>;
  /** The server's clock, in milliseconds since the Unix epoch. */
  readClock(): Promise<number>;
  /** Commits a row and removes it again, as the readiness check does. */
  probe(): Promise<void>;
}

export interface ServerFacts {
  version: string;
  /** As PostgreSQL numbers them: 150004. */
  versionNumber: number;
  encoding: string;
  /** It only follows another one. */
  isStandby: boolean;
  fsync: boolean;
  fullPageWrites: boolean;
  /** `on`, `off`, `local`, `remote_write`, `remote_apply`. */
  synchronousCommit: string;
  /** Names of standbys that commits wait for; empty: none. */
  synchronousStandbys: string;
  connections: number;
  /** How many there may be, but for those kept for superusers. */
  connectionsMax: number;
  databaseBytes: number;
}
