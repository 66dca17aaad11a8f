/** The composition root: the only place that knows every part; it chooses the store and joins them. */
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Settings } from './config/settings.ts';
import { checkUrl } from './domain/url-policy.ts';
import { Guard } from './engine/dispatch/guard.ts';
import { createDispatcher } from './engine/dispatch/worker-dispatcher.ts';
import { Activity } from './engine/activity/activity.ts';
import { ActivityFeed } from './engine/activity/activity-feed.ts';
import type { Engine } from './engine/engine.ts';
import { Pipeline } from './engine/pipeline.ts';
import type { SchedulerLimits } from './engine/schedule/scheduler.ts';
import { createServer } from './http/server.ts';
import type { Clock } from './lib/clock.ts';
import { systemClock } from './lib/clock.ts';
import type { Random } from './lib/random.ts';
import { systemRandom } from './lib/random.ts';
import { AccessTokens } from './management/access-tokens.ts';
import { AdminToken, ensureAdminToken } from './management/admin-token.ts';
import { AuditLog } from './management/audit-log.ts';
import type { FirstWorkspace } from './management/bootstrap.ts';
import { ensureFirstWorkspace } from './management/bootstrap.ts';
import { CatalogueExchange } from './management/catalogue/catalogue-exchange.ts';
import { Catalogues } from './management/catalogue/catalogues.ts';
import { EventTypes } from './management/catalogue/event-types.ts';
import { createRulesOf } from './management/catalogue/publish-rules.ts';
import { Deliveries } from './management/deliveries.ts';
import { ErasureSeals } from './management/erasure-seals.ts';
import { Erasures } from './management/erasures.ts';
import { FilterTests } from './management/filter-tests.ts';
import { History } from './management/history.ts';
import { Issuers } from './management/issuers.ts';
import { openKeyring } from './management/keys.ts';
import { LiveStreams } from './management/live-streams.ts';
import { MissedDeliveries } from './management/missed-deliveries.ts';
import { Portal } from './management/portal.ts';
import { Replays } from './management/replays.ts';
import { SecretRotation } from './management/secret-rotation.ts';
import { Sessions } from './management/sessions.ts';
import { SubscriptionStatistics } from './management/statistics.ts';
import { SubscriptionSeals } from './management/subscription-seals.ts';
import { SubscriptionHealths } from './management/subscription-health.ts';
import { Subscriptions } from './management/subscriptions.ts';
import { Tokens } from './management/tokens.ts';
import { WorkspaceSettingsDesk } from './management/workspace-settings.ts';
import { keepTokenUses } from './management/token-uses.ts';
import { WorkspaceStatistics } from './management/workspace-statistics.ts';
import { Workspaces } from './management/workspaces.ts';
import { answeringInTime } from './store/answering-in-time.ts';
import { createPostgresStore } from './store/postgres/postgres-store.ts';
import { createSqliteStore } from './store/sqlite/sqlite-store.ts';
import type { Store } from './store/store.ts';
import { StoreUnavailable } from './store/store.ts';
import type { Log } from './telemetry/log.ts';
import { createMetrics } from './telemetry/metrics.ts';

/**
 * Once the engine has stopped, requests that came whole are answered in so long; then connections are cut, since a
 * client that sent half of one would keep the process for as long as it likes.
 */
const LAST_ANSWERS_MS = 500;
/**
 * A database that is not there at the start is waited for: often everything is started at once, and a supervisor that
 * starts us anew after each failure waits longer each time. For no longer, so that a wrong `DATABASE_URL` is seen.
 */
const DATABASE_WAIT_MS = 60_000;
const DATABASE_RETRY_MS = 1_000;
/** The same from `src/` and from `dist/`. */
const DASHBOARD_DIR = join(import.meta.dirname, '../dashboard/dist');

export interface AppPorts {
  log: Log;
  /** A part of the process died; it must end, and its successor takes over what was under way. */
  onFatal(error: Error): void;
  /** Gives up a start that waits for its database: it rejects then. */
  signal?: AbortSignal;
  /** The system's unless a test owns time. */
  clock?: Clock;
  random?: Random;
  slots?: SchedulerLimits;
  /** Where the built dashboard is, unless it is where the build puts it. */
  dashboardDir?: string;
}

export interface App {
  /** Where the API listens: `http://host:port`. */
  readonly url: string;
  /** The workspace and token that are known at this start; undefined when only the store knows them. */
  readonly first: FirstWorkspace | undefined;
  /** The admin token, if it was made up just now: to be printed, this once. */
  readonly madeAdminToken: string | undefined;
  /** For tests. */
  readonly store: Store;
  /** Takes nothing new, ends what is in flight within the grace, closes everything. Never rejects twice. */
  stop(): Promise<void>;
}

/** Starts everything. Rejects, with nothing left running, when a part cannot start; the message says why. */
export async function startApp(settings: Settings, ports: AppPorts): Promise<App> {
  const { log, onFatal, clock = systemClock, random = systemRandom, dashboardDir = DASHBOARD_DIR } = ports;
  const { role, databaseUrl } = settings;
  const undo: (() => Promise<void> | void)[] = [];
  try {
    const store = await openStore(settings, ports);
    undo.push(() => store.close());
    const keyring = await openKeyring({ settings, store, random, log });
    const seals = new SubscriptionSeals(keyring, random);
    const erasureSeals = new ErasureSeals(keyring);
    const first =
      role === 'delivery' ? undefined : await ensureFirstWorkspace(store, settings, clock, random);
    const madeAdminToken =
      role === 'delivery' ? undefined : await ensureAdminToken(store, settings.adminToken, clock, random);
    const dispatcher = createDispatcher({ ...settings, onDeath: onFatal });
    const metrics = createMetrics();
    const feed = new ActivityFeed({
      store,
      now: () => clock.now(),
      after: (delayMs, run) => clock.after(delayMs, run),
      log,
    });
    const engine = new Pipeline({
      store,
      dispatcher,
      open: (subscription) => seals.open(subscription),
      openErasure: (erasure) => erasureSeals.open(erasure),
      clock,
      random,
      retryPolicy: settings.retryPolicy,
      deactivationRule: settings.deactivateAfter,
      retentionDays: settings.retentionDays,
      backlogAlertMs: settings.backlogAlertMs,
      delivers: role !== 'api',
      ...(ports.slots ? { slots: ports.slots } : {}),
      activity: new Activity({ feed, store, log }),
      onStreamSignal: ({ kind, workspaceId }) =>
        kind === 'stream-opened' ? feed.opened(workspaceId) : streams.grew(workspaceId),
      log,
      metrics,
    });
    undo.push(() => engine.stop(0));
    undo.push(() => feed.stop());
    // A database may be away, or stuck; the embedded store bounds its own waiting.
    const askable = <T extends object>(part: T): T =>
      databaseUrl === null ? part : answeringInTime(part, systemClock);
    const api = { store: askable(store), engine: askable<Engine>(engine) };
    const streams = new LiveStreams({
      store: api.store,
      clock,
      onOpened: (workspaceId) => feed.opened(workspaceId),
    });
    feed.onGrew((workspaceIds) => workspaceIds.forEach((workspaceId) => streams.grew(workspaceId)));
    undo.push(() => streams.close());
    metrics.watch({
      engine: () => engine.status(),
      backlog: () => api.store.measureBacklog(clock.now()),
      now: () => clock.now(),
    });
    const guard = new Guard(settings);
    undo.push(() => guard.close());
    const catalogues = new Catalogues({ ...settings, ...api, clock, log });
    undo.push(() => catalogues.stop());
    const eventTypes = new EventTypes({ ...api, catalogues, clock, random });
    let { publicUrl } = settings;
    const rules = {
      checkUrl: (text: string) => checkUrl(text, { ...settings, publicOrigin: publicUrl }),
      guard,
    };
    const tokens = new Tokens(api.store, clock);
    const tokenUses = keepTokenUses(tokens, clock, log);
    undo.push(() => tokenUses.stop());
    const adminToken = new AdminToken(api.store, settings.adminToken, clock);
    const management = { ...api, tokens, clock, random };
    const history = new History(api.store, api.engine, settings.userAgent);
    const sealing = { ...api, keyring, issuers: new Issuers(tokens, adminToken), clock, random };
    let isShuttingDown = false;
    const server = createServer({
      settings,
      ...api,
      subscriptions: new Subscriptions({
        ...rules,
        ...api,
        catalogues,
        seals,
        clock,
        random,
        countMax: settings.subscriptionsMax,
      }),
      statistics: new SubscriptionStatistics({ ...api, clock }),
      workspaceStatistics: new WorkspaceStatistics({ ...api, clock }),
      healths: new SubscriptionHealths({ ...api, clock }),
      missed: new MissedDeliveries({ ...api, clock }),
      filterTests: new FilterTests(api.store),
      rotation: new SecretRotation({ ...api, seals, clock, random }),
      tokens,
      adminToken,
      sessions: new Sessions({ ...sealing, tokens, adminToken }),
      portal: new Portal({ ...sealing, publicUrl: () => publicUrl ?? '' }),
      accessTokens: new AccessTokens(management),
      workspaces: new Workspaces(management),
      history,
      deliveries: new Deliveries({ ...api, history, clock, random }),
      replays: new Replays({ ...api, clock, random }),
      erasures: new Erasures({ ...api, seals: erasureSeals, clock, random }),
      workspaceSettings: new WorkspaceSettingsDesk({ ...management, retentionDays: settings.retentionDays }),
      auditLog: new AuditLog(api.store),
      streams,
      eventTypes,
      catalogueExchange: new CatalogueExchange({ eventTypes, catalogues, clock }),
      publishRules: createRulesOf(catalogues, settings.dataBytesMax),
      metrics,
      clock,
      random,
      log,
      isShuttingDown: () => isShuttingDown,
      dashboardDir,
    });
    undo.push(() => server.close());
    await engine.start();
    feed.start();
    // The only node of an embedded store makes all the changes there are.
    if (databaseUrl !== null && role !== 'delivery') catalogues.watch();
    await server.listen({ port: settings.port, host: settings.host });
    const url = urlOf(server.server.address(), settings.host);
    publicUrl ??= new URL(url).origin;
    let stopping: Promise<void> | undefined;
    const stop = async (): Promise<void> => {
      isShuttingDown = true;
      streams.close();
      const engineStopped = engine.stop(settings.shutdownGraceMs).finally(() => {
        clock.after(LAST_ANSWERS_MS, () => server.server.closeAllConnections());
      });
      // Each part is closed whatever became of the others: one left open would keep the process.
      const ends = await Promise.allSettled([engineStopped, server.close()]);
      guard.close();
      await tokenUses.stop();
      await feed.stop();
      await catalogues.stop();
      await store.close();
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    };
    return { url, first, madeAdminToken, store, stop: () => (stopping ??= stop()) };
  } catch (error) {
    for (const each of undo.toReversed()) await each();
    throw error;
  }
}

/** The store that the settings choose. */
async function openStore(settings: Settings, ports: AppPorts): Promise<Store> {
  const { databaseUrl: url, failpoint, nodeLeaseMs: leaseMs } = settings;
  const { log, onFatal, clock = systemClock, signal } = ports;
  if (url === null) {
    const { dataDir, storeBytesMax: maxBytes } = settings;
    return createSqliteStore({ dataDir, maxBytes, failpoint, onDeath: onFatal });
  }
  const giveUpAt = systemClock.monotonic() + DATABASE_WAIT_MS;
  for (;;) {
    try {
      return await createPostgresStore({ url, leaseMs, failpoint, now: () => clock.now() });
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || systemClock.monotonic() >= giveUpAt) throw error;
      log.warn({ err: error }, 'the database cannot be used; trying again for up to a minute');
      // Not by the clock: its timers let the process end, and there is nothing else yet to keep it.
      await wait(DATABASE_RETRY_MS, undefined, signal ? { signal } : {});
    }
  }
}

function urlOf(address: AddressInfo | string | null, host: string): string {
  if (address === null || typeof address === 'string')
    throw new Error('The server does not listen on a port.');
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}
