import { newId } from '../../src/domain/ids.ts';
import { SCOPES, TOKEN_PREFIX_CHARS } from '../../src/domain/token.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { hashToken } from '../../src/management/tokens.ts';
import type { AccountStore } from '../../src/store/contract/accounts.ts';

export interface WorkspaceAccess {
  workspaceId: string;
  token: string;
}

/** Makes a further workspace with a token that may do everything in it. */
export async function addWorkspace(store: AccountStore): Promise<WorkspaceAccess> {
  const workspaceId = newId(Date.now(), systemRandom);
  const token = `sk_test_${workspaceId}${workspaceId}`;
  await store.ensureWorkspace({ id: workspaceId, name: 'further', createdAt: Date.now() });
  await store.ensureToken({
    id: newId(Date.now(), systemRandom),
    workspaceId,
    name: 'test',
    prefix: token.slice(0, TOKEN_PREFIX_CHARS),
    hash: hashToken(token),
    scopes: SCOPES,
    createdAt: Date.now(),
    expiresAt: null,
    revokedAt: null,
  });
  return { workspaceId, token };
}
