import type { ServerOptions } from 'node:http';
import fastifyCookie from '@fastify/cookie';
import fastify from 'fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Settings } from '../config/settings.ts';
import { Refusal } from '../domain/errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { Clock } from '../lib/clock.ts';
import type { Random } from '../lib/random.ts';
import type { AccessTokens } from '../management/access-tokens.ts';
import type { AdminToken } from '../management/admin-token.ts';
import type { AuditLog } from '../management/audit-log.ts';
import type { CatalogueExchange } from '../management/catalogue/catalogue-exchange.ts';
import type { EventTypes } from '../management/catalogue/event-types.ts';
import type { RulesOf } from '../management/catalogue/publish-rules.ts';
import type { Deliveries } from '../management/deliveries.ts';
import type { Erasures } from '../management/erasures.ts';
import type { FilterTests } from '../management/filter-tests.ts';
import type { History } from '../management/history.ts';
import type { LiveStreams } from '../management/live-streams.ts';
import type { MissedDeliveries } from '../management/missed-deliveries.ts';
import type { Portal } from '../management/portal.ts';
import type { Replays } from '../management/replays.ts';
import type { SecretRotation } from '../management/secret-rotation.ts';
import type { Sessions } from '../management/sessions.ts';
import type { SubscriptionStatistics } from '../management/statistics.ts';
import type { SubscriptionHealths } from '../management/subscription-health.ts';
import type { Subscriptions } from '../management/subscriptions.ts';
import type { WorkspaceStatistics } from '../management/workspace-statistics.ts';
import type { Workspaces } from '../management/workspaces.ts';
import type { Tokens } from '../management/tokens.ts';
import type { WorkspaceSettingsDesk } from '../management/workspace-settings.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { requireAdmin } from './admin-auth.ts';
import { requireToken } from './auth.ts';
import type { DashboardPages } from './dashboard.ts';
import { addDashboard } from './dashboard.ts';
import { addDocs } from './docs.ts';
import { failureOf } from './errors.ts';
import { SAFETY_HEADERS } from './headers.ts';
import { BODY_BYTES_MAX, takeJsonObjects } from './json-body.ts';
import { compileLazily, serializeLazily } from './lazy-schemas.ts';
import { describeApi } from './openapi.ts';
import { RateLimits } from './rate-limits.ts';
import { Readiness } from './readiness.ts';
import { createRequestIds } from './request-id.ts';
import { RouteTable } from './route-table.ts';
import { addBatchRoute } from './routes/batch.ts';
import { addAdminAuditRoutes, addAuditRoutes } from './routes/audit.ts';
import { addDeliveryRoutes } from './routes/deliveries.ts';
import { addErasureRoutes, addErasureStartRoute } from './routes/erasures.ts';
import { addEventTypeExchangeRoutes } from './routes/event-type-exchange.ts';
import { addEventTypeRoutes } from './routes/event-types.ts';
import { addEventRoutes, addPublishRoutes } from './routes/events.ts';
import { addFilterTestRoute } from './routes/filter-test.ts';
import { addMissedRoute } from './routes/missed.ts';
import { addOperationRoutes } from './routes/operations.ts';
import { addPortalExchangeRoute, addPortalLinkRoute } from './routes/portal.ts';
import { addRedeliveryRoutes, addReplayRoutes } from './routes/replays.ts';
import { addStatisticsRoutes } from './routes/statistics.ts';
import { addSessionRoutes } from './routes/session.ts';
import { addSecretRoutes } from './routes/subscription-secrets.ts';
import { addTokenRoutes } from './routes/tokens.ts';
import { addWorkspaceRoutes } from './routes/workspaces.ts';
import { addStreamRoute } from './routes/stream.ts';
import { addSubscriptionRoutes } from './routes/subscriptions.ts';
import { addUrlCheckRoute } from './routes/url-check.ts';
import { addWorkspaceSettingsRoutes } from './routes/workspace-settings.ts';
import type { Api } from './schemas.ts';
import { SessionCookie } from './session-cookie.ts';
import { answerExpectation, answerSocketError } from './socket-errors.ts';
import { createSchemaCompiler, refuseQuery } from './validation.ts';

export interface ServerDeps {
  settings: Pick<
    Settings,
    'rateLimits' | 'trustedProxies' | 'metricsToken' | 'dataBytesMax' | 'role' | 'publicUrl'
  >;
  store: Pick<Store, 'probe' | 'takeRequests'>;
  engine: Pick<Engine, 'publish' | 'isLive'>;
  subscriptions: Subscriptions;
  rotation: SecretRotation;
  filterTests: FilterTests;
  statistics: SubscriptionStatistics;
  workspaceStatistics: WorkspaceStatistics;
  healths: SubscriptionHealths;
  missed: MissedDeliveries;
  tokens: Tokens;
  adminToken: AdminToken;
  sessions: Sessions;
  portal: Portal;
  accessTokens: AccessTokens;
  workspaces: Workspaces;
  history: History;
  workspaceSettings: WorkspaceSettingsDesk;
  auditLog: AuditLog;
  deliveries: Deliveries;
  replays: Replays;
  erasures: Erasures;
  streams: LiveStreams;
  eventTypes: EventTypes;
  catalogueExchange: CatalogueExchange;
  publishRules: RulesOf;
  metrics: Metrics;
  clock: Clock;
  random: Random;
  log: Log;
  isShuttingDown(): boolean;
  /** Where the dashboard's built files are. */
  dashboardDir: string;
}

/** What is made for the routes of the API alone. */
interface ApiDeps extends ServerDeps {
  cookie: SessionCookie;
  rateLimits: RateLimits;
}

const API_PREFIX = '/api/v1';

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
    for (const add of [addApi, addAdminApi, addOpenApi]) {
      server.register(
        (api, _options, done) => {
          add(api as Api, { ...deps, cookie, rateLimits });
          done();
        },
        { prefix: API_PREFIX },
      );
    }
  }
  return server;
}

/** What workspaces do: behind a token of the workspace, each body one JSON object. */
function addApi(api: Api, deps: ApiDeps): void {
  const { history, subscriptions, engine, rateLimits } = deps;
  requireToken(api, deps);
  takeJsonObjects(api);
  addSubscriptionRoutes(api, subscriptions, deps.healths);
  addSecretRoutes(api, deps.rotation, subscriptions);
  addUrlCheckRoute(api, subscriptions);
  addFilterTestRoute(api, deps.filterTests);
  addStatisticsRoutes(api, deps.statistics, deps.workspaceStatistics);
  addMissedRoute(api, deps.missed);
  addEventRoutes(api, history);
  addDeliveryRoutes(api, history, subscriptions);
  addRedeliveryRoutes(api, deps.deliveries);
  addReplayRoutes(api, deps.replays);
  addErasureRoutes(api, deps.erasures);
  addEventTypeRoutes(api, deps.eventTypes);
  addEventTypeExchangeRoutes(api, deps.catalogueExchange);
  addWorkspaceSettingsRoutes(api, deps.workspaceSettings);
  addAuditRoutes(api, deps.auditLog);
  addPortalLinkRoute(api, deps.portal);
  addStreamRoute(api, deps.streams, deps);
  api.register((raw, _options, done) => {
    const { publishRules: rules } = deps;
    const { dataBytesMax } = deps.settings;
    addPublishRoutes(raw as Api, { engine, history, subscriptions, rules, dataBytesMax });
    addBatchRoute(raw as Api, { engine, rules, rateLimits, log: deps.log });
    addErasureStartRoute(raw as Api, deps.erasures);
    done();
  });
}

/** What the administrator does: behind the admin token, each body one JSON object. */
function addAdminApi(api: Api, deps: ApiDeps): void {
  requireAdmin(api, deps);
  takeJsonObjects(api);
  addWorkspaceRoutes(api, deps.workspaces);
  addTokenRoutes(api, deps.accessTokens);
  addAdminAuditRoutes(api, deps.auditLog);
}

/** What brings its credentials in its body or its cookie. */
function addOpenApi(api: Api, deps: ApiDeps): void {
  // Here only, since it has a hook for every answer, and parses nothing by itself.
  api.register(fastifyCookie, { hook: false });
  takeJsonObjects(api);
  addSessionRoutes(api, deps);
  addPortalExchangeRoute(api, deps);
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
  reply.headers(SAFETY_HEADERS);
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
