import type { FastifyRequest } from 'fastify';
import type { Access } from '../domain/access.ts';
import type { Actor, Caller } from '../domain/audit.ts';

/** Who changes something, for the audit log; the address is the client's as far as `VELAHOOK_TRUSTED_PROXIES` tell it. */
export function callerOf(request: FastifyRequest, access = request.access): Caller {
  if (access === null) throw new Error('Only a request that was let in changes anything.');
  return { actor: actorOf(access), address: request.ip, requestId: request.id };
}

function actorOf({ token, via }: Access): Actor {
  const way = via === null ? {} : { via };
  if (token === null) return { kind: 'admin', ...way };
  return { kind: 'token', tokenId: token.id, tokenPrefix: token.prefix, tokenName: token.name, ...way };
}
