import { afterEach, beforeEach, expect } from 'vitest';
import type { EachStore } from './each-store.ts';
import type { Receiver } from './receiver.ts';
import { startReceiver } from './receiver.ts';
import type { ServerFolder, ServerProcess } from './server-process.ts';
import { createServerFolder, startServerProcess } from './server-process.ts';

/** A server that dies, at a named point or by a signal, and the next one on the same data: new ones for each test. */
export interface CrashScene {
  store: EachStore;
  receiver: Receiver;
  /** The one started last. */
  server: ServerProcess;
  /** Starts a server where the one before is dead; it dies at the point, if one is named. */
  start(failpoint?: string, more?: Record<string, string>): Promise<void>;
  /** Starts another node beside the one that runs. */
  startBeside(): Promise<void>;
  kill(): Promise<void>;
  /** Fails unless the server dies at its point. */
  expectKilled(): Promise<void>;
}

export function useCrashScene(
  make: () => Promise<EachStore>,
  environment: Record<string, string>,
): CrashScene {
  let folder: ServerFolder;
  let servers: ServerProcess[];
  const scene = {
    async start(failpoint, more = {}) {
      await scene.store.endLeases();
      await launch({ ...(failpoint !== undefined && { VELAHOOK_FAILPOINT: failpoint }), ...more });
    },
    startBeside: () => launch({}),
    async kill() {
      scene.server.kill('SIGKILL');
      await scene.server.exited;
    },
    async expectKilled() {
      expect(await scene.server.exited).toEqual({ code: null, signal: 'SIGKILL' });
    },
  } as CrashScene;

  async function launch(more: Record<string, string>): Promise<void> {
    scene.server = await startServerProcess({ ...folder.environment, ...more });
    servers.push(scene.server);
  }

  beforeEach(async () => {
    servers = [];
    [scene.store, scene.receiver] = await Promise.all([make(), startReceiver()]);
    folder = createServerFolder(scene.receiver.ca, { ...scene.store.environment, ...environment });
  });

  afterEach(async () => {
    for (const each of servers) each.kill('SIGKILL');
    await Promise.all(servers.map((each) => each.exited));
    await scene.receiver.close();
    folder.remove();
    await scene.store.remove();
  });
  return scene;
}
