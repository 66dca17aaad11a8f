import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../domain/errors.ts';
import { ID_FORM } from '../domain/ids.ts';
import type { Scope, Token } from '../domain/token.ts';
import type { Tokens } from '../management/tokens.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { RateClass, RateLimits } from './rate-limits.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a token must be allowed to do; a route of the API without one is refused to every token. */
    scope?: Scope;
    /** What a request counts as. */
    rate?: RateClass;
  }
  interface FastifyRequest {
    /** The workspace whose token this request carries. */
    workspaceId: string;
    /** The token it was let in with; null before that, and where it needs none of a workspace. */
    token: Token | null;
    /** It came with the admin token. */
    isAdmin: boolean;
  }
}

export interface AuthDeps {
  tokens: Tokens;
  rateLimits: RateLimits;
  metrics: Metrics;
}

const BEARER_FORM = /^bearer ([\x21-\x7e]{1,256})$/i;
/** `Bearer ` and the longest token; what is longer is junk, and not worth a look. */
const AUTHORIZATION_CHARS_MAX = 263;

/**
 * Lets only those requests of this scope in that carry a good token of the workspace they name, with the route's
 * scope, within their rate limit; checked in this order, before a byte of the body is read. Two `Authorization`
 * headers arrive joined by a comma, which no token has.
 */
export function requireToken(api: FastifyInstance, deps: AuthDeps): void {
  api.decorateRequest('workspaceId', '');
  api.decorateRequest('token', null);
  api.decorateRequest('isAdmin', false);
  api.addHook('onRequest', (request, reply, done) => {
    const text = bearerOf(request.headers.authorization);
    const found = text === undefined ? undefined : deps.tokens.authenticate(text);
    // A remembered token and no limit, as in publishing: not one promise.
    if (found !== undefined && !(found instanceof Promise) && !isLimited(request, deps)) {
      done(refusalFor(request, found));
      return;
    }
    void admit(request, reply, found, deps, done);
  });
}

async function admit(
  request: FastifyRequest,
  reply: FastifyReply,
  found: Token | undefined | Promise<Token | undefined>,
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
  token: Token | undefined,
  deps: AuthDeps,
): Promise<Refusal | undefined> {
  if (token === undefined)
    return refuseStranger(request, deps, 'Send a valid token: Authorization: Bearer sk_live_…');
  const refusal = refusalFor(request, token);
  const { rate } = request.routeOptions.config;
  if (refusal === undefined && rate !== undefined) await deps.rateLimits.count(rate, token.id, reply);
  return refusal;
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
function refusalFor(request: FastifyRequest, token: Token): Refusal | undefined {
  const workspaceId = request.headers['x-workspace-id'];
  // Two headers arrive joined, and fail here too.
  if (typeof workspaceId !== 'string' || !ID_FORM.test(workspaceId)) {
    return new Refusal('BAD_REQUEST', 'Send the header x-workspace-id once, with 24 lower-case hex digits.');
  }
  if (workspaceId !== token.workspaceId) {
    return new Refusal('FORBIDDEN', 'This token is not of the workspace that x-workspace-id names.');
  }
  const { scope } = request.routeOptions.config;
  if (scope === undefined || !token.scopes.includes(scope)) {
    return new Refusal(
      'FORBIDDEN',
      `This token lacks the scope ${scope ?? '(none is enough for this route)'}.`,
    );
  }
  request.workspaceId = workspaceId;
  request.token = token;
  return undefined;
}

/**
 * For an answer that goes on for hours: whether its token would still be let in, asked anew each time. It may have been
 * revoked, have expired, or lost the scope.
 */
export function stillAuthorized(request: FastifyRequest, tokens: Tokens): () => Promise<boolean> {
  const text = bearerOf(request.headers.authorization) ?? '';
  const { workspaceId } = request;
  const { scope } = request.routeOptions.config;
  return async () => {
    const token = await tokens.authenticate(text);
    return token?.workspaceId === workspaceId && scope !== undefined && token.scopes.includes(scope);
  };
}

/** The token that the header carries, if it has the form of one. */
export function bearerOf(header: string | undefined): string | undefined {
  if (header === undefined || header.length > AUTHORIZATION_CHARS_MAX) return undefined;
  return BEARER_FORM.exec(header)?.[1];
}
