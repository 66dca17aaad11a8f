import { describe, expect, test } from 'vitest';
import type { OpenStore } from './fixtures.ts';
import { anId, makeSubscription, makeWorkspace, T0 } from './fixtures.ts';
import { sharedStore } from './opened.ts';

const NONE = { retentionDays: null, redactionPaths: [], portal: null };
const PORTAL = {
  frameAncestors: ['https://app.example.com'],
  title: 'Acme \u0000 webhooks',
  logoUrl: null,
  primaryColor: '#1f6feb',
};

export function describeWorkspaceSettings(open: OpenStore): void {
  describe('settings of a workspace', () => {
    const opened = sharedStore(open);

    test('are the installation’s until they are changed, one by one', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      expect(await store.findSettings(workspaceId)).toEqual(NONE);
      const changed = await store.changeSettings(workspaceId, { retentionDays: 7 });
      expect(changed).toEqual({ ...NONE, retentionDays: 7 });
      await store.changeSettings(workspaceId, { redactionPaths: ['$.a', `$['b c']`] });
      const both = { ...NONE, retentionDays: 7, redactionPaths: ['$.a', `$['b c']`] };
      expect(await store.findSettings(workspaceId)).toEqual(both);
      await store.changeSettings(workspaceId, { retentionDays: null, redactionPaths: [] });
      expect(await store.findSettings(workspaceId)).toEqual(NONE);
    });

    test('keep those of the portal as they were given, until it has none', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      expect(await store.changeSettings(workspaceId, { portal: PORTAL })).toEqual({
        ...NONE,
        portal: PORTAL,
      });
      await store.changeSettings(workspaceId, { retentionDays: 7 });
      expect(await store.findSettings(workspaceId)).toEqual({ ...NONE, retentionDays: 7, portal: PORTAL });
      await store.changeSettings(workspaceId, { portal: null });
      expect(await store.findSettings(workspaceId)).toMatchObject({ portal: null });
    });

    test('of a deleted workspace are nobody’s', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      await store.changeSettings(workspaceId, { portal: PORTAL });
      await store.deleteWorkspace(workspaceId, T0);
      expect(await store.findSettings(workspaceId)).toBeUndefined();
      expect(await store.changeSettings(workspaceId, { portal: null })).toBeUndefined();
    });

    test('are of one workspace alone, and of none that is unknown', async () => {
      const { store } = opened;
      const [one, other] = [await makeWorkspace(store), await makeWorkspace(store)];
      await store.changeSettings(one, { retentionDays: 3 });
      expect(await store.findSettings(other)).toMatchObject({ retentionDays: null });
      expect(await store.findSettings(anId())).toBeUndefined();
      expect(await store.changeSettings(anId(), { retentionDays: 3 })).toBeUndefined();
    });

    test('come with its subscriptions, at a version of their own', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const before = await store.loadSubscriptions(workspaceId);
      expect(before.redactionPaths).toBeUndefined();
      await store.changeSettings(workspaceId, { redactionPaths: ['$.a'] });
      const empty = await store.loadSubscriptions(workspaceId);
      expect(empty).toMatchObject({ subscriptions: [], redactionPaths: ['$.a'] });
      expect(empty.version).toBeGreaterThan(before.version);
      const subscription = await makeSubscription(store, workspaceId);
      const after = await store.loadSubscriptions(workspaceId);
      expect(after).toMatchObject({ subscriptions: [subscription], redactionPaths: ['$.a'] });
    });
  });
}
