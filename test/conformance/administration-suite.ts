import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { AuditEntry } from '../../src/domain/audit.ts';
import { auditIdOf } from '../../src/domain/audit.ts';
import type { Token } from '../../src/domain/token.ts';
import type { OpenStore } from './fixtures.ts';
import { T0, aSubscription, anId, makeSubscription, makeWorkspace, publish } from './fixtures.ts';
import { sharedStore, storePerTest } from './opened.ts';

const MANY = 1_000;
const FIRST_PAGE = { sortOrder: 'desc', page: 1, limit: 10 } as const;

function aToken(workspaceId: string, given: Partial<Token> = {}): Token {
  const id = anId();
  return {
    id,
    workspaceId,
    name: 'First',
    prefix: 'sk_live_0123abcd',
    hash: createHash('sha256').update(id).digest(),
    scopes: ['events:write', 'events:read'],
    createdAt: T0,
    expiresAt: null,
    revokedAt: null,
    ...given,
  };
}

function anEntry(workspaceId: string | null, action: AuditEntry['action']): AuditEntry {
  const caller = { actor: { kind: 'admin' }, address: null, requestId: null } as const;
  return { id: auditIdOf(anId()), workspaceId, createdAt: T0, caller, action, targetId: null, fields: [] };
}

export function describeAdministration(open: OpenStore): void {
  describe('workspaces, for the administrator', () => {
    const opened = storePerTest(open);

    test('are made, found, renamed and listed, each change with its entry', async () => {
      const { store } = opened;
      const [a, b] = [anId(), anId()];
      const [made, renamed, vain] = [a, a, anId()].map((id) => anEntry(id, 'workspace.created'));
      await store.createWorkspace({ id: a, name: 'Alpha', createdAt: T0 }, made);
      await store.createWorkspace({ id: b, name: 'Beta 100%', createdAt: T0 + 1 });
      const after = await store.updateWorkspace(a, { name: 'Gamma' }, T0 + 5, renamed);
      expect(after).toEqual({ id: a, name: 'Gamma', createdAt: T0, updatedAt: T0 + 5 });
      expect(await store.findWorkspace(a)).toEqual(after);
      expect(await store.updateWorkspace(anId(), { name: 'x' }, T0, vain)).toBeUndefined();
      expect(await store.findWorkspace(anId())).toBeUndefined();
      const names = async (query: object) => {
        const { items, total } = await store.listWorkspaces({
          sortBy: 'createdAt',
          ...FIRST_PAGE,
          ...query,
        });
        return [items.map(({ name }) => name), total];
      };
      expect(await names({})).toEqual([['Beta 100%', 'Gamma'], 2]);
      expect(await names({ sortBy: 'name', sortOrder: 'asc' })).toEqual([['Beta 100%', 'Gamma'], 2]);
      expect(await names({ search: 'GAM' })).toEqual([['Gamma'], 1]);
      expect(await names({ search: '%' })).toEqual([['Beta 100%'], 1]);
      expect(await names({ limit: 1, page: 2 })).toEqual([['Gamma'], 2]);
      const { items } = await store.listAudit(a, { limit: 10 });
      expect(items.map(({ id }) => id).toSorted()).toEqual([made?.id, renamed?.id].toSorted());
    });

    test('are deleted with all their tokens and subscriptions, whose pending deliveries are cancelled', async () => {
      const { store, epoch } = opened;
      const [workspaceId, other] = [await makeWorkspace(store), await makeWorkspace(store)];
      const token = aToken(workspaceId);
      const kept = aToken(other);
      for (const each of [token, kept]) await store.createToken(each, MANY);
      const one = await makeSubscription(store, workspaceId);
      const two = await makeSubscription(store, workspaceId);
      const theirs = await makeSubscription(store, other);
      const event = await publish(store, epoch, [one, two]);
      await publish(store, epoch, [theirs]);
      const before = await store.listSubscriptionVersions([workspaceId]);
      const entry = anEntry(workspaceId, 'workspace.deleted');
      const ids = await store.deleteWorkspace(workspaceId, T0 + 9, entry);
      expect(ids?.toSorted()).toEqual([one.id, two.id].toSorted());
      expect(await store.deleteWorkspace(workspaceId, T0 + 9, entry)).toBeUndefined();
      expect(await store.findWorkspace(workspaceId)).toBeUndefined();
      expect((await store.listWorkspaces({ sortBy: 'name', ...FIRST_PAGE })).items).toHaveLength(1);
      expect(await store.countWorkspaces()).toBe(2);
      expect(await store.findTokenByHash(token.hash)).toMatchObject({ revokedAt: T0 + 9 });
      expect(await store.findTokenByHash(kept.hash)).toMatchObject({ revokedAt: null });
      const set = await store.loadSubscriptions(workspaceId);
      expect(set.subscriptions).toEqual([]);
      expect(set.version).toBeGreaterThan(before[0]?.version ?? Infinity);
      expect((await store.loadSubscriptions(other)).subscriptions).toHaveLength(1);
      expect(await store.findEvent(workspaceId, event.eventId)).toMatchObject({ states: { cancelled: 2 } });
      expect((await store.listDeliveries(other, { limit: 5, state: 'pending' })).items).toHaveLength(1);
      expect(await store.cancelStale(10, [], T0 + 10)).toHaveLength(2);
      expect(await store.listAudit(workspaceId, { limit: 5 })).toMatchObject({ items: [{ id: entry.id }] });
    });

    test('that are deleted get no tokens and no subscriptions any more', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      await store.deleteWorkspace(workspaceId, T0);
      expect(await store.createToken(aToken(workspaceId), MANY)).toBe('no_workspace');
      await expect(store.ensureToken(aToken(workspaceId))).rejects.toBeInstanceOf(Error);
      const entry = anEntry(workspaceId, 'subscription.created');
      expect(await store.createSubscription(aSubscription(workspaceId), MANY, entry)).toBe('no_workspace');
      expect((await store.listAudit(workspaceId, { limit: 5 })).items).toEqual([]);
      expect(await store.ensureWorkspace({ id: workspaceId, name: 'Again', createdAt: T0 })).toBe(false);
      expect(await store.findWorkspace(workspaceId)).toBeUndefined();
    });

    test('are deleted whole, whatever is created in them meanwhile', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const making = Array.from({ length: 20 }, (_, i) =>
        i % 2 === 0
          ? store.createSubscription(aSubscription(workspaceId), MANY)
          : store.createToken(aToken(workspaceId), MANY),
      );
      const deleting = store.deleteWorkspace(workspaceId, T0);
      await Promise.allSettled(making);
      expect(await deleting).toHaveLength(10);
      expect((await store.loadSubscriptions(workspaceId)).subscriptions).toEqual([]);
      const { items } = await store.listTokens(workspaceId, { ...FIRST_PAGE, active: true, now: T0 });
      expect(items).toEqual([]);
    });
  });

  describe('tokens, for the administrator', () => {
    const opened = sharedStore(open);

    test('are made up to a maximum of those not revoked, and revoked once', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const [one, two] = [aToken(workspaceId), aToken(workspaceId)];
      const entries = Array.from({ length: 4 }, () => anEntry(workspaceId, 'token.revoked'));
      expect(await store.createToken(one, 1, entries[0])).toBe('created');
      expect(await store.createToken(two, 1, entries[1])).toBe('too_many');
      expect(await store.createToken(aToken(anId()), 1)).toBe('no_workspace');
      expect(await store.revokeToken(one.id, T0 + 3, entries[2])).toBe(true);
      expect(await store.revokeToken(one.id, T0 + 4, entries[3])).toBe(false);
      expect(await store.findTokenByHash(one.hash)).toMatchObject({ revokedAt: T0 + 3 });
      expect(await store.createToken(two, 1)).toBe('created');
      const { items } = await store.listAudit(workspaceId, { limit: 10 });
      expect(items.map(({ id }) => id).toSorted()).toEqual([entries[0]?.id, entries[2]?.id].toSorted());
    });

    test('are listed by workspace, without their hashes', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const good = aToken(workspaceId, { name: 'good', expiresAt: T0 + 100 });
      const expired = aToken(workspaceId, { name: 'expired', createdAt: T0 + 1, expiresAt: T0 + 10 });
      const revoked = aToken(workspaceId, { name: 'revoked', createdAt: T0 + 2, revokedAt: T0 + 3 });
      for (const token of [good, expired, revoked]) await store.ensureToken(token);
      await store.ensureToken(aToken(await makeWorkspace(store)));
      const list = async (query: object) =>
        store.listTokens(workspaceId, { ...FIRST_PAGE, now: T0 + 50, ...query });
      const names = async (query: object) => (await list(query)).items.map(({ name }) => name);
      expect(await names({})).toEqual(['revoked', 'expired', 'good']);
      expect(await names({ active: true })).toEqual(['good']);
      expect(await names({ active: false, sortOrder: 'asc' })).toEqual(['expired', 'revoked']);
      expect(await list({ limit: 1, page: 3 })).toMatchObject({ items: [{ name: 'good' }], total: 3 });
      const { hash: _hash, ...shown } = good;
      expect(await store.findToken(good.id)).toEqual({ ...shown, lastUsedAt: null });
      expect(await store.findToken(anId())).toBeUndefined();
      expect((await store.listTokens(anId(), { ...FIRST_PAGE, now: T0 })).items).toEqual([]);
    });

    test('change their scopes with an entry, unless they have them, or are revoked', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const [one, revoked] = [aToken(workspaceId), aToken(workspaceId)];
      for (const token of [one, revoked]) await store.ensureToken(token);
      await store.revokeToken(revoked.id, T0);
      const entries = Array.from({ length: 4 }, () => anEntry(workspaceId, 'token.changed'));
      const scopes = ['events:read', 'audit:read'] as const;
      const changed = [one.id, one.id, revoked.id, anId()].map((id, i) =>
        store.changeTokenScopes(id, scopes, entries[i]),
      );
      expect(await Promise.all(changed)).toEqual([true, false, false, false]);
      expect(await store.findTokenByHash(one.hash)).toEqual({
        ...one,
        hash: new Uint8Array(one.hash),
        scopes,
      });
      expect(await store.findToken(revoked.id)).toMatchObject({ scopes: revoked.scopes });
      const { items } = await store.listAudit(workspaceId, { limit: 10 });
      expect(items.map(({ id }) => id)).toEqual([entries[0]?.id]);
    });

    test('tell when they were used last', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const [one, two] = [aToken(workspaceId), aToken(workspaceId)];
      for (const token of [one, two]) await store.ensureToken(token);
      await store.touchTokens([
        { id: one.id, usedAt: T0 + 5 },
        { id: anId(), usedAt: T0 },
      ]);
      await store.touchTokens([
        { id: two.id, usedAt: T0 + 7 },
        { id: one.id, usedAt: T0 + 4 },
      ]);
      await store.touchTokens([]);
      expect(await store.findToken(one.id)).toMatchObject({ lastUsedAt: T0 + 5 });
      expect(await store.findToken(two.id)).toMatchObject({ lastUsedAt: T0 + 7 });
    });
  });

  describe('the admin token', () => {
    const opened = storePerTest(open);

    test('is stored once, by its hash', async () => {
      const { store } = opened;
      const hashes = ['a', 'b'].map((text) => new Uint8Array(createHash('sha256').update(text).digest()));
      expect(await store.findAdminToken()).toBeUndefined();
      const made = await Promise.all(hashes.map((hash) => store.ensureAdminToken(hash, T0)));
      expect(made).toEqual([true, false]);
      expect(await store.findAdminToken()).toEqual(hashes[0]);
    });
  });

  describe('requests that are counted', () => {
    const opened = sharedStore(open);
    const WINDOW_MS = 1_000;

    test('are granted up to the maximum of a window, to each token and rate by itself', async () => {
      const { store } = opened;
      const take = { tokenId: anId(), rate: 'read', wanted: 4, max: 10, windowMs: WINDOW_MS, now: T0 };
      const windowEndsAt = T0 + WINDOW_MS;
      expect(await store.takeRequests(take)).toEqual({ granted: 4, left: 6, windowEndsAt });
      expect(await store.takeRequests({ ...take, now: T0 + 500 })).toEqual({
        granted: 4,
        left: 2,
        windowEndsAt,
      });
      expect(await store.takeRequests({ ...take, rate: 'write' })).toMatchObject({ granted: 4, left: 6 });
      expect(await store.takeRequests({ ...take, tokenId: anId() })).toMatchObject({ granted: 4, left: 6 });
      expect(await store.takeRequests({ ...take, now: T0 + 999 })).toEqual({
        granted: 2,
        left: 0,
        windowEndsAt,
      });
      expect(await store.takeRequests({ ...take, now: T0 + 999 })).toEqual({
        granted: 0,
        left: 0,
        windowEndsAt,
      });
      const next = { granted: 4, left: 6, windowEndsAt: T0 + 2 * WINDOW_MS };
      expect(await store.takeRequests({ ...take, now: T0 + WINDOW_MS })).toEqual(next);
    });

    test('at once are never granted more than there are', async () => {
      const { store } = opened;
      const take = { tokenId: anId(), rate: 'read', wanted: 3, max: 50, windowMs: WINDOW_MS, now: T0 };
      const taken = await Promise.all(Array.from({ length: 30 }, () => store.takeRequests(take)));
      expect(taken.reduce((sum, { granted }) => sum + granted, 0)).toBe(50);
    });

    test('of a clock that was ahead do not keep the token out for longer than a window', async () => {
      const { store } = opened;
      const take = { tokenId: anId(), rate: 'read', wanted: 10, max: 10, windowMs: WINDOW_MS, now: T0 };
      await store.takeRequests({ ...take, now: T0 + 365 * 86_400_000 });
      expect(await store.takeRequests(take)).toEqual({ granted: 0, left: 0, windowEndsAt: T0 + WINDOW_MS });
      expect(await store.takeRequests({ ...take, now: T0 + WINDOW_MS })).toMatchObject({ granted: 10 });
    });
  });
}
