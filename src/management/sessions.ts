import { hash, timingSafeEqual } from 'node:crypto';
import type { Access } from '../domain/access.ts';
import type { Caller } from '../domain/audit.ts';
import { SCOPES } from '../domain/token.ts';
import type { Clock } from '../lib/clock.ts';
import type { Keyring } from '../lib/keyring.ts';
import type { Random } from '../lib/random.ts';
import type { AuditStore } from '../store/contract/audit.ts';
import type { AdminToken } from './admin-token.ts';
import { auditEntry } from './audit-log.ts';
import type { Issuer, Issuers } from './issuers.ts';
import { SealedValue } from './sealed-value.ts';
import type { Tokens } from './tokens.ts';

/** A working day: who comes back on the next one signs in again. */
const SESSION_MS = 12 * 3_600_000;
/** A sealed session has about 190. */
const SESSION_CHARS_MAX = 512;
/** 256 bits, as a token has. */
const ANTI_FORGERY_BYTES = 32;

/** Somebody signed in with a token, for a while. */
export interface Session {
  access: Access;
  expiresAt: number;
  /** Only a page of ours can read it, and so only such a page can make changes. */
  antiForgeryToken: string;
}

/** In this order, since each goes with every request. */
type Sealed = readonly [issuer: string, expiresAt: number, antiForgeryToken: string];

export interface SessionsDeps {
  keyring: Keyring;
  issuers: Issuers;
  tokens: Pick<Tokens, 'authenticate'>;
  adminToken: Pick<AdminToken, 'isIt'>;
  store: Pick<AuditStore, 'appendAudit'>;
  clock: Clock;
  random: Random;
}

/**
 * Sessions of the dashboard. Nothing of them is stored: whoever is signed in carries it, sealed, so that it holds on every
 * node; what can end it early is asked of the token at every request.
 */
export class Sessions {
  readonly #deps: SessionsDeps;
  readonly #sealed: SealedValue<Sealed>;

  constructor(deps: SessionsDeps) {
    this.#deps = deps;
    this.#sealed = new SealedValue(deps.keyring, 'session', SESSION_CHARS_MAX);
  }

  /** Signs in with a workspace's token or the admin token; undefined when the text is neither. */
  async signIn(text: string): Promise<Session | undefined> {
    const { tokens, adminToken, clock, random } = this.#deps;
    const token = await tokens.authenticate(text);
    if (token === undefined && !(await adminToken.isIt(text))) return undefined;
    const expiresAt = Math.min(clock.now() + SESSION_MS, token?.expiresAt ?? Infinity);
    const antiForgeryToken = Buffer.from(random.bytes(ANTI_FORGERY_BYTES)).toString('base64url');
    return { access: accessOf(token ?? null), expiresAt: Math.round(expiresAt), antiForgeryToken };
  }

  /** Writes down that it began, and answers it sealed: what whoever signed in is to carry. */
  async begin(by: Caller, { access, expiresAt, antiForgeryToken }: Session): Promise<string> {
    const { token, workspaceId } = access;
    const change = { action: 'session.started', workspaceId } as const;
    await this.#deps.store.appendAudit(auditEntry(this.#deps, by, change));
    return this.#sealed.seal([await this.#deps.issuers.nameOf(token), expiresAt, antiForgeryToken]);
  }

  /** The session that was sealed, if it is of here, still runs, and its token is as good as ever. */
  async find(text: string): Promise<Session | undefined> {
    const sealed = this.#sealed.open(text);
    if (sealed === undefined) return undefined;
    const [issuer, expiresAt, antiForgeryToken] = sealed;
    if (expiresAt <= this.#deps.clock.now()) return undefined;
    const token = await this.#deps.issuers.find(issuer);
    return token === undefined ? undefined : { access: accessOf(token), expiresAt, antiForgeryToken };
  }
}

/** Whether what a request brought is the session's; how long it takes tells nothing of how much of a guess was right. */
export function isAntiForgeryToken(given: unknown, session: Pick<Session, 'antiForgeryToken'>): boolean {
  if (typeof given !== 'string') return false;
  const [a, b] = [given, session.antiForgeryToken].map((text) => hash('sha256', text, 'buffer'));
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

function accessOf(token: Issuer): Access {
  const [workspaceId, scopes] = token === null ? [null, SCOPES] : [token.workspaceId, token.scopes];
  return { token, via: 'session', workspaceId, scopes };
}
