import type { Settings } from '../config/settings.ts';
import { newId } from '../domain/ids.ts';
import type { Token } from '../domain/token.ts';
import { SCOPES, TOKEN_PREFIX_CHARS } from '../domain/token.ts';
import type { Clock } from '../lib/clock.ts';
import type { Random } from '../lib/random.ts';
import type { AccountStore, KnownToken, NewWorkspace } from '../store/contract/accounts.ts';
import { auditEntry } from './audit-log.ts';
import { makeToken } from './new-token.ts';
import { hashToken } from './tokens.ts';

const FIRST_TOKEN_NAME = 'First token';
/** So many scopes there were at first, all of which the first token had. */
const FIRST_SCOPES = 7;

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
 *
 * A token that an earlier version made here gets the scopes that have come since.
 */
export async function ensureFirstWorkspace(
  store: AccountStore,
  settings: Pick<Settings, 'workspaceId' | 'token'>,
  clock: Clock,
  random: Random,
): Promise<FirstWorkspace | undefined> {
  const { workspaceId, token } = settings;
  if (workspaceId !== null && token !== null) {
    await widen(store, await ensureAccess(store, workspaceId, token, clock, random), clock, random);
    return { workspaceId, token, made: false };
  }
  if ((await store.countWorkspaces()) > 0) {
    await widen(store, await findFirstToken(store, clock), clock, random);
    return undefined;
  }
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
): Promise<Token> {
  const now = clock.now();
  await store.ensureWorkspace(workspaceOf(workspaceId, now));
  if ((await store.findWorkspace(workspaceId)) === undefined)
    throw new BootstrapRefused('VELAHOOK_WORKSPACE_ID names a workspace that was deleted. Set another.');
  const token = tokenOf(workspaceId, text, now, random);
  if (await store.ensureToken(token)) return token;
  const stored = await store.findTokenByHash(token.hash);
  if (stored?.workspaceId !== workspaceId) {
    throw new BootstrapRefused(
      'VELAHOOK_TOKEN belongs to another workspace than VELAHOOK_WORKSPACE_ID. Set another.',
    );
  }
  return stored;
}

/** The oldest token of the oldest workspace: whatever people make comes after it. */
async function findFirstToken(store: AccountStore, clock: Clock): Promise<KnownToken | undefined> {
  const oldest = { sortOrder: 'asc', page: 1, limit: 1 } as const;
  const [workspace] = (await store.listWorkspaces({ ...oldest, sortBy: 'createdAt' })).items;
  if (workspace === undefined) return undefined;
  return (await store.listTokens(workspace.id, { ...oldest, now: clock.now() })).items[0];
}

/**
 * Gives a token all scopes that was made here with all there were then. By its name and by its scopes, the first so many
 * in their order: a token whose scopes a person chose is left as it is.
 */
async function widen(
  store: AccountStore,
  token: Omit<KnownToken, 'lastUsedAt'> | undefined,
  clock: Clock,
  random: Random,
): Promise<void> {
  if (token === undefined || token.name !== FIRST_TOKEN_NAME) return;
  const { id, scopes, workspaceId } = token;
  const hadAll = scopes.length >= FIRST_SCOPES && scopes.every((scope, i) => scope === SCOPES[i]);
  if (!hadAll || scopes.length === SCOPES.length) return;
  const by = { actor: { kind: 'platform' }, address: null, requestId: null } as const;
  const change = { action: 'token.changed', workspaceId, targetId: id, fields: { scopes: SCOPES } } as const;
  await store.changeTokenScopes(id, SCOPES, auditEntry({ clock, random }, by, change));
}

function workspaceOf(id: string, now: number): NewWorkspace {
  return { id, name: 'Default', createdAt: now };
}

function tokenOf(workspaceId: string, text: string, now: number, random: Random): Token {
  return {
    id: newId(now, random),
    workspaceId,
    name: FIRST_TOKEN_NAME,
    prefix: text.slice(0, TOKEN_PREFIX_CHARS),
    hash: new Uint8Array(hashToken(text)),
    scopes: SCOPES,
    createdAt: now,
    expiresAt: null,
    revokedAt: null,
  };
}
