import type { TokenFacts } from '../domain/token.ts';
import type { AdminToken } from './admin-token.ts';
import type { Tokens } from './tokens.ts';

/** Whose word it is: a token, or null for the administrator. */
export type Issuer = TokenFacts | null;

/** No id of a token begins so. */
const ADMIN_PREFIX = 'admin:';

/**
 * Names the token that a session was begun or a link was made with, so that it ends with it: revoked, expired, of a
 * deleted workspace, or of an administrator who has another token by now.
 */
export class Issuers {
  readonly #tokens: Pick<Tokens, 'find'>;
  readonly #adminToken: Pick<AdminToken, 'mark'>;

  constructor(tokens: Pick<Tokens, 'find'>, adminToken: Pick<AdminToken, 'mark'>) {
    this.#tokens = tokens;
    this.#adminToken = adminToken;
  }

  /** Tells nothing of the token itself. Rejects as the store does. */
  async nameOf(issuer: Issuer): Promise<string> {
    return issuer === null ? ADMIN_PREFIX + ((await this.#adminToken.mark()) ?? '') : issuer.id;
  }

  /** Undefined when its word does not hold any more; known within a second, on any node. Rejects as the store does. */
  async find(name: string): Promise<Issuer | undefined> {
    if (!name.startsWith(ADMIN_PREFIX)) return this.#tokens.find(name);
    const mark = await this.#adminToken.mark();
    return mark !== undefined && name === ADMIN_PREFIX + mark ? null : undefined;
  }
}
