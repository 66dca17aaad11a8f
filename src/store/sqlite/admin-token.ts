import type { DatabaseSync } from 'node:sqlite';
import type { AdminTokenExchange } from '../admin-token-exchange.ts';
import { StoreRefused } from '../refused.ts';
import { createAppendAudit } from './audit.ts';
import { hasStore, storePathIn } from './data-dir.ts';
import { openWriter } from './database.ts';
import { command, queryOne } from './statement.ts';

/** The admin token of `AccountStore`: a row or none. */
export function adminTokenHandlers(db: DatabaseSync) {
  const find = queryOne<{ hash: Uint8Array }>(db, 'SELECT hash FROM admin_token WHERE seq = 1');
  const insert = command(
    db,
    'INSERT INTO admin_token (seq, hash, created_at) VALUES (1, ?, ?) ON CONFLICT (seq) DO NOTHING',
  );
  return {
    findAdminToken: (): Uint8Array | undefined => find.get()?.hash,
    ensureAdminToken: (hash: Uint8Array, now: number): boolean => insert.run(hash, now).changes === 1,
  };
}

/**
 * Opens the store of a data directory beside the server that holds it: SQLite lets the two write in turns. Throws
 * {@link StoreRefused} when there is none, or one that no server of this version has opened yet.
 */
export function openAdminTokenExchange(dataDir: string): AdminTokenExchange {
  if (!hasStore(dataDir)) throw new StoreRefused(`There is no store in ${dataDir}.`);
  const db = openWriter(storePathIn(dataDir));
  const hasTable = queryOne(db, `SELECT 1 FROM sqlite_schema WHERE name = 'admin_token'`).get() !== undefined;
  if (!hasTable) {
    db.close();
    throw new StoreRefused('The store is of an older version: run velahook migrate first.');
  }
  const replace = command(
    db,
    `INSERT INTO admin_token (seq, hash, created_at) VALUES (1, ?1, ?2)
     ON CONFLICT (seq) DO UPDATE SET hash = ?1, created_at = ?2`,
  );
  const appendAudit = createAppendAudit(db);
  return {
    replace(hash, now, audit) {
      db.exec('BEGIN IMMEDIATE');
      replace.run(hash, now);
      appendAudit(audit);
      db.exec('COMMIT');
      return Promise.resolve();
    },
    close() {
      db.close();
      return Promise.resolve();
    },
  };
}
