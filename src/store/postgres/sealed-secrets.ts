import { SEALED_PARTS } from '../../domain/sealed-parts.ts';
import { SEALED_COLUMNS, selectSealed } from '../sealed-columns.ts';
import type { SealedSecret, SealedSecrets } from '../sealed-secrets.ts';
import { Database, statement } from './database.ts';

const PAGE = '(SELECT id FROM velahook.subscriptions WHERE id > $1 ORDER BY id LIMIT $2)';
const LIST = statement(`
  SELECT id AS "subscriptionId", part, sealed
  FROM (${selectSealed('velahook.subscriptions', `id IN ${PAGE}`)}) AS parts ORDER BY id`);
const REPLACE = new Map(
  SEALED_PARTS.map((part) => {
    const column = SEALED_COLUMNS[part];
    return [
      part,
      statement(`UPDATE velahook.subscriptions SET ${column} = $1 WHERE id = $2 AND ${column} = $3`),
    ];
  }),
);

/** Beside whatever nodes there are. */
export function openSealedSecrets(url: string): SealedSecrets {
  const database = new Database(url, 'velahook rotate-key');
  return {
    list: (after, limit) => database.rows<SealedSecret>(LIST, [after, limit]),
    async replace({ subscriptionId, part, sealed: before }, sealed) {
      const replace = REPLACE.get(part);
      if (replace) await database.run(replace, [sealed, subscriptionId, before]);
    },
    close: () => database.close(),
  };
}
