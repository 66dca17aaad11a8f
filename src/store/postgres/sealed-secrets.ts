import type { SealedSecret, SealedSecrets } from '../sealed-secrets.ts';
import { Database, statement } from './database.ts';

const LIST = statement(`
  SELECT id AS "subscriptionId", sealed_secret AS sealed FROM velahook.subscriptions
  WHERE id > $1 ORDER BY id LIMIT $2`);
const REPLACE = statement(
  'UPDATE velahook.subscriptions SET sealed_secret = $1 WHERE id = $2 AND sealed_secret = $3',
);

/** Beside whatever nodes there are. */
export function openSealedSecrets(url: string): SealedSecrets {
  const database = new Database(url, 'velahook rotate-key');
  return {
    list: (after, limit) => database.rows<SealedSecret>(LIST, [after, limit]),
    async replace({ subscriptionId, sealed: before }, sealed) {
      await database.run(REPLACE, [sealed, subscriptionId, before]);
    },
    close: () => database.close(),
  };
}
