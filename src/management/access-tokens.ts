import type { Caller } from '../domain/audit.ts';
import type { Mistake } from '../domain/errors.ts';
import { invalid, Refusal } from '../domain/errors.ts';
import { ID_FORM, newId } from '../domain/ids.ts';
import { parseTimestamp } from '../domain/timestamp.ts';
import type { Scope, Token } from '../domain/token.ts';
import { TOKEN_PREFIX_CHARS } from '../domain/token.ts';
import type { Clock } from '../lib/clock.ts';
import type { Random } from '../lib/random.ts';
import type { AccountStore, KnownToken, TokenQuery } from '../store/contract/accounts.ts';
import { auditEntry } from './audit-log.ts';
import { makeToken } from './new-token.ts';
import { isoOf, isoOrNull } from './subscription-view.ts';
import type { Tokens } from './tokens.ts';
import { hashToken } from './tokens.ts';

/** In use at once in one workspace: an integration each, and room for exchanging them. */
const TOKENS_PER_WORKSPACE_MAX = 1_000;

/** A token as the API shows it: never the whole. */
export interface TokenView {
  _id: string;
  workspaceId: string;
  name: string;
  prefix: string;
  scopes: Scope[];
  status: 'active' | 'expired' | 'revoked';
  createdAt: string;
  expiresAt: string | null;
  revokedAt: string | null;
  lastUsedAt: string | null;
}

export interface TokenDraft {
  workspaceId: string;
  name: string;
  scopes: readonly Scope[];
  expiresAt?: string | null;
  mode?: 'live' | 'test';
}

export interface AccessTokensDeps {
  store: AccountStore;
  tokens: Pick<Tokens, 'forget'>;
  clock: Clock;
  random: Random;
}

/** What the administrator does with tokens. Everything throws a `Refusal` where the API is to answer one. */
export class AccessTokens {
  readonly #deps: AccessTokensDeps;

  constructor(deps: AccessTokensDeps) {
    this.#deps = deps;
  }

  /** `found`: what the schema has found wrong with the draft. The whole token is in the answer, only here. */
  async create(
    by: Caller,
    draft: TokenDraft | Record<string, never>,
    found: readonly Mistake[],
  ): Promise<TokenView & { token: string }> {
    const { store, clock, random } = this.#deps;
    const now = clock.now();
    const expiresAt = this.#expiryOf(draft, found);
    const { workspaceId, name, scopes, mode = 'live' } = draft as TokenDraft;
    const text = makeToken(`sk_${mode}_`, random);
    const token: Token = {
      id: newId(now, random),
      workspaceId,
      name,
      prefix: text.slice(0, TOKEN_PREFIX_CHARS),
      hash: new Uint8Array(hashToken(text)),
      scopes: [...scopes],
      createdAt: now,
      expiresAt,
      revokedAt: null,
    };
    const change = { action: 'token.created', workspaceId, targetId: token.id, fields: draft } as const;
    const outcome = await store.createToken(
      token,
      TOKENS_PER_WORKSPACE_MAX,
      auditEntry(this.#deps, by, change),
    );
    if (outcome === 'no_workspace') throw invalid([noWorkspace]);
    if (outcome === 'too_many') throw tooMany();
    const { hash: _hash, ...known } = token;
    return { ...this.#view({ ...known, lastUsedAt: null }), token: text };
  }

  async list(
    workspaceId: string,
    query: Omit<TokenQuery, 'now'>,
  ): Promise<{ items: TokenView[]; total: number }> {
    const { store, clock } = this.#deps;
    if ((await store.findWorkspace(workspaceId)) === undefined)
      throw new Refusal('NOT_FOUND', 'There is no such workspace.');
    const { items, total } = await store.listTokens(workspaceId, { ...query, now: clock.now() });
    return { items: items.map((token) => this.#view(token)), total };
  }

  async get(id: string): Promise<TokenView> {
    return this.#view(await this.#load(id));
  }

  /** It stops working here at once, and on every node within a second. Revoking it again changes nothing. */
  async revoke(by: Caller, id: string): Promise<void> {
    const { store, tokens, clock } = this.#deps;
    const { workspaceId } = await this.#load(id);
    const audit = auditEntry(this.#deps, by, { action: 'token.revoked', workspaceId, targetId: id });
    await store.revokeToken(id, clock.now(), audit);
    tokens.forget(id);
  }

  /** When the token is to expire; throws all that is wrong with the draft at once. */
  #expiryOf({ expiresAt }: { expiresAt?: unknown }, found: readonly Mistake[]): number | null {
    const mistakes = [...found];
    const at = typeof expiresAt === 'string' ? parseTimestamp(expiresAt) : undefined;
    if (at !== undefined && at <= this.#deps.clock.now())
      mistakes.push({ path: 'expiresAt', message: 'must be in the future' });
    if (mistakes.length > 0) throw invalid(mistakes);
    return at ?? null;
  }

  async #load(id: string): Promise<KnownToken> {
    const token = ID_FORM.test(id) ? await this.#deps.store.findToken(id) : undefined;
    if (token === undefined) throw new Refusal('NOT_FOUND', 'There is no such token.');
    return token;
  }

  #view({ id, scopes, createdAt, expiresAt, revokedAt, lastUsedAt, ...shown }: KnownToken): TokenView {
    const isExpired = expiresAt !== null && expiresAt <= this.#deps.clock.now();
    return {
      _id: id,
      ...shown,
      scopes: [...scopes],
      status: revokedAt !== null ? 'revoked' : isExpired ? 'expired' : 'active',
      createdAt: isoOf(createdAt),
      expiresAt: isoOrNull(expiresAt),
      revokedAt: isoOrNull(revokedAt),
      lastUsedAt: isoOrNull(lastUsedAt),
    };
  }
}

const noWorkspace: Mistake = { path: 'workspaceId', message: 'must be the id of a workspace that is there' };

function tooMany(): Refusal {
  return new Refusal(
    'CONFLICT',
    `The workspace has ${TOKENS_PER_WORKSPACE_MAX} tokens that are not revoked, the most it may have. Revoke one.`,
  );
}
