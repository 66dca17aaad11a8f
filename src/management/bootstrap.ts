import type { Settings } from '../config/settings.ts';
import { newId } from '../domain/ids.ts';
import type { Token } from '../domain/token.ts';
import { SCOPES, TOKEN_PREFIX_CHARS } from '../domain/token.ts';
import type { Clock } from '../lib/clock.ts';
import type { Random } from '../lib/random.ts';
import type { AccountStore, NewWorkspace } from '../store/contract/accounts.ts';
import { makeToken } from './new-token.ts';
import { hashToken } from './tokens.ts';

/** The configured workspace and token do not fit what is stored; the message says what to do. */
class BootstrapRefused extends Error {}

export interface FirstWorkspace {
  workspaceId: string;
  token: string;
  /** They were made up just now: to be printed, this once. */
  made: boolean;
}

/**
 * Sees to it that somebody can call the API. Configured (`VELAHOOK_WORKSPACE_ID`, `VELAHOOK_TOKEN`): makes what
 * is missing of the two, at every start alike. Otherwise, with an empty store: makes a workspace and a token with
 * all scopes. Undefined when neither applies; the token then is not known here, only its hash is.
 */
export async function ensureFirstWorkspace(
  store: AccountStore,
  settings: Pick<Settings, 'workspaceId' | 'token'>,
  clock: Clock,
  random: Random,
): Promise<FirstWorkspace | undefined> {
  const { workspaceId, token } = settings;
  if (workspaceId !== null && token !== null) {
    await ensureAccess(store, workspaceId, token, clock, random);
    return { workspaceId, token, made: false };
  }
  if ((await store.countWorkspaces()) > 0) return undefined;
  const now = clock.now();
  const first = { workspaceId: newId(now, random), token: makeToken('sk_live_', random), made: true };
  const isFirst = await store.createFirstWorkspace(
    workspaceOf(first.workspaceId, now),
    tokenOf(first.workspaceId, first.token, now, random),
  );
  // Otherwise another node, starting at this moment, has made its own, and tells of it.
  return isFirst ? first : undefined;
}

async function ensureAccess(
  store: AccountStore,
  workspaceId: string,
  text: string,
  clock: Clock,
  random: Random,
): Promise<void> {
  const now = clock.now();
  await store.ensureWorkspace(workspaceOf(workspaceId, now));
  if ((await store.findWorkspace(workspaceId)) === undefined)
    throw new BootstrapRefused('VELAHOOK_WORKSPACE_ID names a workspace that was deleted. Set another.');
  const token = tokenOf(workspaceId, text, now, random);
  if (await store.ensureToken(token)) return;
  const stored = await store.findTokenByHash(token.hash);
  if (stored?.workspaceId !== workspaceId) {
    throw new BootstrapRefused(
      'VELAHOOK_TOKEN belongs to another workspace than VELAHOOK_WORKSPACE_ID. Set another.',
    );
  }
}

function workspaceOf(id: string, now: number): NewWorkspace {
  return { id, name: 'Default', createdAt: now };
}

function tokenOf(workspaceId: string, text: string, now: number, random: Random): Token {
  return {
    id: newId(now, random),
    workspaceId,
    name: 'First token',
    prefix: text.slice(0, TOKEN_PREFIX_CHARS),
    hash: new Uint8Array(hashToken(text)),
    scopes: SCOPES,
    createdAt: now,
    expiresAt: null,
    revokedAt: null,
  };
}
