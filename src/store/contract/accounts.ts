import type { AuditEntry } from '../../domain/audit.ts';
import type { Scope, Token, TokenFacts } from '../../domain/token.ts';

/** Workspaces, their tokens, and the admin token. A deleted workspace is unknown to every call but the audit log's. */
export interface AccountStore {
  /** Makes the workspace if it is missing; false when it was there, deleted or not. */
  ensureWorkspace(workspace: NewWorkspace): Promise<boolean>;
  /** Deleted ones too: none means that nobody has used this store yet. */
  countWorkspaces(): Promise<number>;
  /**
   * Makes the workspace and its token, unless there is any workspace already: then false, and nothing is made. Of
   * nodes that start at once on an empty store one makes them.
   */
  createFirstWorkspace(workspace: NewWorkspace, token: Token): Promise<boolean>;
  createWorkspace(workspace: NewWorkspace, audit?: AuditEntry): Promise<void>;
  findWorkspace(id: string): Promise<Workspace | undefined>;
  listWorkspaces(query: WorkspaceQuery): Promise<AccountPage<Workspace>>;
  /** Answers it as it is afterwards, or undefined when there is none. */
  updateWorkspace(
    id: string,
    change: { name: string },
    now: number,
    audit?: AuditEntry,
  ): Promise<Workspace | undefined>;
  /**
   * Deletes the workspace: revokes all its tokens and deletes all its subscriptions, in one commit; what they had
   * pending is cancelled as by `deleteSubscription`. Its history goes by retention. Answers the ids of the
   * subscriptions, or undefined when there is no such workspace.
   */
  deleteWorkspace(id: string, now: number, audit?: AuditEntry): Promise<string[] | undefined>;

  /** Stores the token unless one with this hash is there; false when it was there (and is left as it is). */
  ensureToken(token: Token): Promise<boolean>;
  /** Revoked and expired ones too. */
  findTokenByHash(hash: Uint8Array): Promise<Token | undefined>;
  /** Stores it unless the workspace has `countMax` tokens that are not revoked. */
  createToken(
    token: Token,
    countMax: number,
    audit?: AuditEntry,
  ): Promise<'created' | 'too_many' | 'no_workspace'>;
  findToken(id: string): Promise<KnownToken | undefined>;
  /** Newest first unless asked for otherwise, revoked ones too. */
  listTokens(workspaceId: string, query: TokenQuery): Promise<AccountPage<KnownToken>>;
  /** Whether it did: false when there is none, or it was revoked before. */
  revokeToken(id: string, now: number, audit?: AuditEntry): Promise<boolean>;
  /** Whether it did: false when there is none, it is revoked, or it had these. */
  changeTokenScopes(id: string, scopes: readonly Scope[], audit?: AuditEntry): Promise<boolean>;
  /** Writes down that tokens were used; those used later already, and unknown ones, are left as they are. */
  touchTokens(uses: readonly TokenUse[]): Promise<void>;

  findAdminToken(): Promise<Uint8Array | undefined>;
  /** Stores the hash unless there is one; false when there was. */
  ensureAdminToken(hash: Uint8Array, now: number): Promise<boolean>;
}

export interface NewWorkspace {
  id: string;
  name: string;
  createdAt: number;
}

export interface Workspace extends NewWorkspace {
  updatedAt: number;
}

export interface KnownToken extends TokenFacts {
  /** To the minute or so. */
  lastUsedAt: number | null;
}

export interface TokenUse {
  id: string;
  usedAt: number;
}

/** A page of a list that is small enough to be counted. */
export interface AccountPage<T> {
  items: T[];
  total: number;
}

interface PageQuery {
  sortOrder: 'asc' | 'desc';
  /** From 1. */
  page: number;
  limit: number;
}

export interface WorkspaceQuery extends PageQuery {
  /** Substring of the name, without regard to ASCII case; no character is special. */
  search?: string;
  sortBy: 'createdAt' | 'name';
}

export interface TokenQuery extends PageQuery {
  /** False: revoked or expired by `now`; true: neither. */
  active?: boolean;
  now: number;
}
