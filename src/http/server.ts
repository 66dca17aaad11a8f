import type { ServerOptions } from 'node:http';
import fastify from 'fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Settings } from '../config/settings.ts';
import { Refusal } from '../domain/errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { Clock } from '../lib/clock.ts';
import type { Random } from '../lib/random.ts';
import type { Store } from '../store/store.ts';
import type { ApiDeps } from './api-routes.ts';
import { addApiRoutes } from './api-routes.ts';
import type { DashboardPages } from './dashboard.ts';
import { addDashboard } from './dashboard.ts';
import { addDocs } from './docs.ts';
import { failureOf } from './errors.ts';
import { safetyHeaders } from './headers.ts';
import { BODY_BYTES_MAX } from './json-body.ts';
import { compileLazily, serializeLazily } from './lazy-schemas.ts';
import { describeApi } from './openapi.ts';
import { RateLimits } from './rate-limits.ts';
import { Readiness } from './readiness.ts';
import { createRequestIds } from './request-id.ts';
import { RouteTable } from './route-table.ts';
import { addOperationRoutes } from './routes/operations.ts';
import type { Api } from './schemas.ts';
import { SessionCookie } from './session-cookie.ts';
import { answerExpectation, answerSocketError } from './socket-errors.ts';
import { createSchemaCompiler, refuseQuery } from './validation.ts';

/** What the server is made of: what its routes call, and what it needs itself. */
export interface ServerDeps extends Omit<ApiDeps, 'settings' | 'engine' | 'cookie' | 'rateLimits'> {
  settings: Pick<
    Settings,
    'rateLimits' | 'trustedProxies' | 'metricsToken' | 'dataBytesMax' | 'role' | 'publicUrl'
  >;
  store: Pick<Store, 'probe' | 'takeRequests'>;
  engine: Pick<Engine, 'publish' | 'isLive'>;
  clock: Clock;
  random: Random;
  isShuttingDown(): boolean;
  /** Where the dashboard's built files are. */
  dashboardDir: string;
}

/** A client that needs longer for its headers, or for the whole request, holds a socket and sends nothing. */
const HEADERS_MS_MAX = 10_000;
const REQUEST_MS_MAX = 30_000;
/** How often Node looks for such clients: it adds to the above. */
const TIMEOUT_CHECK_MS = 2_000;
/** Longer than the usual 60 s of a load balancer, which would otherwise reuse a connection we just closed. */
const KEEP_ALIVE_MS = 72_000;
/** Request line and headers together. */
const HEADER_BYTES_MAX = 16 * 1024;
/** Sockets are file descriptors; deliveries need theirs too. */
const CONNECTIONS_MAX = 10_000;
/** So much of a body that nobody wants is read to its end; of a larger one, the connection is closed. */
const DRAINED_BYTES_MAX = 64 * 1024;

const HTTP_OPTIONS: ServerOptions = {
  headersTimeout: HEADERS_MS_MAX,
  connectionsCheckingInterval: TIMEOUT_CHECK_MS,
  maxHeaderSize: HEADER_BYTES_MAX,
  // Node would silently keep the first of two Authorization headers; joined, they are no token.
  joinDuplicateHeaders: true,
  // Refused below, in our own words.
  requireHostHeader: false,
};

export type HttpServer = Api;

/**
 * Makes the HTTP server of the API; of a node that only delivers, it has what operators ask. Its routes call management and engine and decide nothing themselves. The
 * caller lets it listen, and closes it: idle connections are closed then, requests under way are answered.
 */
export function createServer(deps: ServerDeps): HttpServer {
  const requestIds = createRequestIds(deps.random);
  const server: HttpServer = fastify({
    http: HTTP_OPTIONS,
    requestTimeout: REQUEST_MS_MAX,
    keepAliveTimeout: KEEP_ALIVE_MS,
    bodyLimit: BODY_BYTES_MAX,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    genReqId: requestIds,
    ...(deps.settings.trustedProxies.length > 0 && { trustProxy: [...deps.settings.trustedProxies] }),
    // An id is 404 or found, whatever its length; the header limit bounds it.
    routerOptions: { maxParamLength: HEADER_BYTES_MAX },
    clientErrorHandler: (error, socket) => answerSocketError(error, socket, requestIds({ headers: {} })),
    frameworkErrors: (error, request, reply) => {
      prepare(request, reply, deps);
      answerFailure(error, request, reply, deps);
    },
  });
  server.server.maxConnections = CONNECTIONS_MAX;
  server.server.on('checkExpectation', (request, response) =>
    answerExpectation(response, requestIds(request)),
  );
  const routes = new RouteTable(server);
  const cookie = new SessionCookie(deps.settings.publicUrl);
  describeApi(server, cookie.name);
  const pages = deps.settings.role === 'delivery' ? undefined : addPages(server, deps);
  addHandlers(server, deps, routes, pages);
  server.after(() => {
    addOperationRoutes(server, {
      readiness: new Readiness(deps.store, deps.engine, deps.clock),
      metrics: deps.metrics,
      metricsToken: deps.settings.metricsToken,
      isShuttingDown: deps.isShuttingDown,
    });
  });
  if (deps.settings.role !== 'delivery') {
    addDocs(server);
    const rateLimits = new RateLimits(deps.settings.rateLimits, deps.store, deps.clock);
    addApiRoutes(server, { ...deps, cookie, rateLimits });
  }
  return server;
}

function addPages(server: Api, { dashboardDir: folder, portal, random }: ServerDeps): DashboardPages {
  const pages = addDashboard(server, { folder, portal, random });
  server.setNotFoundHandler((request, reply) => {
    if (pages.areFor(request)) return pages.send(request, reply);
    throw noSuchRoute();
  });
  return pages;
}

function addHandlers(
  server: Api,
  deps: ServerDeps,
  routes: RouteTable,
  pages: DashboardPages | undefined,
): void {
  server.setValidatorCompiler(compileLazily(createSchemaCompiler()));
  server.setSerializerCompiler(serializeLazily);
  server.setSchemaErrorFormatter((errors) => refuseQuery(errors));
  server.addHook('onRequest', (request, reply, done) => {
    prepare(request, reply, deps);
    done(refusalFor(request, reply, routes, pages));
  });
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.is404 ? 'none' : (request.routeOptions.url ?? 'none');
    // Each file has a route; together they are one.
    const label = route.startsWith('/assets/') ? '/assets/*' : route;
    deps.metrics.requestAnswered(label, request.method, reply.statusCode);
    done();
  });
  server.setErrorHandler((error, request, reply) => answerFailure(error, request, reply, deps));
}

/** What is refused before anything else, and before a byte of the body is read. */
function refusalFor(
  request: FastifyRequest,
  reply: FastifyReply,
  routes: RouteTable,
  pages: DashboardPages | undefined,
): Refusal | undefined {
  if (request.headers.host === undefined && request.raw.httpVersion === '1.1') {
    return new Refusal('BAD_REQUEST', 'Send a Host header.');
  }
  if (!request.is404) return undefined;
  const [path = ''] = request.url.split('?', 1);
  const methods = routes.methodsOf(path);
  if (methods.length === 0) return pages?.areFor(request) === true ? undefined : noSuchRoute();
  reply.header('allow', methods.join(', '));
  return new Refusal('METHOD_NOT_ALLOWED', `This route takes ${methods.join(', ')}.`);
}

function noSuchRoute(): Refusal {
  return new Refusal('NOT_FOUND', 'There is no such route; see /openapi.json.');
}

function prepare(request: FastifyRequest, reply: FastifyReply, deps: ServerDeps): void {
  reply.headers(safetyHeaders(deps.settings.publicUrl));
  reply.header('x-request-id', request.id);
  // A client that keeps its connection would keep the process from ending.
  if (deps.isShuttingDown()) reply.header('connection', 'close');
}

function answerFailure(error: unknown, request: FastifyRequest, reply: FastifyReply, deps: ServerDeps): void {
  const failure = failureOf(error, request.id);
  const about = { requestId: request.id, route: request.routeOptions?.url ?? null, method: request.method };
  if (failure.isOurs) deps.log.error({ ...about, err: error }, 'A request failed.');
  else if (failure.status === 503) deps.log.warn({ ...about, err: error }, 'A request could not be taken.');
  if (isUnread(request)) reply.header('connection', 'close');
  void reply.code(failure.status).headers(failure.headers).send(failure.body);
}

/** A large or endless body is still coming, and nobody will read it. */
function isUnread(request: FastifyRequest): boolean {
  if (request.raw.complete) return false;
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  return encoding !== undefined || Number(length ?? 0) > DRAINED_BYTES_MAX;
}
