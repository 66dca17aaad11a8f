import type { Settings } from '../config/settings.ts';
import { systemClock } from '../lib/clock.ts';
import { systemRandom } from '../lib/random.ts';
import { auditEntry } from '../management/audit-log.ts';
import { makeToken } from '../management/new-token.ts';
import { hashToken } from '../management/tokens.ts';
import type { AdminTokenExchange } from '../store/admin-token-exchange.ts';
import { withSettings } from './read-settings.ts';

/**
 * `velahook admin-token`: makes a new admin token and prints it, this once; also while the server runs. The old one works
 * for a second more at most. Resolves with the exit code.
 */
export function replaceAdminToken(): Promise<number> {
  return withSettings('No admin token was made', async (settings) => {
    if (settings.adminToken !== null)
      throw new Error('VELAHOOK_ADMIN_TOKEN is the admin token: change it there, and start every node anew.');
    const exchange = await openExchange(settings);
    try {
      const ports = { clock: systemClock, random: systemRandom };
      const by = { actor: { kind: 'operator' }, address: null, requestId: null } as const;
      const entry = auditEntry(ports, by, { action: 'admin_token.replaced', workspaceId: null });
      const text = makeToken('sk_admin_', systemRandom);
      await exchange.replace(hashToken(text), systemClock.now(), entry);
      console.log(text);
    } finally {
      await exchange.close();
    }
  });
}

async function openExchange({ databaseUrl, dataDir }: Settings): Promise<AdminTokenExchange> {
  if (databaseUrl === null)
    return (await import('../store/sqlite/admin-token.ts')).openAdminTokenExchange(dataDir);
  return (await import('../store/postgres/admin-token.ts')).openAdminTokenExchange(databaseUrl);
}
