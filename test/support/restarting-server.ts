import { setTimeout as wait } from 'node:timers/promises';
import type { ApiAccess, ApiClient } from './api-client.ts';
import { runAgent } from './ledger.ts';
import type { Exit, ServerProcess } from './server-process.ts';
import { startServerProcess, stopServerProcess } from './server-process.ts';

const READY_MS_MAX = 30_000;

/** The real server, killed and started again on the same data; its runs are numbered 1, 2, 3, … */
export class RestartingServer {
  /** When each run was killed: what a {@link Ledger} judges repetitions by. */
  readonly deaths = new Map<number, number>();
  /** From the start of each run to its first 200 of `/readyz`. */
  readonly readyMs: number[] = [];
  readonly #environment: Record<string, string>;
  readonly #command: readonly string[] | undefined;
  #current: ServerProcess | undefined;
  #run = 0;
  #up = Promise.withResolvers<ApiAccess>();

  /** `command` as {@link startServerProcess} takes it. */
  constructor(environment: Record<string, string>, command?: readonly string[]) {
    this.#environment = environment;
    this.#command = command;
  }

  get process(): ServerProcess {
    if (!this.#current) throw new Error('The server was not started.');
    return this.#current;
  }

  get api(): ApiClient {
    return this.process.api;
  }

  /** Where it listens, as soon as it is ready: for a publisher. */
  access(): Promise<ApiAccess> {
    return this.#up.promise;
  }

  /** Resolves when it is ready. */
  async start(more: Record<string, string> = {}): Promise<ServerProcess> {
    this.#run += 1;
    const startedAt = performance.now();
    const environment = { ...this.#environment, VELAHOOK_USER_AGENT: runAgent(this.#run), ...more };
    const server = await startServerProcess(environment, this.#command);
    this.#current = server;
    while (!(await isReady(server))) {
      if (performance.now() - startedAt > READY_MS_MAX) throw new Error('The server is not ready in time.');
      await wait(10);
    }
    this.readyMs.push(performance.now() - startedAt);
    this.#up.resolve(server.api.access);
    return server;
  }

  /** `kill -9`; resolves when it is gone. */
  async kill(): Promise<void> {
    this.deaths.set(this.#run, Date.now());
    this.process.kill('SIGKILL');
    await this.process.exited;
    this.#up = Promise.withResolvers();
  }

  stop(): Promise<Exit> {
    return stopServerProcess(this.process);
  }
}

async function isReady(server: ServerProcess): Promise<boolean> {
  const answer = await fetch(`${server.api.access.url}/readyz`).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.status === 200;
}
