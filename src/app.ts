/** The composition root: the only place that knows every part; it chooses the store and joins them. */
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Settings } from './config/settings.ts';
import { CATALOGUED_NAMES } from './domain/catalogue.ts';
import { createEventTypeJudge } from './domain/event-type.ts';
import { checkUrl } from './domain/url-policy.ts';
import { Guard } from './engine/dispatch/guard.ts';
import { createDispatcher } from './engine/dispatch/worker-dispatcher.ts';
import { Pipeline } from './engine/pipeline.ts';
import type { SchedulerLimits } from './engine/schedule/scheduler.ts';
import { createServer } from './http/server.ts';
import type { Clock } from './lib/clock.ts';
import { systemClock } from './lib/clock.ts';
import { loadOrMakeKey } from './lib/key-file.ts';
import { Keyring } from './lib/keyring.ts';
import type { Random } from './lib/random.ts';
import { systemRandom } from './lib/random.ts';
import type { FirstWorkspace } from './management/bootstrap.ts';
import { ensureFirstWorkspace } from './management/bootstrap.ts';
import { History } from './management/history.ts';
import { Subscriptions } from './management/subscriptions.ts';
import { Tokens } from './management/tokens.ts';
import type { SqliteStore } from './store/sqlite/sqlite-store.ts';
import { createSqliteStore } from './store/sqlite/sqlite-store.ts';
import type { Log } from './telemetry/log.ts';
import { createMetrics } from './telemetry/metrics.ts';

/**
 * Once the engine has stopped, requests that came whole are answered in so long; then connections are cut, since a
 * client that sent half of one would keep the process for as long as it likes.
 */
const LAST_ANSWERS_MS = 500;
const KEY_FILE = 'encryption.key';

export interface AppPorts {
  log: Log;
  /** A part of the process died; it must end, and its successor takes over what was under way. */
  onFatal(error: Error): void;
  /** The system's unless a test owns time. */
  clock?: Clock;
  random?: Random;
  slots?: SchedulerLimits;
}

export interface App {
  /** Where the API listens: `http://host:port`. */
  readonly url: string;
  /** The workspace and token that are known at this start; undefined when only the store knows them. */
  readonly first: FirstWorkspace | undefined;
  /** For tests and operators of the embedded store. */
  readonly store: SqliteStore;
  /** Takes nothing new, ends what is in flight within the grace, closes everything. Never rejects twice. */
  stop(): Promise<void>;
}

/** Starts everything. Rejects, with nothing left running, when a part cannot start; the message says why. */
export async function startApp(settings: Settings, ports: AppPorts): Promise<App> {
  const { log, onFatal, clock = systemClock, random = systemRandom } = ports;
  const undo: (() => Promise<void> | void)[] = [];
  try {
    const store = await createSqliteStore({
      dataDir: settings.dataDir,
      maxBytes: settings.storeBytesMax,
      failpoint: settings.failpoint,
      onDeath: onFatal,
    });
    undo.push(() => store.close());
    const keyring = new Keyring(keysOf(settings, random, log), random);
    const first = await ensureFirstWorkspace(store, settings, clock, random);
    const dispatcher = createDispatcher({ ...settings, onDeath: onFatal });
    const metrics = createMetrics();
    const engine = new Pipeline({
      store,
      dispatcher,
      openSecret: (subscription) => keyring.open(subscription.sealedSecret, subscription.id),
      clock,
      random,
      retryPolicy: settings.retryPolicy,
      deactivationRule: settings.deactivateAfter,
      ...(ports.slots ? { slots: ports.slots } : {}),
      log,
      metrics,
    });
    undo.push(() => engine.stop(0));
    metrics.watch({
      engine: () => engine.status(),
      backlog: () => store.measureBacklog(clock.now()),
      now: clock.now,
    });
    const guard = new Guard(settings);
    undo.push(() => guard.close());
    const judge = createEventTypeJudge(CATALOGUED_NAMES, settings.unknownTypes);
    let publicOrigin = settings.publicUrl === null ? null : new URL(settings.publicUrl).origin;
    const rules = { checkUrl: (text: string) => checkUrl(text, { ...settings, publicOrigin }), guard, judge };
    let isShuttingDown = false;
    const server = createServer({
      settings,
      store,
      engine,
      subscriptions: new Subscriptions({
        ...rules,
        store,
        engine,
        keyring,
        clock,
        random,
        countMax: settings.subscriptionsMax,
      }),
      tokens: new Tokens(store, clock),
      history: new History(store, engine),
      judge,
      metrics,
      clock,
      random,
      log,
      isShuttingDown: () => isShuttingDown,
    });
    undo.push(() => server.close());
    await engine.start();
    await server.listen({ port: settings.port, host: settings.host });
    const url = urlOf(server.server.address(), settings.host);
    publicOrigin ??= new URL(url).origin;
    let stopping: Promise<void> | undefined;
    const stop = async (): Promise<void> => {
      isShuttingDown = true;
      const engineStopped = engine.stop(settings.shutdownGraceMs).finally(() => {
        clock.after(LAST_ANSWERS_MS, () => server.server.closeAllConnections());
      });
      // Each part is closed whatever became of the others: one left open would keep the process.
      const ends = await Promise.allSettled([engineStopped, server.close()]);
      guard.close();
      await store.close();
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    };
    return { url, first, store, stop: () => (stopping ??= stop()) };
  } catch (error) {
    for (const each of undo.toReversed()) await each();
    throw error;
  }
}

/** The configured keys, or the data directory's own, made at the first start. */
function keysOf(settings: Settings, random: Random, log: Log): readonly Uint8Array[] {
  if (settings.encryptionKeys.length > 0) return settings.encryptionKeys;
  const path = join(settings.dataDir, KEY_FILE);
  const { key, made, tightened } = loadOrMakeKey(path, random);
  if (made)
    log.info(
      { path },
      'made the key that signing secrets are sealed with: back it up with the data directory, or set VELAHOOK_ENCRYPTION_KEY and keep it apart',
    );
  if (tightened) log.warn({ path }, 'others could read the encryption key; its mode is 0600 now');
  return [key];
}

function urlOf(address: AddressInfo | string | null, host: string): string {
  if (address === null || typeof address === 'string')
    throw new Error('The server does not listen on a port.');
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}
