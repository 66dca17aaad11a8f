import type { DatabaseSync } from 'node:sqlite';
import type { Sealing } from '../sealed-secrets.ts';
import { queryAll } from './statement.ts';

/** `listSealings`: reads all subscriptions, at a start and when somebody asks what is wrong. */
export function createListSealings(db: DatabaseSync): (headBytes: number) => Sealing[] {
  // Beside min(), SQLite answers the other columns of the row that has it.
  const list = queryAll<{ subscriptionId: string; sealed: Uint8Array; count: number }>(
    db,
    `SELECT min(id) AS subscriptionId, sealed_secret AS sealed, count(*) AS count FROM subscriptions
     WHERE deleted_at IS NULL GROUP BY substr(sealed_secret, 1, ?) ORDER BY 1`,
  );
  return (headBytes) => list.all(headBytes).map(({ count, ...sample }) => ({ sample, count }));
}
