import type { FastifyRequest } from 'fastify';
import type { Actor, Caller } from '../domain/audit.ts';

/** Who changes something, for the audit log; the address is the client's as far as `VELAHOOK_TRUSTED_PROXIES` tell it. */
export function callerOf(request: FastifyRequest): Caller {
  return { actor: actorOf(request), address: request.ip, requestId: request.id };
}

function actorOf({ token, isAdmin }: FastifyRequest): Actor {
  if (isAdmin) return { kind: 'admin' };
  if (token === null) throw new Error('Only a request with a token changes anything.');
  return { kind: 'token', tokenId: token.id, tokenPrefix: token.prefix, tokenName: token.name };
}
