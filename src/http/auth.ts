import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Access } from '../domain/access.ts';
import { accessOfToken } from '../domain/access.ts';
import { Refusal } from '../domain/errors.ts';
import { ID_FORM } from '../domain/ids.ts';
import type { Scope, TokenFacts } from '../domain/token.ts';
import type { Portal } from '../management/portal.ts';
import type { Session, Sessions } from '../management/sessions.ts';
import type { Tokens } from '../management/tokens.ts';
import type { Workspaces } from '../management/workspaces.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { refuseForgery } from './forgery.ts';
import type { RateClass, RateLimits } from './rate-limits.ts';
import { countedOf } from './rate-limits.ts';
import type { SessionCookie } from './session-cookie.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a token must be allowed to do; a route of the API without one is refused to every token. */
    scope?: Scope;
    /** What a request counts as. */
    rate?: RateClass;
    /** False: not for who comes by a link to the portal, whatever its scopes. */
    portal?: boolean;
  }
  interface FastifyRequest {
    /** The workspace it was let in to. */
    workspaceId: string;
    /** What it was let in with; null before that, and on routes that are open to all. */
    access: Access | null;
  }
}

/** All that can let a request in. */
export interface Doors {
  tokens: Tokens;
  sessions: Sessions;
  cookie: SessionCookie;
  portal: Portal;
  workspaces: Pick<Workspaces, 'get'>;
}

export interface AuthDeps extends Doors {
  rateLimits: RateLimits;
  metrics: Metrics;
}

const BEARER_FORM = /^bearer ([\x21-\x7e]{1,256})$/i;
/** `Bearer ` and the longest token; what is longer is junk, and not worth a look. */
const AUTHORIZATION_CHARS_MAX = 263;

/**
 * Lets only those requests of this scope in that carry a good token of the workspace they name, with the route's
 * scope, within their rate limit; checked in this order, before a byte of the body is read. Two `Authorization`
 * headers arrive joined by a comma, which no token has. Without that header the cookie of a session does as well.
 */
export function requireToken(api: FastifyInstance, deps: AuthDeps): void {
  api.decorateRequest('workspaceId', '');
  api.decorateRequest('access', null);
  api.addHook('onRequest', (request, reply, done) => {
    const text = bearerOf(request.headers.authorization);
    const found = text === undefined ? undefined : deps.tokens.authenticate(text);
    // A remembered token and no limit, as in publishing: not one promise.
    if (found !== undefined && !(found instanceof Promise) && !isLimited(request, deps)) {
      done(refusalFor(request, accessOfToken(found)));
      return;
    }
    void admit(request, reply, found, deps, done);
  });
}

async function admit(
  request: FastifyRequest,
  reply: FastifyReply,
  found: TokenFacts | undefined | Promise<TokenFacts | undefined>,
  deps: AuthDeps,
  done: (error?: Error) => void,
): Promise<void> {
  let refusal: Error | undefined;
  try {
    refusal = await judge(request, reply, await found, deps);
  } catch (error) {
    refusal = error as Error;
  }
  done(refusal);
}

/** What the request is refused for, if anything; rejects when a limit is passed, or the store cannot tell. */
async function judge(
  request: FastifyRequest,
  reply: FastifyReply,
  token: TokenFacts | undefined,
  deps: AuthDeps,
): Promise<Refusal | undefined> {
  const session = await findAmbientSession(request, deps);
  const access = token ? accessOfToken(token) : (session?.access ?? (await findPortalAccess(request, deps)));
  if (access === undefined)
    return refuseStranger(request, deps, 'Send a valid token: Authorization: Bearer sk_live_…');
  const refusal = (session && refuseForgery(request, session)) ?? refusalFor(request, access);
  if (refusal !== undefined) return refusal;
  // Only the administrator's own requests name a workspace that may not be there.
  if (access.workspaceId === null) await deps.workspaces.get(request.workspaceId);
  const { rate } = request.routeOptions.config;
  if (rate !== undefined) await deps.rateLimits.count(rate, countedOf(access), reply);
  return undefined;
}

/** The session that a request comes with: none where it has an `Authorization` of its own, good or not. */
export async function findAmbientSession(
  request: FastifyRequest,
  doors: Pick<Doors, 'cookie' | 'sessions'>,
): Promise<Session | undefined> {
  return request.headers.authorization === undefined ? findSession(request, doors) : undefined;
}

/** The session whose cookie a request carries. */
export async function findSession(
  request: FastifyRequest,
  { cookie, sessions }: Pick<Doors, 'cookie' | 'sessions'>,
): Promise<Session | undefined> {
  const text = cookie.read(request);
  return text === undefined ? undefined : sessions.find(text);
}

async function findPortalAccess(request: FastifyRequest, { portal }: Doors): Promise<Access | undefined> {
  const text = bearerOf(request.headers.authorization);
  return text === undefined ? undefined : portal.findAccess(text);
}

/** A missing or wrong token: counted, so that nobody tries many; rejects when the address has had too many. */
export async function refuseStranger(
  request: FastifyRequest,
  { metrics, rateLimits }: Pick<AuthDeps, 'metrics' | 'rateLimits'>,
  message: string,
): Promise<Refusal> {
  metrics.authenticationFailed();
  await rateLimits.countFailure(request.ip);
  return new Refusal('UNAUTHORIZED', message);
}

function isLimited(request: FastifyRequest, deps: AuthDeps): boolean {
  const { rate } = request.routeOptions.config;
  return rate === undefined || deps.rateLimits.applies(rate);
}

/** What a request with a good token is still refused for; otherwise it is let in as of its workspace. */
function refusalFor(request: FastifyRequest, access: Access): Refusal | undefined {
  const workspaceId = request.headers['x-workspace-id'];
  // Two headers arrive joined, and fail here too.
  if (typeof workspaceId !== 'string' || !ID_FORM.test(workspaceId)) {
    return new Refusal('BAD_REQUEST', 'Send the header x-workspace-id once, with 24 lower-case hex digits.');
  }
  if (access.workspaceId !== null && workspaceId !== access.workspaceId) {
    return new Refusal('FORBIDDEN', 'This token is not of the workspace that x-workspace-id names.');
  }
  const { scope, portal } = request.routeOptions.config;
  if (scope === undefined || !access.scopes.includes(scope)) {
    return new Refusal(
      'FORBIDDEN',
      `This token lacks the scope ${scope ?? '(none is enough for this route)'}.`,
    );
  }
  if (access.via === 'portal' && portal === false)
    return new Refusal(
      'FORBIDDEN',
      'This is not for the portal. Send a token: Authorization: Bearer sk_live_…',
    );
  request.workspaceId = workspaceId;
  request.access = access;
  return undefined;
}

/**
 * For an answer that goes on for hours: whether what let it in would do so still, asked anew each time. A token may have
 * been revoked, have expired, or lost the scope, and a session or a link with it.
 */
export function stillAuthorized(request: FastifyRequest, doors: Doors): () => Promise<boolean> {
  const text = bearerOf(request.headers.authorization) ?? '';
  const { workspaceId } = request;
  const { scope } = request.routeOptions.config;
  return async () => {
    const token = await doors.tokens.authenticate(text);
    const access = token
      ? accessOfToken(token)
      : ((await findAmbientSession(request, doors))?.access ?? (await findPortalAccess(request, doors)));
    if (access === undefined || scope === undefined || !access.scopes.includes(scope)) return false;
    if (access.workspaceId !== null) return access.workspaceId === workspaceId;
    return isThere(doors.workspaces.get(workspaceId));
  };
}

/** Rejects for whatever is no refusal: then nobody can tell. */
async function isThere(looking: Promise<unknown>): Promise<boolean> {
  try {
    await looking;
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/** The token that the header carries, if it has the form of one. */
export function bearerOf(header: string | undefined): string | undefined {
  if (header === undefined || header.length > AUTHORIZATION_CHARS_MAX) return undefined;
  return BEARER_FORM.exec(header)?.[1];
}
