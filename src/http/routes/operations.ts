import { createHash, timingSafeEqual } from 'node:crypto';
import { BlockList } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { Refusal } from '../../domain/errors.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { Readiness } from '../readiness.ts';
import type { Api } from '../schemas.ts';
import { FAILURES, ok, oneOf, success } from '../schemas.ts';

export interface OperationRoutesDeps {
  readiness: Readiness;
  metrics: Metrics;
  metricsToken: string | null;
  isShuttingDown(): boolean;
}

const NOT_READY_RETRY_AFTER_S = 2;

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** What operators' machines ask: no token but the metrics' own, and nothing about any workspace. */
export function addOperationRoutes(server: Api, deps: OperationRoutesDeps): void {
  const security: [] = [];
  const tags = ['operations'];

  server.get(
    '/healthz',
    {
      schema: {
        operationId: 'getHealth',
        summary: 'Whether the process lives',
        tags,
        security,
        response: {
          200: success(Type.Object({ status: oneOf(['alive']) }), 'The process lives'),
          ...FAILURES,
        },
      },
    },
    async () => ok({ status: 'alive' as const }),
  );

  server.get(
    '/readyz',
    {
      schema: {
        operationId: 'getReadiness',
        summary: 'Whether the store takes writes',
        tags,
        security,
        response: {
          200: success(Type.Object({ status: oneOf(['ready']) }), 'The store takes writes'),
          ...FAILURES,
        },
      },
    },
    async () => {
      if (deps.isShuttingDown()) throw notReady('Shutting down.');
      if (!(await deps.readiness.isReady())) throw notReady('The store takes no writes right now.');
      return ok({ status: 'ready' as const });
    },
  );

  server.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
    checkScraper(request, deps.metricsToken);
    return reply.type(deps.metrics.contentType).send(await deps.metrics.collect());
  });

  let document: string | undefined;
  server.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) => {
    document ??= JSON.stringify(server.swagger());
    return reply.type('application/json; charset=utf-8').send(document);
  });
}

/** With a token set, only it counts; without one, only a connection from this machine that no proxy passed on. */
function checkScraper(request: FastifyRequest, metricsToken: string | null): void {
  const { authorization, forwarded } = request.headers;
  if (metricsToken !== null) {
    if (isSame(authorization ?? '', `Bearer ${metricsToken}`)) return;
    throw new Refusal('UNAUTHORIZED', 'Send the metrics token: Authorization: Bearer …');
  }
  const isForwarded = forwarded !== undefined || request.headers['x-forwarded-for'] !== undefined;
  const address = (request.socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '');
  const isLocal = loopback.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
  if (!isLocal || isForwarded) {
    throw new Refusal(
      'FORBIDDEN',
      'Metrics are for this machine only, unless VELAHOOK_METRICS_TOKEN is set.',
    );
  }
}

/** Compares digests, so that the time it takes tells nothing about the token, nor its length. */
function isSame(given: string, expected: string): boolean {
  return timingSafeEqual(digestOf(given), digestOf(expected));
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function notReady(message: string): Refusal {
  return new Refusal('UNAVAILABLE', message, { retryAfterS: NOT_READY_RETRY_AFTER_S });
}
