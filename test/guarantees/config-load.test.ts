import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadSettings, SettingsError, VARIABLES } from '../../src/config/load.ts';
import { issueCertificate, testCa } from '../support/certificates.ts';

const TOKEN = `sk_test_${'a1B2'.repeat(10)}`;
const WORKSPACE_ID = '65f1c700b7e4d90012ab9001';

function missing(path: string): string {
  throw Object.assign(new Error(`no such file: ${path}`), { code: 'ENOENT' });
}

function mistakes(
  environment: Record<string, string>,
  files: (path: string) => string = missing,
): readonly string[] {
  try {
    loadSettings(environment, files);
  } catch (error) {
    if (error instanceof SettingsError) return error.mistakes;
    throw error;
  }
  return [];
}

describe('settings', () => {
  it('are the documented ones when nothing is set', () => {
    expect(loadSettings({}, missing)).toEqual({
      port: 4000,
      host: '127.0.0.1',
      adminToken: null,
      publicUrl: null,
      dataDir: resolve('data'),
      databaseUrl: null,
      role: 'all',
      nodeLeaseMs: 45_000,
      encryptionKeys: [],
      allowLostSecrets: false,
      workspaceId: null,
      token: null,
      allowNetworks: [],
      allowHosts: [],
      extraCa: null,
      dnsServers: [],
      rateLimits: { read: 300, write: 100, delete: 50, publish: 0 },
      retryPolicy: {
        delaysMs: [1, 2, 4, 8, 60, 300, 900, 3_600, 10_800, 21_600, 39_600].map((s) => s * 1_000),
        windowMs: 86_400_000,
        jitterFraction: 0.1,
      },
      deactivateAfter: { failingMs: 72 * 3_600_000, failedDeliveries: 20 },
      dataBytesMax: 262_144,
      subscriptionsMax: 1_000,
      storeBytesMax: 0,
      backlogAlertMs: 900_000,
      retentionDays: 30,
      userAgent: 'VelaFlows-Webhook/1.0',
      shutdownGraceMs: 20_000,
      unknownTypes: 'warn',
      trustedProxies: [],
      metricsToken: null,
      logLevel: 'info',
      failpoint: null,
    });
  });

  it('are each read from one variable', () => {
    expect(new Set(VARIABLES.map(({ setting }) => setting))).toEqual(
      new Set(Object.keys(loadSettings({}, missing))),
    );
    expect(new Set(VARIABLES.map(({ name }) => name)).size).toBe(VARIABLES.length);
  });

  it('are read as they are documented', () => {
    const settings = loadSettings(
      {
        PORT: '0',
        HOST: '::1',
        VELAHOOK_RETENTION_DAYS: '7',
        VELAHOOK_PUBLIC_URL: 'https://hooks.example.com/',
        VELAHOOK_DATA_DIR: '/var/lib/velahook',
        VELAHOOK_ENCRYPTION_KEY: `${'f00d'.repeat(16)}, ${Buffer.from('k'.repeat(31) + 'x').toString('base64')}`,
        VELAHOOK_WORKSPACE_ID: WORKSPACE_ID,
        VELAHOOK_TOKEN: TOKEN,
        VELAHOOK_ALLOW_NETWORKS: '127.0.0.0/8, ::1, 10.1.2.3',
        VELAHOOK_ALLOW_HOSTS: 'Receiver.internal,localhost',
        VELAHOOK_DNS_SERVERS: '10.0.0.2,10.0.0.3:5353,[::1]:5353',
        VELAHOOK_RATE_LIMITS: 'read=1000,publish=50',
        VELAHOOK_RETRY_SCHEDULE: '50ms, 1s,2m,11h',
        VELAHOOK_DEACTIVATE_AFTER: '3d/5',
        VELAHOOK_MAX_STORE_BYTES: '1000000000',
        VELAHOOK_UNKNOWN_TYPES: 'reject',
        VELAHOOK_METRICS_TOKEN: 'metrics-token-1234',
        VELAHOOK_LOG_LEVEL: 'debug',
        VELAHOOK_SHUTDOWN_GRACE_MS: '  500 ',
      },
      missing,
    );
    expect(settings).toMatchObject({
      port: 0,
      host: '::1',
      publicUrl: 'https://hooks.example.com',
      dataDir: '/var/lib/velahook',
      allowNetworks: ['127.0.0.0/8', '::1/128', '10.1.2.3/32'],
      allowHosts: ['receiver.internal', 'localhost'],
      dnsServers: ['10.0.0.2', '10.0.0.3:5353', '[::1]:5353'],
      rateLimits: { read: 1000, write: 100, delete: 50, publish: 50 },
      retryPolicy: { delaysMs: [50, 1_000, 120_000, 39_600_000], windowMs: 86_400_000 },
      deactivateAfter: { failingMs: 3 * 86_400_000, failedDeliveries: 5 },
      retentionDays: 7,
      shutdownGraceMs: 500,
    });
    expect(settings.encryptionKeys.map((key) => key.length)).toEqual([32, 32]);
  });

  it('can switch rate limits off and on as a whole', () => {
    const limits = (text: string) => loadSettings({ VELAHOOK_RATE_LIMITS: text }, missing).rateLimits;
    expect(limits('off')).toEqual({ read: 0, write: 0, delete: 0, publish: 0 });
    expect(limits('on')).toEqual({ read: 300, write: 100, delete: 50, publish: 0 });
  });

  it('give a long retry schedule a window to fit in', () => {
    const { retryPolicy } = loadSettings({ VELAHOOK_RETRY_SCHEDULE: '24h,24h' }, missing);
    expect(retryPolicy.windowMs).toBeGreaterThanOrEqual(2 * 86_400_000 * 1.1);
  });

  it('may stand in files, whose last line break is not meant', () => {
    const files = (path: string) =>
      ({ '/run/token': `${TOKEN}\n`, '/run/workspace': WORKSPACE_ID })[path] ?? missing(path);
    const settings = loadSettings(
      { VELAHOOK_TOKEN_FILE: '/run/token', VELAHOOK_WORKSPACE_ID_FILE: '/run/workspace' },
      files,
    );
    expect(settings).toMatchObject({ token: TOKEN, workspaceId: WORKSPACE_ID });
  });

  it('that are empty are as good as not set', () => {
    const blank = Object.fromEntries(VARIABLES.map(({ name }) => [name, ' ']));
    expect(loadSettings(blank, missing)).toEqual(loadSettings({}, missing));
  });

  it('take the certificates of a file', async () => {
    const ca = await testCa();
    const { cert } = await issueCertificate({ names: ['a.example'] });
    const files = (path: string) => (path === '/ca.pem' ? `# ours\n${ca}\n${cert}` : missing(path));
    expect(loadSettings({ VELAHOOK_CA_FILE: '/ca.pem' }, files).extraCa).toContain('BEGIN CERTIFICATE');
  });
});

describe('a bad value', () => {
  it.each([
    ['PORT', '70000'],
    ['PORT', '-1'],
    ['PORT', '4e3'],
    ['PORT', '0x10'],
    ['HOST', 'a b'],
    ['VELAHOOK_PUBLIC_URL', 'hooks.example.com'],
    ['VELAHOOK_PUBLIC_URL', 'https://hooks.example.com/path'],
    ['VELAHOOK_PUBLIC_URL', 'ftp://hooks.example.com'],
    ['VELAHOOK_ENCRYPTION_KEY', 'short'],
    ['VELAHOOK_ENCRYPTION_KEY', '0'.repeat(64)],
    ['VELAHOOK_ENCRYPTION_KEY', `${'0f'.repeat(32)},oops`],
    ['VELAHOOK_ALLOW_NETWORKS', '10.0.0.0/33'],
    ['VELAHOOK_ALLOW_NETWORKS', 'localhost'],
    ['VELAHOOK_ALLOW_NETWORKS', '10.0.0.0/8/8'],
    ['VELAHOOK_ALLOW_NETWORKS', '10.0.0.0/'],
    ['VELAHOOK_ALLOW_HOSTS', 'https://x.example'],
    ['VELAHOOK_DNS_SERVERS', 'dns.example'],
    ['VELAHOOK_DNS_SERVERS', '10.0.0.2:0'],
    ['VELAHOOK_RATE_LIMITS', 'maybe'],
    ['VELAHOOK_RATE_LIMITS', 'read=many'],
    ['VELAHOOK_RATE_LIMITS', '__proto__=1'],
    ['VELAHOOK_RETRY_SCHEDULE', '1,2,4'],
    ['VELAHOOK_RETRY_SCHEDULE', '0s'],
    ['VELAHOOK_RETRY_SCHEDULE', '40d'],
    ['VELAHOOK_RETRY_SCHEDULE', ','],
    ['VELAHOOK_RETRY_SCHEDULE', Array(51).fill('1s').join(',')],
    ['VELAHOOK_DEACTIVATE_AFTER', '72h'],
    ['VELAHOOK_DEACTIVATE_AFTER', '72/20'],
    ['VELAHOOK_DEACTIVATE_AFTER', '72h/0'],
    ['VELAHOOK_MAX_DATA_BYTES', '999999999999'],
    ['VELAHOOK_MAX_SUBSCRIPTIONS', '0'],
    ['VELAHOOK_MAX_SUBSCRIPTIONS', '10001'],
    ['VELAHOOK_USER_AGENT', 'a\r\nX-Evil: 1'],
    ['VELAHOOK_SHUTDOWN_GRACE_MS', '20s'],
    ['VELAHOOK_UNKNOWN_TYPES', 'ignore'],
    ['VELAHOOK_TRUSTED_PROXIES', '*'],
    ['VELAHOOK_METRICS_TOKEN', 'short'],
    ['VELAHOOK_LOG_LEVEL', 'loud'],
    ['DATABASE_URL', 'mysql://velahook:hush@db/velahook'],
    ['DATABASE_URL', 'host=db user=velahook'],
    ['VELAHOOK_ROLE', 'worker'],
    ['VELAHOOK_NODE_LEASE_MS', '30000'],
    ['VELAHOOK_FAILPOINT', 'a b'],
    ['VELAHOOK_CA_FILE', '/no/such/file'],
  ])('%s=%s stops the start with one line that names it', (name, value) => {
    const lines = mistakes({ [name]: value });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(new RegExp(`^${name}: .*\\.$`));
    expect(lines[0]).not.toContain('\n');
  });

  it('comes with all the others', () => {
    const environment = {
      PORT: 'x',
      VELAHOOK_LOG_LEVEL: 'y',
      VELAHOOK_WORKSPACE_ID: 'z',
      VELAHOOK_TOKEN: 'w',
    };
    expect(mistakes(environment).map((line) => line.split(':')[0])).toEqual([
      'PORT',
      'VELAHOOK_WORKSPACE_ID',
      'VELAHOOK_TOKEN',
      'VELAHOOK_LOG_LEVEL',
    ]);
  });

  it('that is secret is not repeated', () => {
    const secret = 'sk_live_tooShortButStillSecret';
    const lines = mistakes({
      VELAHOOK_TOKEN: secret,
      VELAHOOK_ENCRYPTION_KEY: secret,
      VELAHOOK_METRICS_TOKEN: 'hush',
      DATABASE_URL: 'http://velahook:hush@db/velahook',
    });
    expect(lines.length).toBeGreaterThanOrEqual(3);
    expect(lines.join()).not.toMatch(/tooShort|hush/);
  });

  it('of a file is one of the variable', () => {
    expect(mistakes({ VELAHOOK_TOKEN_FILE: '/gone' })[0]).toContain('ENOENT');
    expect(mistakes({ PORT: '1', PORT_FILE: '/port' })[0]).toContain('not both');
  });

  it.each([
    ['not PEM', 'must hold certificates'],
    ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', 'cannot be read'],
  ])('of a CA file: %s', (content, message) => {
    expect(mistakes({ VELAHOOK_CA_FILE: '/ca.pem' }, () => content)[0]).toContain(message);
  });
});

describe('a variable', () => {
  it('whose name is misspelt is named, with the one that was meant', () => {
    expect(mistakes({ VELAHOOK_TOKN: 'x' })[0]).toContain('did you mean VELAHOOK_TOKEN?');
    expect(mistakes({ VELAHOOK_LOGLEVEL: 'x' })[0]).toContain('did you mean VELAHOOK_LOG_LEVEL?');
    expect(mistakes({ VELAHOOK_SOMETHING_ELSE: 'x' })).toEqual([]);
  });

  it('for the administrator cannot be guessed', () => {
    expect(mistakes({ VELAHOOK_ADMIN_TOKEN: 'hunter2' })).toEqual([
      'VELAHOOK_ADMIN_TOKEN: must be 32 to 256 printable ASCII characters without blanks.',
    ]);
    const token = 'a-long-admin-token-of-my-own-choosing';
    expect(loadSettings({ VELAHOOK_ADMIN_TOKEN: token }, missing).adminToken).toBe(token);
  });

  it('for a database goes with a key that all of its nodes have', () => {
    const database = { DATABASE_URL: 'postgres://velahook:hush@db.internal/velahook' };
    expect(mistakes(database)).toHaveLength(1);
    expect(mistakes(database)[0]).toMatch(/^VELAHOOK_ENCRYPTION_KEY: .*every node/);
    const settings = loadSettings({ ...database, VELAHOOK_ENCRYPTION_KEY: 'f00d'.repeat(16) }, missing);
    expect(settings.databaseUrl).toBe(database.DATABASE_URL);
  });

  it('for a role other than all goes with a database', () => {
    expect(mistakes({ VELAHOOK_ROLE: 'api' })[0]).toMatch(/^VELAHOOK_ROLE: .*DATABASE_URL/);
    expect(mistakes({ VELAHOOK_ROLE: 'delivery' })).toHaveLength(1);
    expect(mistakes({ VELAHOOK_ROLE: 'all' })).toEqual([]);
  });

  it('for the workspace goes with one for the token', () => {
    expect(mistakes({ VELAHOOK_TOKEN: TOKEN })[0]).toContain('both or neither');
    expect(mistakes({ VELAHOOK_WORKSPACE_ID: WORKSPACE_ID })[0]).toContain('both or neither');
  });
});
