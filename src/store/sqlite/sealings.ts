import type { DatabaseSync } from 'node:sqlite';
import type { SealedSecret, Sealing } from '../sealed-secrets.ts';
import { selectSealed } from '../sealed-columns.ts';
import { queryAll } from './statement.ts';

/** `listSealings`: reads all subscriptions, at a start and when somebody asks what is wrong. */
export function createListSealings(db: DatabaseSync): (headBytes: number) => Sealing[] {
  // Beside min(), SQLite answers the other columns of the row that has it.
  const list = queryAll<SealedSecret & { count: number }>(
    db,
    `SELECT min(id) AS ownerId, part, sealed, count(*) AS count
     FROM (${selectSealed('subscriptions', 'deleted_at IS NULL')})
     GROUP BY substr(sealed, 1, ?) ORDER BY 1`,
  );
  return (headBytes) => list.all(headBytes).map(({ count, ...sample }) => ({ sample, count }));
}
