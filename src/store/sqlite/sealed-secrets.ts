import { SEALED_PARTS } from '../../domain/sealed-parts.ts';
import { SEALED_COLUMNS, selectSealed } from '../sealed-columns.ts';
import type { SealedSecret, SealedSecrets } from '../sealed-secrets.ts';
import { StoreRefused } from '../refused.ts';
import { hasStore, storePathIn } from './data-dir.ts';
import { openWriter } from './database.ts';
import { command, queryAll } from './statement.ts';

/**
 * Opens the store of a data directory beside the server that holds it: SQLite lets the two write in turns. Throws
 * {@link StoreRefused} when there is none.
 */
export function openSealedSecrets(dataDir: string): SealedSecrets {
  if (!hasStore(dataDir)) throw new StoreRefused(`There is no store in ${dataDir}.`);
  const db = openWriter(storePathIn(dataDir));
  const page = '(SELECT id FROM subscriptions WHERE id > ?1 ORDER BY id LIMIT ?2)';
  const list = queryAll<SealedSecret>(
    db,
    `SELECT id AS subscriptionId, part, sealed FROM (${selectSealed('subscriptions', `id IN ${page}`)}) ORDER BY id`,
  );
  const replace = (column: string) =>
    command(db, `UPDATE subscriptions SET ${column} = ? WHERE id = ? AND ${column} = ?`);
  const replaceIn = new Map(SEALED_PARTS.map((part) => [part, replace(SEALED_COLUMNS[part])]));
  return {
    list: (after, limit) => Promise.resolve(list.all(after, limit)),
    replace({ subscriptionId, part, sealed: before }, sealed) {
      replaceIn.get(part)?.run(sealed, subscriptionId, before);
      return Promise.resolve();
    },
    close() {
      db.close();
      return Promise.resolve();
    },
  };
}
