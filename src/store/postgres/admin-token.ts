import type { AdminTokenExchange } from '../admin-token-exchange.ts';
import type { AccountStore } from '../contract/accounts.ts';
import { appendAudit } from './audit.ts';
import { Database, sessionOf, statement, unprepared } from './database.ts';
import type { StoreParts } from './parts.ts';
import { asStoreError } from './postgres-errors.ts';

const find = statement('SELECT hash FROM velahook.admin_token WHERE seq = 1');
const insert = statement(`
INSERT INTO velahook.admin_token (seq, hash, created_at) VALUES (1, $1, $2) ON CONFLICT (seq) DO NOTHING`);
const replace = statement(`
INSERT INTO velahook.admin_token (seq, hash, created_at) VALUES (1, $1, $2)
ON CONFLICT (seq) DO UPDATE SET hash = excluded.hash, created_at = excluded.created_at`);

/** The admin token of `AccountStore`: a row or none. */
export function adminTokenCalls({
  database,
  writes,
}: StoreParts): Pick<AccountStore, 'findAdminToken' | 'ensureAdminToken'> {
  return {
    async findAdminToken() {
      const [row] = await database.rows<{ hash: Uint8Array }>(find);
      return row && new Uint8Array(row.hash);
    },
    ensureAdminToken: (hash, now) =>
      writes.write(async (session) => (await session.run(insert, [hash, Math.round(now)])) === 1),
  };
}

/** Beside whatever nodes there are. */
export function openAdminTokenExchange(url: string): AdminTokenExchange {
  const database = new Database(url, 'velahook admin-token');
  return {
    async replace(hash, now, audit) {
      const client = await database.connect();
      try {
        const session = sessionOf(client);
        await session.run(unprepared('BEGIN'));
        await session.run(replace, [hash, Math.round(now)]);
        await appendAudit(session, audit);
        await session.run(unprepared('COMMIT'));
      } catch (error) {
        throw asStoreError(error);
      } finally {
        await client.end();
      }
    },
    close: () => database.close(),
  };
}
