import type { Sealing } from '../sealed-secrets.ts';
import type { Session } from './database.ts';
import { statement } from './database.ts';

// Reads all subscriptions, at a start and when somebody asks what is wrong.
const list = statement(`
SELECT s.id AS "subscriptionId", s.sealed_secret AS sealed, first.count
FROM (SELECT min(id) AS id, count(*) AS count FROM velahook.subscriptions
      WHERE deleted_at IS NULL GROUP BY substring(sealed_secret FROM 1 FOR $1::int)) AS first
JOIN velahook.subscriptions s USING (id) ORDER BY s.id`);

/** `listSealings`. */
export async function listSealings(session: Session, headBytes: number): Promise<Sealing[]> {
  const rows = await session.rows<{ subscriptionId: string; sealed: Uint8Array; count: number }>(list, [
    headBytes,
  ]);
  return rows.map(({ subscriptionId, sealed, count }) => ({
    // A copy: the driver's shares its memory with others.
    sample: { subscriptionId, sealed: new Uint8Array(sealed) },
    count,
  }));
}
