import type { FastifyRequest } from 'fastify';
import type { Actor, Caller } from '../domain/audit.ts';

/** Who changes something, for the audit log; the address is the client's as far as `VELAHOOK_TRUSTED_PROXIES` tell it. */
export function callerOf({ token, ip, id }: FastifyRequest): Caller {
  return { actor: actorOf(token), address: ip, requestId: id };
}

function actorOf(token: FastifyRequest['token']): Actor {
  if (token === null) throw new Error('Only a request with a token changes anything.');
  if (token === 'admin') return { kind: 'admin' };
  return { kind: 'token', tokenId: token.id, tokenPrefix: token.prefix, tokenName: token.name };
}
