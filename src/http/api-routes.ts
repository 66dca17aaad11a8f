import fastifyCookie from '@fastify/cookie';
import type { Settings } from '../config/settings.ts';
import type { Engine } from '../engine/engine.ts';
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
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { requireAdmin } from './admin-auth.ts';
import { requireToken } from './auth.ts';
import { takeJsonObjects } from './json-body.ts';
import type { RateLimits } from './rate-limits.ts';
import { addBatchRoute } from './routes/batch.ts';
import { addAdminAuditRoutes, addAuditRoutes } from './routes/audit.ts';
import { addDeliveryRoutes } from './routes/deliveries.ts';
import { addErasureRoutes, addErasureStartRoute } from './routes/erasures.ts';
import { addEventTypeExchangeRoutes } from './routes/event-type-exchange.ts';
import { addEventTypeRoutes } from './routes/event-types.ts';
import { addEventRoutes, addPublishRoutes } from './routes/events.ts';
import { addFilterTestRoute } from './routes/filter-test.ts';
import { addMissedRoute } from './routes/missed.ts';
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
import type { SessionCookie } from './session-cookie.ts';

/** What the routes of the API call. */
export interface ApiDeps {
  settings: Pick<Settings, 'dataBytesMax'>;
  engine: Pick<Engine, 'publish'>;
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
  log: Log;
  cookie: SessionCookie;
  rateLimits: RateLimits;
}

const API_PREFIX = '/api/v1';

/** All routes of the API, in three parts: each lets others in. */
export function addApiRoutes(server: Api, deps: ApiDeps): void {
  for (const add of [addApi, addAdminApi, addOpenApi]) {
    server.register(
      (api, _options, done) => {
        add(api as Api, deps);
        done();
      },
      { prefix: API_PREFIX },
    );
  }
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
