import { ERASURE_VALUE, SEALED_PARTS } from '../../domain/sealed-parts.ts';
import { SEALED_COLUMNS, selectSealed } from '../sealed-columns.ts';
import type { SealedSecret, SealedSecrets } from '../sealed-secrets.ts';
import { Database, statement } from './database.ts';

const LIST = statement(`
  WITH page AS MATERIALIZED (
    (SELECT id FROM velahook.subscriptions WHERE id > $1 ORDER BY id LIMIT $2) UNION ALL
    (SELECT id FROM velahook.erasures WHERE id > $1 AND sealed_value IS NOT NULL ORDER BY id LIMIT $2)
    ORDER BY id LIMIT $2)
  SELECT id AS "ownerId", part, sealed
  FROM (${selectSealed('velahook.subscriptions', 'id IN (SELECT id FROM page)')} UNION ALL
        SELECT id, '${ERASURE_VALUE}', sealed_value FROM velahook.erasures
        WHERE sealed_value IS NOT NULL AND id IN (SELECT id FROM page)) AS parts ORDER BY id`);
const replaceIn = (table: string, column: string) =>
  statement(`UPDATE velahook.${table} SET ${column} = $1 WHERE id = $2 AND ${column} = $3`);
const REPLACE = new Map([
  ...SEALED_PARTS.map((part) => [part, replaceIn('subscriptions', SEALED_COLUMNS[part])] as const),
  [ERASURE_VALUE, replaceIn('erasures', 'sealed_value')] as const,
]);

/** Beside whatever nodes there are. */
export function openSealedSecrets(url: string): SealedSecrets {
  const database = new Database(url, 'velahook rotate-key');
  return {
    list: (after, limit) => database.rows<SealedSecret>(LIST, [after, limit]),
    async replace({ ownerId, part, sealed: before }, sealed) {
      const replace = REPLACE.get(part);
      if (replace) await database.run(replace, [sealed, ownerId, before]);
    },
    close: () => database.close(),
  };
}
