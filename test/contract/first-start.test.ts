import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { App } from '../../src/app.ts';
import { startApp } from '../../src/app.ts';
import { loadSettings } from '../../src/config/load.ts';
import { newId } from '../../src/domain/ids.ts';
import { SCOPES } from '../../src/domain/token.ts';
import { Keyring } from '../../src/lib/keyring.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { ApiClient } from '../support/api-client.ts';
import type { TestStore } from '../support/test-store.ts';
import { IS_ON_POSTGRES, makeTestStore } from '../support/test-store.ts';

const CONFIGURED = {
  VELAHOOK_WORKSPACE_ID: 'c0ffeec0ffeec0ffeec0ffee',
  VELAHOOK_TOKEN: `sk_test_${'Aa0'.repeat(15)}`,
};

let folder: string;
let store: TestStore;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'velahook-first-'));
  store = await makeTestStore();
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await store.remove();
});

/** Starts on the test's folder, asks, and stops again. */
async function during<T>(environment: Record<string, string>, ask: (app: App) => Promise<T> | T): Promise<T> {
  const settings = loadSettings({
    PORT: '0',
    VELAHOOK_DATA_DIR: folder,
    VELAHOOK_SHUTDOWN_GRACE_MS: '0',
    VELAHOOK_RATE_LIMITS: 'off',
    ...store.environment,
    ...environment,
  });
  const fatal: Error[] = [];
  const app = await startApp(settings, { log: createLog('silent'), onFatal: (error) => fatal.push(error) });
  try {
    return await ask(app);
  } finally {
    await app.stop();
    expect(fatal).toEqual([]);
  }
}

const statusOf = async (app: App, access: { workspaceId: string; token: string }) =>
  (await new ApiClient({ url: app.url, ...access }).call('GET', '/events')).status;

describe('the first start', () => {
  it('makes a workspace and a token with all scopes, tells them once, and never again', async () => {
    const first = await during({}, async (app) => {
      expect(app.first).toMatchObject({
        made: true,
        workspaceId: expect.stringMatching(/^[0-9a-f]{24}$/) as string,
        token: expect.stringMatching(/^sk_live_[0-9A-Za-z]{43}$/) as string,
      });
      const access = app.first ?? { workspaceId: '', token: '' };
      expect(await statusOf(app, access)).toBe(200);
      return access;
    });
    await during({}, async (app) => {
      expect(app.first).toBeUndefined();
      expect(await statusOf(app, first)).toBe(200);
    });
  });

  it('makes an admin token once, unless one is configured', async () => {
    const statusOfAdmin = async (app: App, token: string) => {
      const headers = { authorization: `Bearer ${token}` };
      return (await fetch(`${app.url}/api/v1/workspaces`, { headers })).status;
    };
    const configured = 'an-admin-token-of-my-own-choosing';
    await during({ VELAHOOK_ADMIN_TOKEN: configured }, async (app) => {
      expect(app.madeAdminToken).toBeUndefined();
      expect(await statusOfAdmin(app, configured)).toBe(200);
    });
    const made = await during({}, async (app) => {
      expect(app.madeAdminToken).toMatch(/^sk_admin_[0-9A-Za-z]{43}$/);
      expect(await statusOfAdmin(app, configured)).toBe(401);
      return app.madeAdminToken ?? '';
    });
    await during({}, async (app) => {
      expect(app.madeAdminToken).toBeUndefined();
      expect(await statusOfAdmin(app, made)).toBe(200);
    });
    await during({ VELAHOOK_ADMIN_TOKEN: configured }, async (app) => {
      expect(await statusOfAdmin(app, configured)).toBe(200);
      expect(await statusOfAdmin(app, made)).toBe(401);
    });
  });

  it('takes the configured ones instead, as every start does', async () => {
    const access = { workspaceId: CONFIGURED.VELAHOOK_WORKSPACE_ID, token: CONFIGURED.VELAHOOK_TOKEN };
    for (let start = 0; start < 2; start += 1) {
      await during(CONFIGURED, async (app) => {
        expect(app.first).toEqual({ ...access, made: false });
        expect(await statusOf(app, access)).toBe(200);
      });
    }
    await during({}, async (app) => {
      expect(app.first).toBeUndefined();
      expect(await statusOf(app, access)).toBe(200);
    });
  });

  it.each([
    ['made up', {}],
    ['configured', CONFIGURED],
  ])('gets the scopes that have come since an earlier version had it %s', async (_, environment) => {
    const listTokens = (app: App, workspaceId: string) =>
      app.store.listTokens(workspaceId, { sortOrder: 'asc', page: 1, limit: 9, now: Date.now() });
    const access = await during(environment, async (app) => {
      const first = app.first ?? { workspaceId: '', token: '' };
      const { items } = await listTokens(app, first.workspaceId);
      await app.store.changeTokenScopes(items[0]?.id ?? '', SCOPES.slice(0, 7));
      // What people chose is theirs, whatever they call it.
      for (const scopes of [SCOPES.slice(0, 7), SCOPES.slice(2, 4)]) {
        const id = newId(Date.now(), systemRandom);
        const draft = { id, workspaceId: first.workspaceId, name: 'First token', prefix: 'sk_live_', scopes };
        const times = { createdAt: Date.now(), expiresAt: null, revokedAt: null };
        await app.store.ensureToken({ ...draft, ...times, hash: Buffer.alloc(32, id) });
      }
      return first;
    });
    await during(environment, async (app) => {
      const { items } = await listTokens(app, access.workspaceId);
      expect(items.map(({ scopes }) => scopes)).toEqual([SCOPES, SCOPES.slice(0, 7), SCOPES.slice(2, 4)]);
      const api = new ApiClient({ url: app.url, ...access });
      const { items: entries } = await api.ok<{ items: object[] }>('GET', '/audit');
      expect(entries).toMatchObject([
        { action: 'token.changed', actor: { kind: 'platform' }, fields: ['scopes'] },
      ]);
    });
    // Once.
    await during(environment, async (app) => {
      expect((await app.store.listAudit(access.workspaceId, { limit: 9 })).items).toHaveLength(1);
    });
  });

  it.each([
    ['some scopes', 'First token', SCOPES.slice(2, 4)],
    ['a name', 'CI', SCOPES.slice(0, 7)],
  ])('leaves a configured token alone for which people chose %s', async (_, name, scopes) => {
    const hash = createHash('sha256').update(CONFIGURED.VELAHOOK_TOKEN).digest();
    await during({}, async ({ store: { ensureWorkspace, ensureToken } }) => {
      const [workspaceId, createdAt] = [CONFIGURED.VELAHOOK_WORKSPACE_ID, Date.now()];
      const id = newId(createdAt, systemRandom);
      const times = { createdAt, expiresAt: null, revokedAt: null };
      await ensureWorkspace({ id: workspaceId, name: 'Ours', createdAt });
      await ensureToken({ id, workspaceId, name, prefix: 'sk_test_', scopes, hash, ...times });
    });
    await during(CONFIGURED, async (app) =>
      expect(await app.store.findTokenByHash(hash)).toMatchObject({ name, scopes }),
    );
  });

  it('is refused with a token that belongs to another workspace', async () => {
    await during(CONFIGURED, () => undefined);
    const other = { ...CONFIGURED, VELAHOOK_WORKSPACE_ID: '0'.repeat(24) };
    await expect(during(other, () => undefined)).rejects.toThrow(
      'VELAHOOK_TOKEN belongs to another workspace',
    );
  });

  it.skipIf(IS_ON_POSTGRES)(
    'makes the key that signing secrets are sealed with, and later starts keep it',
    async () => {
      const access = { workspaceId: CONFIGURED.VELAHOOK_WORKSPACE_ID, token: CONFIGURED.VELAHOOK_TOKEN };
      const fields = {
        url: 'https://receiver.velahook-example.com/',
        events: ['*'],
        secret: 'sealed-secret',
      };
      const { _id } = await during(CONFIGURED, (app) =>
        new ApiClient({ url: app.url, ...access }).subscribe(fields),
      );
      const key = readFileSync(join(folder, 'encryption.key'), 'utf8').trim();
      const sealed = await during(CONFIGURED, async (app) => {
        const stored = await app.store.findSubscription(access.workspaceId, _id);
        return stored?.sealedSecret ?? new Uint8Array();
      });
      expect(readFileSync(join(folder, 'encryption.key'), 'utf8').trim()).toBe(key);
      expect(new Keyring([Buffer.from(key, 'hex')], systemRandom).open(sealed, _id)).toBe('sealed-secret');
    },
  );
});
