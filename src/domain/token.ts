/** What a token may do. A route without a declared scope is refused to every token. */
export type Scope =
  | 'integrations:read'
  | 'integrations:write'
  | 'events:read'
  | 'events:write'
  | 'deliveries:read'
  | 'deliveries:write'
  | 'catalogue:write'
  | 'workspace:read'
  | 'workspace:write'
  | 'audit:read';

/** All there are, in the order in which they came to be: new ones are put at the end. */
export const SCOPES: readonly Scope[] = [
  'integrations:read',
  'integrations:write',
  'events:read',
  'events:write',
  'deliveries:read',
  'deliveries:write',
  'catalogue:write',
  'workspace:read',
  'workspace:write',
  'audit:read',
];

/** `sk_live_` or `sk_test_` and at least 40 base62 characters. */
export const TOKEN_FORM = /^sk_(?:live|test)_[0-9A-Za-z]{40,200}$/;
/** So many leading characters of a token may be shown and logged. */
export const TOKEN_PREFIX_CHARS = 16;

/** A token as stored: only a hash of it. Times in milliseconds since the Unix epoch. */
export interface Token {
  id: string;
  workspaceId: string;
  name: string;
  /** The first 16 characters. */
  prefix: string;
  /** SHA-256 of the whole token, 32 bytes; enough because a token has over 230 random bits. */
  hash: Uint8Array;
  scopes: readonly Scope[];
  createdAt: number;
  expiresAt: number | null;
  revokedAt: number | null;
}

/** A token as those may see it who may not use it. */
export type TokenFacts = Omit<Token, 'hash'>;
