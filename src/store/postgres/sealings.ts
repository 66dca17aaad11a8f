import type { SealedSecret, Sealing } from '../sealed-secrets.ts';
import { selectSealed } from '../sealed-columns.ts';
import type { Session } from './database.ts';
import { statement } from './database.ts';

// Reads all subscriptions, at a start and when somebody asks what is wrong.
const list = statement(`
SELECT DISTINCT ON (head) id AS "ownerId", part, sealed, count(*) OVER (PARTITION BY head) AS count
FROM (SELECT *, substring(sealed FROM 1 FOR $1::int) AS head
      FROM (${selectSealed('velahook.subscriptions', 'deleted_at IS NULL')}) AS parts) AS of_keys
ORDER BY head, id`);

/** `listSealings`. */
export async function listSealings(session: Session, headBytes: number): Promise<Sealing[]> {
  const rows = await session.rows<SealedSecret & { count: number }>(list, [headBytes]);
  return rows.map(({ count, sealed, ...of }) => ({
    // A copy: the driver's shares its memory with others.
    sample: { ...of, sealed: new Uint8Array(sealed) },
    count,
  }));
}
