import process from 'node:process';
import type { App } from '../app.ts';
import { startApp } from '../app.ts';
import type { Settings } from '../config/settings.ts';
import { createLog } from '../telemetry/log.ts';
import { readSettings } from './read-settings.ts';

/** Lines that nobody will read can still be written in so long; then the process ends. */
const FATAL_EXIT_MS = 500;

/** Runs the server until it is told to stop. Resolves with the exit code. */
export async function serve(): Promise<number> {
  const settings = readSettings();
  if (!settings) return 1;
  const log = createLog(settings.logLevel);
  const stopped = Promise.withResolvers<number>();
  const onFatal = (error: Error): void => {
    log.fatal({ err: error }, 'a part of Velahook died; ending, so that the next start takes over');
    setTimeout(() => process.exit(1), FATAL_EXIT_MS);
  };
  process.once('uncaughtException', onFatal);
  process.once('unhandledRejection', (reason) =>
    onFatal(reason instanceof Error ? reason : new Error(String(reason))),
  );
  let app: App | undefined;
  const stop = (): void => {
    app?.stop().then(
      () => stopped.resolve(0),
      (error: unknown) => {
        log.error({ err: error }, 'the stop was not orderly');
        stopped.resolve(1);
      },
    );
  };
  let signals = 0;
  const starting = new AbortController();
  const onSignal = (signal: string): void => {
    signals += 1;
    if (signals > 1) process.exit(1);
    log.info({ signal, graceMs: settings.shutdownGraceMs }, 'stopping; a second signal ends at once');
    starting.abort();
    stop();
  };
  // Before the start: it takes a moment, and as the first process of a container an unheard signal is lost.
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  try {
    app = await startApp(settings, { log, onFatal, signal: starting.signal });
  } catch (error) {
    if (starting.signal.aborted) return 0;
    console.error(`Velahook cannot start: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
  console.log(bannerOf(app, settings));
  if (signals > 0) stop();
  const code = await stopped.promise;
  // Everything is closed; whatever holds the process all the same has so long for its last lines.
  setTimeout(() => process.exit(code), FATAL_EXIT_MS).unref();
  return code;
}

function bannerOf(app: App, settings: Settings): string {
  return [...allowances(settings), `Listening on ${app.url}`, ...access(app), ...administration(app)].join(
    '\n',
  );
}

/** What the operator has opened is said loudly: it should never surprise anybody. */
function allowances({ allowNetworks, allowHosts, extraCa, failpoint }: Settings): string[] {
  const lines: string[] = [];
  if (allowNetworks.length > 0)
    lines.push(`WARNING: webhooks may go to these networks, public or not: ${allowNetworks.join(', ')}`);
  if (allowHosts.length > 0) lines.push(`WARNING: webhooks may go to these names: ${allowHosts.join(', ')}`);
  if (extraCa !== null) lines.push('WARNING: receivers may use certificates of VELAHOOK_CA_FILE');
  if (failpoint !== null) lines.push(`WARNING: this process ends itself at the failpoint ${failpoint}`);
  return lines;
}

function administration({ url, madeAdminToken }: App): string[] {
  if (madeAdminToken === undefined) return [];
  return [
    `
An admin token was made, for more workspaces and tokens. It is shown this once (velahook admin-token makes another):

  Admin token  ${madeAdminToken}

curl -X POST ${url}/api/v1/workspaces \\
  -H 'Authorization: Bearer ${madeAdminToken}' \\
  -H 'Content-Type: application/json' \\
  -d '{"name":"Second"}'
`,
  ];
}

function access({ url, first }: App): string[] {
  if (!first?.made) return [];
  const headers = `-H 'Authorization: Bearer ${first.token}' \\
  -H 'x-workspace-id: ${first.workspaceId}' \\
  -H 'Content-Type: application/json'`;
  return [
    `
A workspace and a token with all scopes were made. The token is shown this once:

  Workspace  ${first.workspaceId}
  Token      ${first.token}

Subscribe a receiver of yours (HTTPS, on a public address):

curl -X POST ${url}/api/v1/integrations/webhooks \\
  ${headers} \\
  -d '{"url":"https://example.com/webhooks","events":["crm.lead.created"],"secret":"choose-your-own-secret"}'

Publish an event, and see what became of it:

curl -X POST ${url}/api/v1/events \\
  ${headers} \\
  -d '{"eventType":"crm.lead.created","data":{"leadId":"lead_1","source":"website"}}'

curl ${url}/api/v1/deliveries \\
  -H 'Authorization: Bearer ${first.token}' \\
  -H 'x-workspace-id: ${first.workspaceId}'
`,
  ];
}
