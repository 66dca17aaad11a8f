import type { Token } from '../../domain/token.ts';

export interface AccountStore {
  /** Makes the workspace if it is missing; false when it was there. */
  ensureWorkspace(workspace: Workspace): Promise<boolean>;
  countWorkspaces(): Promise<number>;
  /**
   * Makes the workspace and its token, unless there is any workspace already: then false, and nothing is made. Of
   * nodes that start at once on an empty store one makes them.
   */
  createFirstWorkspace(workspace: Workspace, token: Token): Promise<boolean>;
  /** Stores the token unless one with this hash is there; false when it was there (and is left as it is). */
  ensureToken(token: Token): Promise<boolean>;
  findTokenByHash(hash: Uint8Array): Promise<Token | undefined>;
}

export interface Workspace {
  id: string;
  name: string;
  createdAt: number;
}
