import type { Settings } from '../config/settings.ts';
import { newId } from '../domain/ids.ts';
import type { Token } from '../domain/token.ts';
import { SCOPES, TOKEN_PREFIX_CHARS } from '../domain/token.ts';
import type { Clock } from '../lib/clock.ts';
import type { Random } from '../lib/random.ts';
import type { AccountStore, Workspace } from '../store/contract/accounts.ts';
import { hashToken } from './tokens.ts';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 256 bits, rounded up to whole characters. */
const TOKEN_RANDOM_CHARS = 43;
/** The largest multiple of 62 in a byte: what is above it would make the first letters likelier. */
const UNBIASED_BELOW = 248;

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
  const first = { workspaceId: newId(now, random), token: makeToken(random), made: true };
  const isFirst = await store.createFirstWorkspace(
    workspaceOf(first.workspaceId, now),
    tokenOf(first.workspaceId, first.token, now, random),
  );
  // Otherwise another node, starting at this moment, has made its own, and tells of it.
  return isFirst ? first : undefined;
}

/** A new token that nobody can guess. */
export function makeToken(random: Random): string {
  let characters = '';
  while (characters.length < TOKEN_RANDOM_CHARS) {
    for (const byte of random.bytes(TOKEN_RANDOM_CHARS)) {
      if (byte < UNBIASED_BELOW) characters += BASE62.charAt(byte % BASE62.length);
    }
  }
  return `sk_live_${characters.slice(0, TOKEN_RANDOM_CHARS)}`;
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
  const token = tokenOf(workspaceId, text, now, random);
  if (await store.ensureToken(token)) return;
  const stored = await store.findTokenByHash(token.hash);
  if (stored?.workspaceId !== workspaceId) {
    throw new BootstrapRefused(
      'VELAHOOK_TOKEN belongs to another workspace than VELAHOOK_WORKSPACE_ID. Set another.',
    );
  }
}

function workspaceOf(id: string, now: number): Workspace {
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
