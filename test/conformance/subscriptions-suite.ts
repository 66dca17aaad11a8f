import { describe, expect, test } from 'vitest';
import type { Subscription } from '../../src/domain/subscription.ts';
import type { SubscriptionQuery } from '../../src/store/contract/subscriptions.ts';
import type { OpenStore } from './fixtures.ts';
import {
  T0,
  aNotice,
  aRecord,
  aSubscription,
  deliveryIdOf,
  failed,
  makeSubscription,
  makeWorkspace,
  publish,
  retryAt,
} from './fixtures.ts';
import { sharedStore } from './opened.ts';

export function describeSubscriptions(open: OpenStore): void {
  describe('subscriptions', () => {
    const opened = sharedStore(open);

    async function versionOf(workspaceId: string): Promise<number> {
      return (await opened.store.loadSubscriptions(workspaceId)).version;
    }

    test('one is stored and found as it is, in its workspace only', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const subscription = await makeSubscription(store, workspaceId, {
        events: ['crm.*', 'inbox.message.received'],
        description: 'Ünïcode "quoted"',
        sealedSecret: new Uint8Array(100).fill(7),
        secretConfigured: true,
      });
      expect(await store.findSubscription(workspaceId, subscription.id)).toEqual(subscription);
      expect(await store.findSubscription(await makeWorkspace(store), subscription.id)).toBeUndefined();
      expect(await store.findSubscription(workspaceId, 'f'.repeat(24))).toBeUndefined();
    });

    test('a workspace has no more than its maximum, and deleted ones do not count', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const first = await makeSubscription(store, workspaceId);
      await makeSubscription(store, await makeWorkspace(store));
      expect(await store.createSubscription(aSubscription(workspaceId), 2)).toBe('created');
      expect(await store.createSubscription(aSubscription(workspaceId), 2)).toBe('too_many');
      await store.deleteSubscription(workspaceId, first.id, T0);
      expect(await store.createSubscription(aSubscription(workspaceId), 2)).toBe('created');
    });

    test('every change raises the version of the workspace, and of no other', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const other = await makeWorkspace(store);
      const otherVersion = await versionOf(other);
      const versions = [await versionOf(workspaceId)];
      const { id } = await makeSubscription(store, workspaceId);
      versions.push(await versionOf(workspaceId));
      await store.updateSubscription(workspaceId, id, { url: 'https://b.example.com/' }, T0 + 1);
      versions.push(await versionOf(workspaceId));
      await store.deactivateSubscription(workspaceId, id, 'failing', aNotice(), T0 + 2);
      versions.push(await versionOf(workspaceId));
      await store.deleteSubscription(workspaceId, id, T0 + 3);
      versions.push(await versionOf(workspaceId));
      expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
      expect(await versionOf(other)).toBe(otherVersion);
    });

    test('each has the version that its creation made, whatever is changed later', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const first = await makeSubscription(store, workspaceId);
      const between = await versionOf(workspaceId);
      await store.updateSubscription(workspaceId, first.id, { description: 'changed' }, T0);
      const second = await makeSubscription(store, workspaceId);
      const { version, subscriptions } = await store.loadSubscriptions(workspaceId);
      const madeAt = new Map(subscriptions.map(({ id, madeAtVersion }) => [id, madeAtVersion]));
      expect([madeAt.get(first.id), madeAt.get(second.id)]).toEqual([between, version]);
    });

    test('what changes nothing leaves the version alone', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const { id } = await makeSubscription(store, workspaceId);
      const before = await versionOf(workspaceId);
      const elsewhere = await makeWorkspace(store);
      expect(
        await store.updateSubscription(elsewhere, id, { url: 'https://x.example.com/' }, T0),
      ).toBeUndefined();
      expect(await store.deleteSubscription(elsewhere, id, T0)).toBe(false);
      expect(await store.deactivateSubscription(elsewhere, id, 'gone', aNotice(), T0)).toBeUndefined();
      expect(await store.createSubscription(aSubscription(workspaceId), 1)).toBe('too_many');
      expect(await versionOf(workspaceId)).toBe(before);
    });

    test('a change touches the given fields and the time of change, nothing else', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const subscription = await makeSubscription(store, workspaceId, { description: 'Old' });
      const change = { events: ['*'], timeoutMs: 5_000, rateLimit: 7, ordered: true, description: null };
      const changed = await store.updateSubscription(workspaceId, subscription.id, change, T0 + 9);
      expect(changed).toEqual({ ...subscription, ...change, updatedAt: T0 + 9 });
      expect(await store.findSubscription(workspaceId, subscription.id)).toEqual(changed);
    });

    test('a new secret is a configured one', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const { id } = await makeSubscription(store, workspaceId);
      const secret = { sealed: Uint8Array.of(9, 9), hint: 'beef' };
      expect(await store.updateSubscription(workspaceId, id, { secret }, T0)).toMatchObject({
        sealedSecret: Uint8Array.of(9, 9),
        secretHint: 'beef',
        secretConfigured: true,
      });
    });

    test('switching off makes a new generation, and pending deliveries are loaded no more', async () => {
      const { store, epoch } = opened;
      const workspaceId = await makeWorkspace(store);
      const subscription = await makeSubscription(store, workspaceId);
      await publish(store, epoch, [subscription]);
      const off = await store.updateSubscription(workspaceId, subscription.id, { status: 'inactive' }, T0);
      expect(off).toMatchObject({ status: 'inactive', generation: 2, deactivatedAt: null });
      expect((await store.loadLane(subscription.id, 10, 10)).first).toEqual([]);
      const again = await store.updateSubscription(workspaceId, subscription.id, { status: 'inactive' }, T0);
      const on = await store.updateSubscription(workspaceId, subscription.id, { status: 'active' }, T0);
      expect([again?.generation, on?.generation]).toEqual([2, 2]);
      expect((await store.loadLane(subscription.id, 10, 10)).first).toEqual([]);
      await publish(store, epoch, [{ ...subscription, generation: 2 }]);
      expect((await store.loadLane(subscription.id, 10, 10)).first).toMatchObject([{ generation: 2 }]);
    });

    test('a deactivated one names the reason, and is not deactivated twice', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const subscription = await makeSubscription(store, workspaceId);
      const deactivate = () =>
        store.deactivateSubscription(workspaceId, subscription.id, 'failing', aNotice(), T0 + 4);
      const expected: Partial<Subscription> = {
        status: 'deactivated',
        deactivationReason: 'failing',
        deactivatedAt: T0 + 4,
        missingSince: T0 + 4,
        updatedAt: T0 + 4,
        generation: 2,
      };
      expect(await deactivate()).toEqual({ ...subscription, ...expected });
      expect(await deactivate()).toBeUndefined();
      expect(await store.findSubscription(workspaceId, subscription.id)).toMatchObject(expected);
    });

    test.each([
      ['failing', [true, false, false], T0 + 2],
      ['working', [false, false, true], T0 + 9],
      ['new', [], T0 + 9],
    ] as const)('one that was %s when it was switched off missed what came since then', async (...given) => {
      const [, successes, missingSince] = given;
      const { store, epoch } = opened;
      const workspaceId = await makeWorkspace(store);
      const switchOffs = [
        (id: string) => store.updateSubscription(workspaceId, id, { status: 'inactive' }, T0 + 9),
        (id: string) => store.deactivateSubscription(workspaceId, id, 'failing', aNotice(), T0 + 9),
      ];
      for (const switchOff of switchOffs) {
        const subscription = await makeSubscription(store, workspaceId);
        const { id } = subscription;
        for (const [i, succeeds] of successes.entries()) {
          const event = await publish(store, epoch, [subscription]);
          const outcome = succeeds ? {} : failed();
          await store.recordAttempts(epoch, [aRecord(event, { startedAt: T0 + 1 + i, ...outcome })], T0 + 4);
        }
        expect(await switchOff(id)).toMatchObject({ missingSince });
        const again = await store.updateSubscription(workspaceId, id, { status: 'inactive' }, T0 + 10);
        expect(again).toMatchObject({ status: 'inactive', missingSince });
        const on = await store.updateSubscription(workspaceId, id, { status: 'active' }, T0 + 11);
        expect(on).toMatchObject({ missingSince: null });
        expect(await store.findSubscription(workspaceId, id)).toEqual(on);
      }
    });

    test('coming back clears the deactivation, and needs no new generation', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const { id } = await makeSubscription(store, workspaceId);
      await store.deactivateSubscription(workspaceId, id, 'gone', aNotice(), T0);
      expect(await store.updateSubscription(workspaceId, id, { status: 'active' }, T0 + 1)).toMatchObject({
        status: 'active',
        deactivatedAt: null,
        deactivationReason: null,
        generation: 2,
      });
    });

    test('a deleted one is gone for every reader but the history of its deliveries', async () => {
      const { store, epoch } = opened;
      const workspaceId = await makeWorkspace(store);
      const subscription = await makeSubscription(store, workspaceId);
      const event = await publish(store, epoch, [subscription]);
      await store.recordAttempts(epoch, [aRecord(event, retryAt(T0))], T0);
      const { id } = subscription;
      expect(await store.deleteSubscription(workspaceId, id, T0)).toBe(true);
      expect(await store.deleteSubscription(workspaceId, id, T0)).toBe(false);
      expect(await store.findSubscription(workspaceId, id)).toBeUndefined();
      expect((await store.loadSubscriptions(workspaceId)).subscriptions).toEqual([]);
      expect((await store.listSubscriptions(workspaceId, aQuery())).total).toBe(0);
      expect(await store.updateSubscription(workspaceId, id, { status: 'active' }, T0)).toBeUndefined();
      expect(await store.deactivateSubscription(workspaceId, id, 'gone', aNotice(), T0)).toBeUndefined();
      const { first, retries } = await store.loadLane(id, 10, 10);
      expect([...first, ...retries]).toEqual([]);
      expect(await store.findDelivery(workspaceId, deliveryIdOf(event))).toMatchObject({
        url: subscription.url,
        subscriptionStatus: 'deleted',
      });
    });

    test('an unknown workspace has none', async () => {
      const { store } = opened;
      expect((await store.loadSubscriptions('f'.repeat(24))).subscriptions).toEqual([]);
      expect(await store.listSubscriptions('f'.repeat(24), aQuery())).toEqual({ items: [], total: 0 });
    });
  });

  describe('lists of subscriptions', () => {
    const opened = sharedStore(open);

    async function arrange() {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      await makeSubscription(store, await makeWorkspace(store));
      const given: Partial<Subscription>[] = [
        {
          url: 'https://b.example.com/100%',
          events: ['crm.lead.created'],
          createdAt: T0 + 1,
          updatedAt: T0 + 9,
        },
        { url: 'https://a.example.com/X', events: ['crm.*'], createdAt: T0 + 2, updatedAt: T0 + 8 },
        {
          url: 'https://c.example.com/',
          events: ['*'],
          createdAt: T0 + 3,
          status: 'inactive',
          description: 'My_CRM',
        },
      ];
      const made = await Promise.all(given.map((fields) => makeSubscription(store, workspaceId, fields)));
      const [first, second, third] = made as [Subscription, Subscription, Subscription];
      const list = async (query: Partial<SubscriptionQuery> = {}): Promise<string[]> => {
        const page = await store.listSubscriptions(workspaceId, aQuery(query));
        return page.items.map(({ id }) => id);
      };
      return { store, workspaceId, first: first.id, second: second.id, third: third.id, made, list };
    }

    test('are sorted as asked, and whole', async () => {
      const { store, workspaceId, first, second, third, made, list } = await arrange();
      expect(await list()).toEqual([third, second, first]);
      expect(await list({ sortOrder: 'asc' })).toEqual([first, second, third]);
      expect(await list({ sortBy: 'updatedAt' })).toEqual([first, second, third]);
      expect(await list({ sortBy: 'url', sortOrder: 'asc' })).toEqual([second, first, third]);
      const page = await store.listSubscriptions(workspaceId, aQuery({ sortOrder: 'asc' }));
      expect(page).toEqual({ items: made, total: 3 });
    });

    test('come in pages, with the total of all of them', async () => {
      const { store, workspaceId, first, second, third } = await arrange();
      const page = (number: number) =>
        store.listSubscriptions(workspaceId, aQuery({ page: number, limit: 2 }));
      expect(await page(1)).toMatchObject({ items: [{ id: third }, { id: second }], total: 3 });
      expect(await page(2)).toMatchObject({ items: [{ id: first }], total: 3 });
      expect(await page(3)).toEqual({ items: [], total: 3 });
    });

    test('can be filtered', async () => {
      const { first, second, third, list } = await arrange();
      expect(await list({ active: true })).toEqual([second, first]);
      expect(await list({ active: false })).toEqual([third]);
      expect(await list({ eventType: 'crm.*' })).toEqual([second]);
      expect(await list({ eventType: 'crm.lead.created' })).toEqual([first]);
      expect(await list({ eventType: 'crm.lead' })).toEqual([]);
      expect(await list({ url: 'https://a.example.com/X' })).toEqual([second]);
      expect(await list({ url: 'https://a.example.com/x' })).toEqual([]);
      expect(await list({ active: true, url: 'https://c.example.com/' })).toEqual([]);
    });

    test('are searched without regard to case, and no character is special', async () => {
      const { first, third, list } = await arrange();
      expect(await list({ search: 'MY_crm' })).toEqual([third]);
      expect(await list({ search: '100%' })).toEqual([first]);
      expect(await list({ search: '%' })).toEqual([first]);
      expect(await list({ search: '_' })).toEqual([third]);
      expect(await list({ search: "'" })).toEqual([]);
      expect(await list({ search: 'EXAMPLE.com' })).toHaveLength(3);
    });
  });
}

function aQuery(given: Partial<SubscriptionQuery> = {}): SubscriptionQuery {
  return { sortBy: 'createdAt', sortOrder: 'desc', page: 1, limit: 100, ...given };
}
