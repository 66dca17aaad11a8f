import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import process from 'node:process';
import { closestMatch } from 'leven';
import { DATA_BYTES_MAX_DEFAULT } from '../domain/event.ts';
import { ID_FORM } from '../domain/ids.ts';
import { RETENTION_DAYS_DEFAULT, RETENTION_DAYS_MAX, RETENTION_DAYS_MIN } from '../domain/retention.ts';
import { DEFAULT_RETRY_POLICY } from '../domain/retry-policy.ts';
import { SUBSCRIPTIONS_PER_WORKSPACE_MAX } from '../domain/subscription.ts';
import { TOKEN_FORM } from '../domain/token.ts';
import * as read from './readers.ts';
import { BadValue } from './readers.ts';
import type { Settings } from './settings.ts';

/** Everything that is wrong with the settings, a line each. */
export class SettingsError extends Error {
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'));
    this.name = 'SettingsError';
    this.mistakes = mistakes;
  }
}

/** Where settings come from: the environment, and the files that `NAME_FILE` variables name. */
export type Environment = Readonly<Record<string, string | undefined>>;
export type ReadFile = (path: string) => string;

/** One variable: its setting, how its text is read, and its value when it is not set. */
interface Variable<K extends keyof Settings = keyof Settings> {
  name: string;
  setting: K;
  read(text: string, readFile: ReadFile): Settings[K];
  otherwise: Settings[K];
}

function variable<K extends keyof Settings>(
  name: string,
  setting: K,
  reader: Variable<K>['read'],
  otherwise: Settings[K],
): Variable {
  // Each row agrees in itself; the table only needs to know that it is some setting.
  return { name, setting, read: reader, otherwise } as unknown as Variable;
}

/** A larger `data` would not fit the store's transfer and memory bounds, nor most receivers' limits. */
const DATA_BYTES_LIMIT = 8 * 1024 * 1024;
/**
 * The engine holds all subscriptions of a workspace that publishes in memory, and reads them anew after a change of
 * any: at this many that is some tens of megabytes and milliseconds.
 */
const SUBSCRIPTIONS_LIMIT = 10_000;
/** The longest attempt (30 s), a sixth of the lease between renewals, and a margin must fit into it. */
const NODE_LEASE_MS_MIN = 40_000;
/** So long the lanes of a node that died wait for another: longer is a mistake of units. */
const NODE_LEASE_MS_MAX = 600_000;
/** Longer than a load balancer's or a database's failover takes, shorter than people wait for a webhook. */
const BACKLOG_ALERT_MS_DEFAULT = 15 * 60_000;
/** Deliveries wait for a second now and then. */
const BACKLOG_ALERT_MS_MIN = 1_000;
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** Every variable there is; the documentation's table is checked against this one. */
export const VARIABLES: readonly Variable[] = [
  variable('PORT', 'port', read.wholeNumber(0, 65_535), 4000),
  variable(
    'HOST',
    'host',
    read.textLike(/^[0-9A-Za-z.:_-]{1,253}$/, 'must be an address or a host name'),
    '127.0.0.1',
  ),
  variable('VELAHOOK_PUBLIC_URL', 'publicUrl', read.publicUrl, null),
  variable('VELAHOOK_DATA_DIR', 'dataDir', (text) => resolve(text), resolve('data')),
  variable('DATABASE_URL', 'databaseUrl', read.databaseUrl, null),
  variable('VELAHOOK_ROLE', 'role', read.oneOf('all', 'api', 'delivery'), 'all'),
  variable(
    'VELAHOOK_NODE_LEASE_MS',
    'nodeLeaseMs',
    read.wholeNumber(NODE_LEASE_MS_MIN, NODE_LEASE_MS_MAX),
    45_000,
  ),
  variable('VELAHOOK_ENCRYPTION_KEY', 'encryptionKeys', read.listOf(read.encryptionKey), []),
  variable('VELAHOOK_ALLOW_LOST_SECRETS', 'allowLostSecrets', read.yesOrNo, false),
  variable(
    'VELAHOOK_WORKSPACE_ID',
    'workspaceId',
    read.textLike(ID_FORM, 'must be 24 lower-case hex digits'),
    null,
  ),
  variable(
    'VELAHOOK_TOKEN',
    'token',
    read.textLike(TOKEN_FORM, 'must be sk_live_ or sk_test_ and 40 or more letters and digits'),
    null,
  ),
  variable(
    'VELAHOOK_ADMIN_TOKEN',
    'adminToken',
    read.textLike(/^[\x21-\x7e]{32,256}$/, 'must be 32 to 256 printable ASCII characters without blanks'),
    null,
  ),
  variable('VELAHOOK_ALLOW_NETWORKS', 'allowNetworks', read.listOf(read.network), []),
  variable('VELAHOOK_ALLOW_HOSTS', 'allowHosts', read.listOf(read.hostName), []),
  variable('VELAHOOK_CA_FILE', 'extraCa', readCertificates, null),
  variable('VELAHOOK_DNS_SERVERS', 'dnsServers', read.listOf(read.addressAndPort), []),
  variable('VELAHOOK_RATE_LIMITS', 'rateLimits', read.rateLimits, read.DEFAULT_RATE_LIMITS),
  variable('VELAHOOK_RETRY_SCHEDULE', 'retryPolicy', read.retrySchedule, DEFAULT_RETRY_POLICY),
  variable(
    'VELAHOOK_DEACTIVATE_AFTER',
    'deactivateAfter',
    read.deactivateAfter,
    read.deactivateAfter('72h/20'),
  ),
  variable(
    'VELAHOOK_MAX_DATA_BYTES',
    'dataBytesMax',
    read.wholeNumber(2, DATA_BYTES_LIMIT),
    DATA_BYTES_MAX_DEFAULT,
  ),
  variable(
    'VELAHOOK_MAX_SUBSCRIPTIONS',
    'subscriptionsMax',
    read.wholeNumber(1, SUBSCRIPTIONS_LIMIT),
    SUBSCRIPTIONS_PER_WORKSPACE_MAX,
  ),
  variable('VELAHOOK_MAX_STORE_BYTES', 'storeBytesMax', read.wholeNumber(0, Number.MAX_SAFE_INTEGER), 0),
  variable(
    'VELAHOOK_RETENTION_DAYS',
    'retentionDays',
    read.wholeNumber(RETENTION_DAYS_MIN, RETENTION_DAYS_MAX),
    RETENTION_DAYS_DEFAULT,
  ),
  variable(
    'VELAHOOK_BACKLOG_ALERT_AFTER',
    'backlogAlertMs',
    read.durationOrOff(BACKLOG_ALERT_MS_MIN),
    BACKLOG_ALERT_MS_DEFAULT,
  ),
  variable(
    'VELAHOOK_USER_AGENT',
    'userAgent',
    read.textLike(
      /^[\x21-\x7e](?:[\x20-\x7e]{0,254}[\x21-\x7e])?$/,
      'must be 1 to 256 printable ASCII characters',
    ),
    'VelaFlows-Webhook/1.0',
  ),
  variable('VELAHOOK_SHUTDOWN_GRACE_MS', 'shutdownGraceMs', read.wholeNumber(0, 600_000), 20_000),
  variable('VELAHOOK_UNKNOWN_TYPES', 'unknownTypes', read.oneOf('warn', 'reject'), 'warn'),
  variable('VELAHOOK_TRUSTED_PROXIES', 'trustedProxies', read.listOf(read.network), []),
  variable(
    'VELAHOOK_METRICS_TOKEN',
    'metricsToken',
    read.textLike(/^[\x21-\x7e]{16,256}$/, 'must be 16 to 256 printable ASCII characters without blanks'),
    null,
  ),
  variable('VELAHOOK_LOG_LEVEL', 'logLevel', read.oneOf(...LOG_LEVELS), 'info'),
  variable(
    'VELAHOOK_FAILPOINT',
    'failpoint',
    read.textLike(/^[A-Za-z0-9_.:-]{1,64}$/, 'must be the name of a point'),
    null,
  ),
];

/** Two letters wrong in a name is a slip; more is somebody else's variable. */
const SLIP_DISTANCE = 2;

/**
 * Reads the settings from the environment: each variable, or the file its `NAME_FILE` names (a trailing line
 * break is not part of the value). An empty value is as good as none. Throws {@link SettingsError} with every
 * mistake at once; messages never carry a value that may be secret.
 */
export function loadSettings(
  environment: Environment = process.env,
  readFile: ReadFile = (path) => readFileSync(path, 'utf8'),
): Settings {
  const mistakes = findSlips(environment);
  const settings: Partial<Record<keyof Settings, unknown>> = {};
  for (const { name, setting, read: readValue, otherwise } of VARIABLES) {
    try {
      const text = textOf(name, environment, readFile);
      settings[setting] = text === undefined ? otherwise : readValue(text, readFile);
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      mistakes.push(`${name}: ${error.message}.`);
    }
  }
  const loaded = settings as unknown as Settings;
  mistakes.push(...checkTogether(loaded));
  if (mistakes.length > 0) throw new SettingsError(mistakes);
  return loaded;
}

/** Rules that concern several settings. One that could not be read is undefined here, and already reported. */
function checkTogether(settings: Settings): string[] {
  const mistakes: string[] = [];
  const { databaseUrl, encryptionKeys, role, workspaceId, token } = settings;
  if ((workspaceId === null) !== (token === null))
    mistakes.push('VELAHOOK_WORKSPACE_ID and VELAHOOK_TOKEN: set both or neither.');
  if (typeof databaseUrl === 'string' && encryptionKeys?.length === 0)
    mistakes.push(
      'VELAHOOK_ENCRYPTION_KEY: set it, the same on every node that uses DATABASE_URL; openssl rand -hex 32 makes one.',
    );
  if (databaseUrl === null && (role === 'api' || role === 'delivery'))
    mistakes.push(`VELAHOOK_ROLE: ${role} needs DATABASE_URL; the embedded store is for one process.`);
  return mistakes;
}

function textOf(name: string, environment: Environment, readFile: ReadFile): string | undefined {
  const text = environment[name];
  const path = fileOf(name, environment);
  if (path === undefined) return text === undefined || text.trim() === '' ? undefined : text.trim();
  if (text !== undefined && text !== '') throw new BadValue(`set it or ${name}_FILE, not both`);
  const content = readText(path, `${name}_FILE`, readFile);
  return content === '' ? undefined : content;
}

function fileOf(name: string, environment: Environment): string | undefined {
  // The variable is a path already: VELAHOOK_CA_FILE has no …_FILE of its own.
  if (name.endsWith('_FILE')) return undefined;
  const path = environment[`${name}_FILE`];
  return path === '' ? undefined : path;
}

function readText(path: string, name: string, readFile: ReadFile): string {
  try {
    return readFile(path).trim();
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
    throw new BadValue(`cannot read the file that ${name} names (${reason})`);
  }
}

function readCertificates(path: string, readFile: ReadFile): string {
  const text = readText(path, 'VELAHOOK_CA_FILE', readFile);
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  try {
    for (const block of blocks) void new X509Certificate(block);
  } catch {
    throw new BadValue('the file holds a certificate that cannot be read');
  }
  if (blocks.length === 0) throw new BadValue('the file must hold certificates in PEM form');
  return text;
}

function findSlips(environment: Environment): string[] {
  const names = VARIABLES.flatMap(({ name }) => [name, `${name}_FILE`]);
  const known = new Set(names);
  return Object.keys(environment)
    .filter((name) => name.startsWith('VELAHOOK_') && !known.has(name))
    .flatMap((name) => {
      const meant = closestMatch(name, names, { maxDistance: SLIP_DISTANCE });
      return meant === undefined ? [] : [`${name}: no such variable; did you mean ${meant}?`];
    });
}
