import type { ActorWay } from './audit.ts';
import type { Scope, TokenFacts } from './token.ts';

/** What a request was let in with, and what it may do. */
export interface Access {
  /** The token behind it; null: the admin token. */
  token: TokenFacts | null;
  /** How it came, if not with the token itself. */
  via: ActorWay | null;
  /** The only workspace it is good for; null: all of them. */
  workspaceId: string | null;
  /** Never more than the token behind it has. */
  scopes: readonly Scope[];
}

/** What a token itself lets in. */
export function accessOfToken(token: TokenFacts): Access {
  return { token, via: null, workspaceId: token.workspaceId, scopes: token.scopes };
}
