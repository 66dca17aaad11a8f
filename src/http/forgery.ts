import type { FastifyRequest } from 'fastify';
import { Refusal } from '../domain/errors.ts';
import type { Session } from '../management/sessions.ts';
import { isAntiForgeryToken } from '../management/sessions.ts';

/** What only a page of ours can send: browsers ask us before another's may, and we never say yes. */
export const ANTI_FORGERY_HEADER = 'x-anti-forgery-token';

/**
 * What a request is refused for that a browser sends with the cookie of a session, though another site made it do so:
 * the cookie is sent with it whoever asks. A token in a header needs none of this.
 */
export function refuseForgery(request: FastifyRequest, session: Session): Refusal | undefined {
  const isRead = isReading(request);
  const refusal = refuseOtherSites(request, isRead ? ['same-origin', 'none'] : ['same-origin']);
  if (refusal !== undefined || isRead) return refusal;
  if (isAntiForgeryToken(request.headers[ANTI_FORGERY_HEADER], session)) return undefined;
  return new Refusal(
    'FORBIDDEN',
    `A change with a session needs the header ${ANTI_FORGERY_HEADER}, with the value that GET /api/v1/session answers.`,
  );
}

/** Refuses what a browser says comes from elsewhere; `none` is a person who typed the address. */
export function refuseOtherSites(
  { headers }: FastifyRequest,
  allowed: readonly string[] = ['same-origin'],
): Refusal | undefined {
  const site = headers['sec-fetch-site'];
  if (site === undefined || (typeof site === 'string' && allowed.includes(site))) return undefined;
  return new Refusal(
    'FORBIDDEN',
    'Sessions are for pages of this server only. Elsewhere send a token: Authorization: Bearer sk_live_…',
  );
}

function isReading({ method }: FastifyRequest): boolean {
  return method === 'GET' || method === 'HEAD';
}
