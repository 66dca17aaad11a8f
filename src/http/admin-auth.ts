import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../domain/errors.ts';
import type { AdminToken } from '../management/admin-token.ts';
import type { AuthDeps } from './auth.ts';
import { bearerOf, refuseStranger } from './auth.ts';

/** The administrator's requests are counted together, as of one token. */
const ADMIN_KEY = 'admin';

export interface AdminAuthDeps extends AuthDeps {
  adminToken: AdminToken;
}

/**
 * Lets only those requests of this scope in that carry the admin token, within its rate limit, before a byte of the body
 * is read. They name no workspace. A workspace's token is told that it is the wrong one: 403.
 */
export function requireAdmin(api: FastifyInstance, deps: AdminAuthDeps): void {
  api.decorateRequest('token', null);
  api.decorateRequest('isAdmin', false);
  api.addHook('onRequest', async (request, reply) => {
    const refusal = await judge(request, reply, deps);
    if (refusal !== undefined) throw refusal;
    request.isAdmin = true;
  });
}

async function judge(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: AdminAuthDeps,
): Promise<Refusal | undefined> {
  const text = bearerOf(request.headers.authorization);
  const isAdmin = text !== undefined && (await deps.adminToken.isIt(text));
  if (!isAdmin) {
    const token = text === undefined ? undefined : await deps.tokens.authenticate(text);
    if (token !== undefined)
      return new Refusal('FORBIDDEN', "This needs the admin token, not a workspace's.");
    return refuseStranger(request, deps, 'Send the admin token: Authorization: Bearer sk_admin_…');
  }
  const { rate } = request.routeOptions.config;
  if (rate !== undefined) await deps.rateLimits.count(rate, ADMIN_KEY, reply);
  return undefined;
}
