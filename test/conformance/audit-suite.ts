import { describe, expect, test } from 'vitest';
import type { AuditEntry } from '../../src/domain/audit.ts';
import { auditIdOf } from '../../src/domain/audit.ts';
import { InvalidCursor } from '../../src/store/contract/history.ts';
import type { OpenStore } from './fixtures.ts';
import { T0, aNotice, aRecord, aSubscription, anId, failed, makeSubscription } from './fixtures.ts';
import { makeWorkspace, publish } from './fixtures.ts';
import { sharedStore, storePerTest } from './opened.ts';

const TOKEN = { kind: 'token', tokenId: anId(), tokenPrefix: 'sk_live_01234567', tokenName: 'Ops' } as const;
const LIMIT = 10;

function anEntry(workspaceId: string | null, given: Partial<AuditEntry> = {}): AuditEntry {
  return {
    id: auditIdOf(anId()),
    workspaceId,
    createdAt: T0,
    caller: { actor: TOKEN, address: '203.0.113.7', requestId: 'r-1' },
    action: 'subscription.changed',
    targetId: anId(),
    fields: ['url', 'secret'],
    ...given,
  };
}

export function describeAudit(open: OpenStore): void {
  describe('the audit log', () => {
    const opened = sharedStore(open);
    const list = async (workspaceId: string | null, query = {}) =>
      (await opened.store.listAudit(workspaceId, { limit: LIMIT, ...query })).items;

    test('keeps an entry as it was written, whoever acted', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const entries = [
        anEntry(workspaceId),
        anEntry(workspaceId, { createdAt: T0 + 1, targetId: null, fields: [] }),
        anEntry(workspaceId, {
          createdAt: T0 + 2,
          action: 'token.created',
          caller: { actor: { kind: 'admin' }, address: null, requestId: null },
        }),
        anEntry(workspaceId, {
          createdAt: T0 + 3,
          caller: { actor: { ...TOKEN, via: 'portal' }, address: null, requestId: null },
        }),
        anEntry(workspaceId, {
          createdAt: T0 + 4,
          caller: { actor: { kind: 'admin', via: 'session' }, address: null, requestId: null },
        }),
      ];
      for (const entry of entries) await store.appendAudit(entry);
      expect(await list(workspaceId)).toEqual(entries.toReversed());
    });

    test('is of one workspace, or of all and of none with null', async () => {
      const { store } = opened;
      const [one, other] = [await makeWorkspace(store), await makeWorkspace(store)];
      const [a, b, c] = [anEntry(one), anEntry(other), anEntry(null)];
      for (const entry of [a, b, c]) await store.appendAudit(entry);
      expect(await list(one)).toEqual([a]);
      expect(await list(anId())).toEqual([]);
      const all = (await list(null, { limit: 100 })).map(({ id }) => id);
      expect(all).toEqual(expect.arrayContaining([a.id, b.id, c.id]));
    });

    test('is filtered by action, target, token, actor and time, and read by cursor', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const entries = Array.from({ length: 7 }, (_, i) => anEntry(workspaceId, { createdAt: T0 + i }));
      const admin = anEntry(workspaceId, {
        createdAt: T0 + 10,
        action: 'token.revoked',
        caller: { actor: { kind: 'admin' }, address: null, requestId: null },
      });
      for (const entry of [...entries, admin]) await store.appendAudit(entry);
      const target = entries[2]?.targetId ?? '';
      expect(await list(workspaceId, { targetId: target })).toEqual([entries[2]]);
      expect(await list(workspaceId, { action: 'token.revoked' })).toEqual([admin]);
      expect(await list(workspaceId, { actor: 'admin' })).toEqual([admin]);
      expect(await list(workspaceId, { tokenId: TOKEN.tokenId })).toEqual(entries.toReversed());
      expect(await list(workspaceId, { tokenId: anId() })).toEqual([]);
      expect(await list(workspaceId, { since: T0 + 2, until: T0 + 4 })).toEqual([entries[3], entries[2]]);
      const first = await store.listAudit(workspaceId, { limit: 3, actor: 'token' });
      const second = await store.listAudit(workspaceId, {
        limit: LIMIT,
        actor: 'token',
        cursor: first.nextCursor ?? '',
      });
      expect([...first.items, ...second.items]).toEqual(entries.toReversed());
      expect(second.nextCursor).toBeNull();
      await expect(store.listAudit(workspaceId, { limit: 1, cursor: 'x' })).rejects.toBeInstanceOf(
        InvalidCursor,
      );
    });

    test('gets an entry in the commit of the change, and none when nothing changes', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const subscription = aSubscription(workspaceId);
      const { id } = subscription;
      const [made, changed, deleted, ...vain] = Array.from({ length: 6 }, () => anEntry(workspaceId));
      await store.createSubscription(subscription, 1, made);
      expect(await store.createSubscription(aSubscription(workspaceId), 1, vain[0])).toBe('too_many');
      const secret = { sealed: Uint8Array.of(9), hint: '' };
      await store.updateSubscription(workspaceId, id, { secret }, T0, changed);
      await store.updateSubscription(workspaceId, anId(), { secret }, T0, vain[1]);
      await store.deleteSubscription(workspaceId, id, T0, deleted);
      await store.deleteSubscription(workspaceId, id, T0, vain[2]);
      expect(await list(workspaceId)).toEqual([deleted, changed, made]);
    });

    test('tells what the platform switched off by itself, once', async () => {
      const { store, epoch } = opened;
      const workspaceId = await makeWorkspace(store);
      const failing = await makeSubscription(store, workspaceId);
      const gone = await makeSubscription(store, workspaceId);
      for (let i = 0; i < 2; i++)
        await store.deactivateSubscription(workspaceId, failing.id, 'failing', aNotice(), T0 + 1);
      const event = await publish(store, epoch, [gone]);
      const notice = aNotice();
      await store.recordAttempts(
        epoch,
        [aRecord(event, { ...failed('gone'), deactivation: notice })],
        T0 + 2,
      );
      expect(await list(workspaceId)).toMatchObject(
        [gone, failing].map(({ id }) => ({
          action: 'subscription.deactivated',
          targetId: id,
          caller: { actor: { kind: 'platform' } },
        })),
      );
    });
  });

  describe('old entries of the audit log', () => {
    const opened = storePerTest(open);

    test('go, the oldest first and some at a time', async () => {
      const { store } = opened;
      for (let i = 0; i < 5; i++) await store.appendAudit(anEntry(null, { createdAt: T0 + i }));
      expect(await store.removeAudit(T0 + 3, 2)).toBe(2);
      expect(await store.removeAudit(T0 + 3, 2)).toBe(1);
      expect(await store.removeAudit(T0 + 3, 2)).toBe(0);
      const { items } = await store.listAudit(null, { limit: LIMIT });
      expect(items.map(({ createdAt }) => createdAt)).toEqual([T0 + 4, T0 + 3]);
    });
  });
}
