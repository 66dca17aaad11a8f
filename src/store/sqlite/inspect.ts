import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type { FileSpace, Inspection, Work } from '../inspection.ts';
import { StoreRefused } from '../refused.ts';
import { hasStore, isDataDirHeld, storePathIn, wasStoreCreated } from './data-dir.ts';
import { openReader, openUnshared } from './database.ts';
import { findDamage } from './integrity.ts';
import { MIGRATIONS, readApplied } from './migrate.ts';
import { createListSealings } from './sealings.ts';
import { isCorrupt } from './sqlite-errors.ts';
import { queryAll, queryOne } from './statement.ts';

/**
 * Looks into the store of a data directory, beside the server that has it or without one. Throws {@link StoreRefused}
 * when there was a store and it is gone, undefined is answered where there was never one.
 */
export function inspectDataDir(dataDir: string): Inspection | undefined {
  if (!hasStore(dataDir)) {
    if (!wasStoreCreated(dataDir)) return undefined;
    throw new StoreRefused(`${storePathIn(dataDir)} is missing or empty, but there was a store here.`);
  }
  const path = storePathIn(dataDir);
  const isHeld = isDataDirHeld(dataDir);
  const isClosed = !isHeld && !existsSync(`${path}-wal`);
  const db = isClosed ? openUnshared(path) : openReader(path);
  const ask = async <T>(question: () => T): Promise<T> => {
    try {
      return question();
    } finally {
      refuseChanged(isClosed, dataDir);
    }
  };
  return {
    known: MIGRATIONS,
    readApplied: () => ask(() => readApplied(db)),
    listSealings: (headBytes) => ask(() => createListSealings(db)(headBytes)),
    listReceivers: (limit) => ask(() => listReceivers(db, limit)),
    measureWork: (now) => ask(() => measureWork(db, now, isHeld)),
    file: {
      isHeld,
      notWritable: whyNotWritable([dataDir, path]),
      findDamage: () => ask(() => describeDamage(db, path)),
      measureSpace: () => ask(() => measureSpace(db, path)),
    },
    server: null,
    close: async () => db.close(),
  };
}

/** What was read of a file that nobody had open is not to be believed once somebody has. */
function refuseChanged(isClosed: boolean, dataDir: string): void {
  if (isClosed && isDataDirHeld(dataDir))
    throw new StoreRefused('A server was started meanwhile: look again.');
}

function describeDamage(db: DatabaseSync, path: string): string | null {
  try {
    return findDamage(db, path) ?? null;
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    return error instanceof Error ? error.message : String(error);
  }
}

function whyNotWritable(paths: readonly string[]): string | null {
  for (const path of paths) {
    try {
      accessSync(path, constants.R_OK | constants.W_OK);
    } catch (error) {
      return `${path} (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})`;
    }
  }
  return null;
}

function measureSpace(db: DatabaseSync, path: string): FileSpace {
  const pragma = (name: string): number =>
    Number(Object.values(queryOne<Record<string, number>>(db, `PRAGMA ${name}`).get() ?? {})[0]);
  const logBytes = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  const disk = statfsSync(path);
  return {
    storeBytes: statSync(path).size + logBytes,
    usedBytes: (pragma('page_count') - pragma('freelist_count')) * pragma('page_size'),
    freeBytes: disk.bavail * disk.bsize,
  };
}

function listReceivers(db: DatabaseSync, limit: number): string[] {
  const list = queryAll<{ url: string }>(
    db,
    `SELECT url FROM subscriptions WHERE status = 'active' AND deleted_at IS NULL ORDER BY seq DESC LIMIT ?`,
  );
  return list.all(limit).map(({ url }) => url);
}

function measureWork(db: DatabaseSync, now: number, isHeld: boolean): Work {
  const count = queryOne<{ pending: number }>(
    db,
    `SELECT count(*) AS pending FROM deliveries INDEXED BY deliveries_pending WHERE state = 'pending'`,
  );
  // Two seeks in deliveries_pending for each lane, whatever its backlog.
  const oldestOf = (retrying: 0 | 1): string =>
    `(SELECT min(d.due_at) FROM deliveries d INDEXED BY deliveries_pending
      WHERE d.state = 'pending' AND d.subscription_seq = s.seq AND d.generation = s.generation
        AND (d.attempts > 0) = ${retrying})`;
  const findOldest = queryOne<{ oldestDueAt: number | null; oldestDueToFailingAt: number | null }>(
    db,
    `SELECT min(iif(h.subscription_seq IS NULL, due_at, NULL)) AS oldestDueAt,
            min(iif(h.subscription_seq IS NOT NULL, due_at, NULL)) AS oldestDueToFailingAt
     FROM (SELECT s.seq, ${oldestOf(0)} AS due_at FROM lanes l JOIN subscriptions s ON s.seq = l.subscription_seq
           UNION ALL
           SELECT s.seq, ${oldestOf(1)} FROM lanes l JOIN subscriptions s ON s.seq = l.subscription_seq) oldest
       LEFT JOIN subscription_health h ON h.subscription_seq = oldest.seq
     WHERE due_at <= ?`,
  );
  const countFailing = queryOne<{ failing: number; failingSince: number | null }>(
    db,
    'SELECT count(*) AS failing, min(failing_since) AS failingSince FROM subscription_health',
  );
  const countNodes = queryOne<{ nodes: number }>(db, 'SELECT count(*) AS nodes FROM nodes');
  const nodes = countNodes.get()?.nodes ?? 0;
  const nodesLive = isHeld ? Math.min(nodes, 1) : 0;
  return {
    ...(count.get() ?? { pending: 0 }),
    ...(findOldest.get(Math.round(now)) ?? { oldestDueAt: null, oldestDueToFailingAt: null }),
    ...(countFailing.get() ?? { failing: 0, failingSince: null }),
    nodesLive,
    nodesDead: nodes - nodesLive,
  };
}
