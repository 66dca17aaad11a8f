import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { App, AppPorts } from '../../src/app.ts';
import { startApp } from '../../src/app.ts';
import { loadSettings } from '../../src/config/load.ts';
import { newId } from '../../src/domain/ids.ts';
import type { Scope, Token } from '../../src/domain/token.ts';
import { SCOPES } from '../../src/domain/token.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { makeToken } from '../../src/management/new-token.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { ApiClient } from '../support/api-client.ts';
import { makeTestStore } from '../support/test-store.ts';

/** Of the applications here. */
export const ADMIN_TOKEN = 'the-admin-token-of-the-contract-tests';

/** The real application on a store of its own, in this process. */
export interface RunningApp {
  app: App;
  /** The first workspace, with every scope. */
  api: ApiClient;
  /** With the admin token; the workspace it names is nobody's. */
  admin: ApiClient;
  port: number;
  /** Everything in the store, as bytes to look for something in. */
  stored(): Promise<Buffer[]>;
  /** What was logged so far, a JSON object per line. */
  logged(): string;
  /** Another workspace, with a token of every scope. */
  addWorkspace(): Promise<ApiClient>;
  /** Another token of the first workspace. */
  addToken(more: Partial<Token> & { scopes?: readonly Scope[] }): Promise<ApiClient>;
  stop(): Promise<void>;
}

/** `environment` on top of: any free port, no rate limits, no name resolves. */
export async function startContractApp(
  environment: Record<string, string> = {},
  ports: Pick<AppPorts, 'dashboardDir'> = {},
): Promise<RunningApp> {
  const folder = mkdtempSync(join(tmpdir(), 'velahook-contract-'));
  const store = await makeTestStore();
  const settings = loadSettings({
    PORT: '0',
    VELAHOOK_DATA_DIR: join(folder, 'data'),
    ...store.environment,
    VELAHOOK_RATE_LIMITS: 'off',
    VELAHOOK_ADMIN_TOKEN: ADMIN_TOKEN,
    // Nobody answers there: no name resolves, so that subscriptions to made-up names make no traffic.
    VELAHOOK_DNS_SERVERS: '127.0.0.1:1',
    VELAHOOK_SHUTDOWN_GRACE_MS: '100',
    VELAHOOK_LOG_LEVEL: 'trace',
    ...environment,
  });
  const lines: string[] = [];
  const stream = new PassThrough();
  stream.on('data', (line: Buffer) => lines.push(line.toString()));
  const fatal: Error[] = [];
  const app = await startApp(settings, {
    log: createLog(settings.logLevel, stream),
    onFatal: (error) => fatal.push(error),
    ...ports,
  });
  const { first, url } = app;
  if (first === undefined) throw new Error('There is no first workspace.');
  const addToken = async (more: Partial<Token>): Promise<ApiClient> => {
    const text = makeToken('sk_live_', systemRandom);
    const workspaceId = more.workspaceId ?? first.workspaceId;
    await app.store.ensureToken({
      id: newId(Date.now(), systemRandom),
      name: 'test',
      prefix: text.slice(0, 16),
      hash: new Uint8Array(createHash('sha256').update(text).digest()),
      scopes: SCOPES,
      createdAt: Date.now(),
      expiresAt: null,
      revokedAt: null,
      ...more,
      workspaceId,
    });
    return new ApiClient({ url, workspaceId, token: text });
  };
  return {
    app,
    api: new ApiClient({ url, ...first }),
    admin: new ApiClient({ url, workspaceId: '', token: ADMIN_TOKEN }),
    port: Number(new URL(url).port),
    stored: () => store.contents(settings.dataDir),
    logged: () => lines.join(''),
    addToken,
    async addWorkspace() {
      const id = newId(Date.now(), systemRandom);
      await app.store.ensureWorkspace({ id, name: 'other', createdAt: Date.now() });
      return addToken({ workspaceId: id });
    },
    async stop() {
      try {
        await app.stop();
      } finally {
        rmSync(folder, { recursive: true, force: true });
        await store.remove();
      }
      if (fatal[0] !== undefined) throw fatal[0];
    },
  };
}

/** What came back on a bare socket: the first answer's parts, and whether the connection was closed. */
export interface RawAnswer {
  status: number;
  head: string;
  body: string;
  closed: boolean;
}

/**
 * Sends bytes as they are and resolves with the first answer: what `fetch` would not send, or would repair.
 * A socket that is closed without a word answers status 0.
 */
export function sendRaw(port: number, bytes: string | Uint8Array): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    const finish = (closed: boolean) => {
      const [head = '', ...rest] = text.split('\r\n\r\n');
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);
      resolve({ status, head, body: rest.join('\r\n\r\n'), closed });
      socket.destroy();
    };
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      const length = /content-length: (\d+)/i.exec(text)?.[1];
      const bodyStart = text.indexOf('\r\n\r\n') + 4;
      const isWhole = length !== undefined && text.length >= bodyStart + Number(length);
      if (isWhole && !/\r\nconnection: close\r\n/i.test(text)) finish(false);
    });
    socket.on('close', () => finish(true));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // Bytes that the server did not want to read any more; what it answered first still counts.
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
    });
  });
}
