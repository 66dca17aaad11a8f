import { Velahook, VelahookError, type ClientOptions } from '@velahook/sdk';
import type { Access, Portal } from './access.ts';

/** Who signed in, as the server says it. */
export interface Session {
  kind: 'workspace' | 'admin';
  workspaceId: string | null;
  scopes: string[];
  tokenPrefix: string | null;
  tokenName: string | null;
  expiresAt: string;
  antiForgeryToken: string;
}

/** The server that this page came from. */
const BASE_URL = window.location.origin;
const anonymous = new Velahook({ baseUrl: BASE_URL });

/** The session that the browser's cookie stands for; null when there is none. */
export async function findSession(): Promise<Session | null> {
  try {
    const { session } = await anonymous.get('/api/v1/session');
    return session;
  } catch (error) {
    if (error instanceof VelahookError && error.status === 401) return null;
    throw error;
  }
}

/** Begins a session; the token is not kept in the page. Rejects with what is wrong with it. */
export async function signIn(token: string): Promise<Session> {
  const { session } = await anonymous.post('/api/v1/session', { body: { token } });
  return session;
}

export async function signOut(access: Access): Promise<void> {
  await access.client.delete('/api/v1/session');
}

/** Told when the server does not know any more who asks: what was signed in with has expired, or was revoked. */
type OnEnd = () => void;

function clientOf(options: Partial<ClientOptions>, onEnd: OnEnd): Velahook {
  return new Velahook({
    ...options,
    baseUrl: BASE_URL,
    // Here, and not in what reads: lists, changes and the live stream all come by.
    fetch: async (input, init) => {
      const answer = await fetch(input, init);
      if (answer.status === 401) onEnd();
      return answer;
    },
  });
}

/** What a session may do in a workspace: its own, or, of an administrator, any. */
export function accessOf(session: Session, workspaceId: string, onEnd: OnEnd): Access {
  const { antiForgeryToken, scopes, kind, tokenName, tokenPrefix } = session;
  return {
    client: clientOf({ workspaceId, antiForgeryToken }, onEnd),
    workspaceId,
    scopes,
    kind,
    name: kind === 'admin' ? 'Administrator' : (tokenName ?? tokenPrefix ?? 'Token'),
    portal: null,
  };
}

/** Calls of the administrator that name no workspace. */
export function adminClientOf({ antiForgeryToken }: Session, onEnd: OnEnd): Velahook {
  return clientOf({ antiForgeryToken }, onEnd);
}

/** Exchanges the code of a portal link for what it allows; kept in memory only, so that a frame needs no cookie. */
export async function openPortal(code: string, onEnd: OnEnd): Promise<Access> {
  const { bearer, workspaceId, workspaceName, scopes, portal } = await anonymous.post(
    '/api/v1/portal/exchange',
    { body: { code } },
  );
  return {
    client: clientOf({ workspaceId, token: bearer }, onEnd),
    workspaceId,
    scopes,
    kind: 'portal',
    name: workspaceName,
    portal: (portal as Portal | null) ?? { title: null, logoUrl: null, primaryColor: null },
  };
}
