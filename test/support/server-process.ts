import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { ApiClient } from './api-client.ts';

export const WORKSPACE_ID = 'd0d0d0d0d0d0d0d0d0d0d0d0';
export const TOKEN = `sk_test_${'secret'.repeat(7)}`;
const START_MS_MAX = 30_000;
const ROOT = join(import.meta.dirname, '../..');
/** Halves the time a start takes: hundreds of them are made in the tests. */
const COMPILE_CACHE = join(ROOT, 'node_modules/.cache/velahook-compile');

/** A folder for one server's data, made and removed by the test. */
export interface ServerFolder {
  path: string;
  /** Environment of a server that may deliver to receivers on loopback which present this CA. */
  environment: Record<string, string>;
  remove(): void;
}

export function createServerFolder(ca: string, more: Record<string, string> = {}): ServerFolder {
  const path = mkdtempSync(join(tmpdir(), 'velahook-'));
  const caFile = join(path, 'ca.pem');
  writeFileSync(caFile, ca);
  return {
    path,
    environment: {
      PORT: '0',
      VELAHOOK_DATA_DIR: join(path, 'data'),
      VELAHOOK_WORKSPACE_ID: WORKSPACE_ID,
      VELAHOOK_TOKEN: TOKEN,
      VELAHOOK_ALLOW_NETWORKS: '127.0.0.0/8',
      VELAHOOK_CA_FILE: caFile,
      VELAHOOK_RATE_LIMITS: 'off',
      VELAHOOK_LOG_LEVEL: 'error',
      ...more,
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** What a process of the server ended with. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** The real server in a process of its own. */
export interface ServerProcess extends Omit<SpawnedServer, 'listening'> {
  api: ApiClient;
  /** From its start to the moment it listened. */
  startedInMs: number;
}

/** A process of the server that may not listen yet, or never will. */
export interface SpawnedServer {
  pid: number;
  /** Its URL; rejects with what it said when it ended before it listened. */
  listening: Promise<string>;
  /** All it has said, on both streams. */
  output(): string;
  kill(signal: NodeJS.Signals): void;
  exited: Promise<Exit>;
}

/** `command`: Node's arguments, from the project's root; the sources as they are unless a benchmark wants what `npm start` runs. */
export function spawnServer(
  environment: Record<string, string>,
  command: readonly string[] = ['src/main.ts'],
): SpawnedServer {
  const child = spawn(process.execPath, command, {
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'],
      MALLOC_ARENA_MAX: process.env['MALLOC_ARENA_MAX'],
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const exited = new Promise<Exit>((resolve) =>
    // Not 'exit': what it said last is read by then.
    child.once('close', (code, signal) => resolve({ code, signal })),
  );
  const output = (): string => said;
  const listening = listeningUrl(child, exited, output, (line) => (said += `${line}\n`));
  // Whoever only waits for its end need not wait for this.
  listening.catch(() => undefined);
  return { pid: child.pid ?? 0, listening, output, kill: (signal) => child.kill(signal), exited };
}

/** Starts the server and resolves when it listens; rejects with what it said when it ends before that. */
export async function startServerProcess(
  environment: Record<string, string>,
  command?: readonly string[],
): Promise<ServerProcess> {
  const startedAt = performance.now();
  const { listening, ...spawned } = spawnServer(environment, command);
  const url = await listening;
  return {
    ...spawned,
    api: new ApiClient({ url, workspaceId: WORKSPACE_ID, token: TOKEN }),
    startedInMs: performance.now() - startedAt,
  };
}

function listeningUrl(
  child: ChildProcess,
  exited: Promise<Exit>,
  said: () => string,
  onLine: (line: string) => void,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`The server did not listen in time.\n${said()}`));
    }, START_MS_MAX);
    void exited.then(({ code, signal }) => {
      clearTimeout(timer);
      reject(new Error(`The server ended (${code ?? signal}) before it listened.\n${said()}`));
    });
    if (!child.stdout) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      onLine(line);
      const url = /Listening on (http:\S+)/.exec(line)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    });
  });
}

/** Ends the process in order, or at once where it does not obey; resolves with how it ended. */
export async function stopServerProcess(server: ServerProcess): Promise<Exit> {
  server.kill('SIGTERM');
  const timer = setTimeout(() => server.kill('SIGKILL'), START_MS_MAX);
  const exit = await server.exited;
  clearTimeout(timer);
  return exit;
}

/** Runs another command than the server to its end; answers its exit code and what it said. */
export async function runCommand(
  environment: Record<string, string>,
  args: readonly string[],
): Promise<{ code: number | null; output: string }> {
  const spawned = spawnServer(environment, ['src/main.ts', ...args]);
  const { code } = await spawned.exited;
  return { code, output: spawned.output() };
}
