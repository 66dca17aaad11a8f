import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Access } from '../domain/access.ts';
import { Refusal } from '../domain/errors.ts';
import { SCOPES } from '../domain/token.ts';
import type { AdminToken } from '../management/admin-token.ts';
import type { AuthDeps } from './auth.ts';
import { bearerOf, findAmbientSession, refuseStranger } from './auth.ts';
import { refuseForgery } from './forgery.ts';
import { countedOf } from './rate-limits.ts';

/** The administrator's requests are counted together, as of one token. */
const ADMIN: Access = { token: null, via: null, workspaceId: null, scopes: SCOPES };

export interface AdminAuthDeps extends AuthDeps {
  adminToken: AdminToken;
}

/**
 * Lets only those requests of this scope in that carry the admin token, or the cookie of a session begun with it, within
 * its rate limit, before a byte of the body is read. They name no workspace. A workspace's token is told that it is the
 * wrong one: 403.
 */
export function requireAdmin(api: FastifyInstance, deps: AdminAuthDeps): void {
  api.decorateRequest('access', null);
  api.addHook('onRequest', async (request, reply) => {
    const refusal = await judge(request, reply, deps);
    if (refusal !== undefined) throw refusal;
  });
}

async function judge(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: AdminAuthDeps,
): Promise<Refusal | undefined> {
  const text = bearerOf(request.headers.authorization);
  const isAdmin = text !== undefined && (await deps.adminToken.isIt(text));
  const session = await findAmbientSession(request, deps);
  const access = isAdmin ? ADMIN : session?.access;
  if (access?.token !== null) return refuseOthers(request, access, text, deps);
  const refusal = session && refuseForgery(request, session);
  if (refusal !== undefined) return refusal;
  const { rate } = request.routeOptions.config;
  if (rate !== undefined) await deps.rateLimits.count(rate, countedOf(access), reply);
  request.access = access;
  return undefined;
}

/** Whoever is somebody, but not the administrator, is told so. */
async function refuseOthers(
  request: FastifyRequest,
  session: Access | undefined,
  text: string | undefined,
  deps: AdminAuthDeps,
): Promise<Refusal> {
  const known =
    session ??
    (text === undefined
      ? undefined
      : ((await deps.tokens.authenticate(text)) ?? (await deps.portal.findAccess(text))));
  if (known !== undefined) return new Refusal('FORBIDDEN', "This needs the admin token, not a workspace's.");
  return refuseStranger(request, deps, 'Send the admin token: Authorization: Bearer sk_admin_…');
}
