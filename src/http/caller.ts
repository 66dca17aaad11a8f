import type { FastifyRequest } from 'fastify';
import type { Caller } from '../domain/audit.ts';

/** Who changes something, for the audit log; the address is the client's as far as `VELAHOOK_TRUSTED_PROXIES` tell it. */
export function callerOf({ token, ip, id }: FastifyRequest): Caller {
  if (token === null) throw new Error('Only a request with a token changes anything.');
  const { id: tokenId, prefix: tokenPrefix, name: tokenName } = token;
  return { actor: { kind: 'token', tokenId, tokenPrefix, tokenName }, address: ip, requestId: id };
}
