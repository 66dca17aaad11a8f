import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { SCOPES } from '../../domain/token.ts';
import type { Session, Sessions } from '../../management/sessions.ts';
import { isoOf } from '../../management/subscription-view.ts';
import type { AuthDeps } from '../auth.ts';
import { findSession, refuseStranger } from '../auth.ts';
import { callerOf } from '../caller.ts';
import { ANTI_FORGERY_HEADER, refuseForgery, refuseOtherSites } from '../forgery.ts';
import { SESSION_SECURITY } from '../openapi.ts';
import { countedOf } from '../rate-limits.ts';
import type { Api } from '../schemas.ts';
import { CLOSED, FAILURES, Instant, nullable, ok, oneOf, success } from '../schemas.ts';
import { bodyOf } from '../validation.ts';

const PATH = '/session';
/** Longer than any token; what an admin token may have is the operator's choice. */
const TOKEN_CHARS_MAX = 1_000;

const SignInBody = Type.Object(
  {
    token: Type.String({
      minLength: 1,
      maxLength: TOKEN_CHARS_MAX,
      description: 'A token of a workspace, or the admin token',
    }),
  },
  CLOSED,
);

const Shown = Type.Object({
  kind: oneOf(['workspace', 'admin']),
  workspaceId: nullable(Type.String({ description: 'Null for the administrator, who may name any' })),
  scopes: Type.Array(oneOf(SCOPES)),
  tokenPrefix: nullable(Type.String()),
  tokenName: nullable(Type.String()),
  expiresAt: Instant,
  antiForgeryToken: Type.String({ description: `For the header ${ANTI_FORGERY_HEADER} of every change` }),
});

const answer = success(Type.Object({ session: Shown }));
const about = { tags: ['session'] };

export interface SessionRoutesDeps extends AuthDeps {
  sessions: Sessions;
}

/** Signing in, with a token that the browser then need not keep. They are about the cookie, whatever else comes along. */
export function addSessionRoutes(api: Api, deps: SessionRoutesDeps): void {
  api.decorateRequest('access', null);
  addSignInRoute(api, deps);

  api.get(
    PATH,
    {
      config: { rate: 'read' },
      schema: {
        ...about,
        operationId: 'getSession',
        summary: 'Who is signed in',
        security: SESSION_SECURITY,
        response: { 200: answer, ...FAILURES },
      },
    },
    async (request, reply) => ok({ session: viewOf(await currentOf(request, reply, deps)) }),
  );

  api.delete(
    PATH,
    {
      config: { rate: 'delete' },
      schema: {
        ...about,
        operationId: 'endSession',
        summary: 'Sign out',
        security: SESSION_SECURITY,
        response: { 200: success(Type.Object({ deleted: Type.Literal(true) }), 'Signed out'), ...FAILURES },
      },
    },
    async (request, reply) => {
      await currentOf(request, reply, deps);
      deps.cookie.clear(reply);
      return ok({ deleted: true as const });
    },
  );
}

function addSignInRoute(api: Api, deps: SessionRoutesDeps): void {
  const { sessions, cookie, rateLimits } = deps;
  api.post(
    PATH,
    {
      config: { rate: 'write' },
      attachValidation: true,
      schema: {
        ...about,
        operationId: 'startSession',
        summary: 'Sign in with a token',
        security: [],
        body: SignInBody,
        response: { 201: answer, ...FAILURES },
      },
    },
    async (request, reply) => {
      // Another site must not sign anybody in, either: what they do then, they would do as whoever's token it was.
      const refusal = refuseOtherSites(request);
      if (refusal !== undefined) throw refusal;
      const session = await sessions.signIn(bodyOf(request).token.trim());
      if (session === undefined)
        throw await refuseStranger(request, deps, 'This is no token that works. Check that it is whole.');
      await rateLimits.count('write', countedOf(session.access), reply);
      const sealed = await sessions.begin(callerOf(request, session.access), session);
      // Always a new one, whatever cookie came with the request.
      cookie.set(reply, sealed, session.expiresAt);
      return reply.code(201).send(ok({ session: viewOf(session) }));
    },
  );
}

/** The session of the request; refuses it otherwise, and takes back a cookie that is good for nothing. */
async function currentOf(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: SessionRoutesDeps,
): Promise<Session> {
  const { cookie, rateLimits } = deps;
  const session = await findSession(request, deps);
  if (session === undefined) {
    if (cookie.read(request) !== undefined) cookie.clear(reply);
    throw await refuseStranger(request, deps, 'Nobody is signed in. Sign in: POST /api/v1/session.');
  }
  const refusal = refuseForgery(request, session);
  if (refusal !== undefined) throw refusal;
  const { rate } = request.routeOptions.config;
  if (rate !== undefined) await rateLimits.count(rate, countedOf(session.access), reply);
  return session;
}

function viewOf({ access, expiresAt, antiForgeryToken }: Session) {
  const { token, workspaceId, scopes } = access;
  return {
    kind: token === null ? ('admin' as const) : ('workspace' as const),
    workspaceId,
    scopes: [...scopes],
    tokenPrefix: token?.prefix ?? null,
    tokenName: token?.name ?? null,
    expiresAt: isoOf(expiresAt),
    antiForgeryToken,
  };
}
