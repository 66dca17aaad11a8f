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
    'SELECT id AS subscriptionId, sealed_secret AS sealed FROM subscriptions WHERE id > ? ORDER BY id LIMIT ?',
  );
  const replace = command(
    db,
    'UPDATE subscriptions SET sealed_secret = ? WHERE id = ? AND sealed_secret = ?',
  );
  return {
    list: (after, limit) => Promise.resolve(list.all(after, limit)),
    replace({ subscriptionId, sealed: before }, sealed) {
      replace.run(sealed, subscriptionId, before);
      return Promise.resolve();
    },
    close() {
      db.close();
      return Promise.resolve();
    },
  };
}
