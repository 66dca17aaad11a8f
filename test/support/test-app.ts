import { pino } from 'pino';
import type { App, AppPorts } from '../../src/app.ts';
import { startApp } from '../../src/app.ts';
import { loadSettings } from '../../src/config/load.ts';
import type { Log } from '../../src/telemetry/log.ts';
import { ApiClient } from './api-client.ts';
import { TOKEN, WORKSPACE_ID } from './server-process.ts';
import { createTestFolder } from './test-store.ts';

/** The whole application inside the test's process, so that the test can own its time. */
export interface TestApp {
  api: ApiClient;
  app: App;
  /** To start it again on the same data. */
  environment: Record<string, string>;
  /** Stops it; its data goes too unless it is to be started again. */
  stop(keepData?: boolean): Promise<void>;
}

export interface TestAppOptions {
  /** PEM of the receivers' authority. */
  ca: string;
  environment?: Record<string, string>;
  ports?: Partial<AppPorts>;
}

/** What an app that is started again on the same data needs. */
const NAMES_OF_DATA = ['VELAHOOK_DATA_DIR', 'DATABASE_URL', 'VELAHOOK_ENCRYPTION_KEY'];

export async function startTestApp(options: TestAppOptions): Promise<TestApp> {
  const folder = await createTestFolder(options.ca, { VELAHOOK_LOG_LEVEL: 'silent', ...options.environment });
  const settings = loadSettings(folder.environment);
  const app = await startApp(settings, {
    log: pino({ level: 'silent' }) as Log,
    onFatal: (error) => {
      throw error;
    },
    ...options.ports,
  });
  return {
    api: new ApiClient({ url: app.url, workspaceId: WORKSPACE_ID, token: TOKEN }),
    app,
    environment: Object.fromEntries(
      Object.entries(folder.environment).filter(([name]) => NAMES_OF_DATA.includes(name)),
    ),
    async stop(keepData = false) {
      await app.stop();
      if (!keepData) await folder.remove();
    },
  };
}
