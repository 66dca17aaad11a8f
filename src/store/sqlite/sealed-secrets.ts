import { ERASURE_VALUE, SEALED_PARTS } from '../../domain/sealed-parts.ts';
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
  const list = queryAll<SealedSecret>(
    db,
    `WITH page AS MATERIALIZED (
       SELECT id FROM subscriptions WHERE id > ?1 UNION ALL
       SELECT id FROM erasures WHERE id > ?1 AND sealed_value IS NOT NULL ORDER BY id LIMIT ?2)
     SELECT id AS ownerId, part, sealed
     FROM (${selectSealed('subscriptions', 'id IN (SELECT id FROM page)')} UNION ALL
           SELECT id, '${ERASURE_VALUE}', sealed_value FROM erasures
           WHERE sealed_value IS NOT NULL AND id IN (SELECT id FROM page)) ORDER BY id`,
  );
  const replaceIn = (table: string, column: string) =>
    command(db, `UPDATE ${table} SET ${column} = ? WHERE id = ? AND ${column} = ?`);
  const replace = new Map([
    ...SEALED_PARTS.map((part) => [part, replaceIn('subscriptions', SEALED_COLUMNS[part])] as const),
    [ERASURE_VALUE, replaceIn('erasures', 'sealed_value')] as const,
  ]);
  return {
    list: (after, limit) => Promise.resolve(list.all(after, limit)),
    replace({ ownerId, part, sealed: before }, sealed) {
      replace.get(part)?.run(sealed, ownerId, before);
      return Promise.resolve();
    },
    close() {
      db.close();
      return Promise.resolve();
    },
  };
}
