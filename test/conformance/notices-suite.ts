import { describe, expect, test } from 'vitest';
import type { FailingDue, NewNotice } from '../../src/store/contract/subscriptions.ts';
import type { OpenStore } from './fixtures.ts';
import {
  T0,
  aNotice,
  aRecord,
  failed,
  makeSubscription,
  makeWorkspace,
  publish,
  retryAt,
} from './fixtures.ts';
import { storePerTest } from './opened.ts';

const LATER = T0 + 1_000_000;

/** All that have failed since this moment or longer. */
function since(moment: number): FailingDue {
  return { noticeSince: moment, deactivateSince: moment, failedDeliveries: 0 };
}

export function describeNotices(open: OpenStore): void {
  describe('failing subscriptions', () => {
    const opened = storePerTest(open);

    async function arrange() {
      const { store, epoch } = opened;
      const workspaceId = await makeWorkspace(store);
      const subscription = await makeSubscription(store, workspaceId);
      const fail = async (given: { startedAt: number } & ReturnType<typeof failed>) => {
        const event = await publish(store, epoch, [subscription]);
        await store.recordAttempts(epoch, [aRecord(event, given)], T0);
      };
      const succeed = async () => {
        const event = await publish(store, epoch, [subscription]);
        await store.recordAttempts(epoch, [aRecord(event)], T0);
      };
      return { store, epoch, workspaceId, subscription, fail, succeed };
    }

    test('are failing since the start of the first attempt that failed, with the deliveries that ended so', async () => {
      const { store, subscription, fail } = await arrange();
      await fail({ startedAt: T0 + 5, ...retryAt(LATER) });
      await fail({ startedAt: T0 + 7, ...failed() });
      await fail({ startedAt: T0 + 9, ...failed() });
      const expected = { subscription, failingSince: T0 + 5, failedDeliveries: 2, noticed: false };
      expect(await store.listFailing(since(T0 + 5), 10)).toEqual([expected]);
      expect(await store.listFailing(since(T0 + 4), 10)).toEqual([]);
    });

    test('are failing no more after one success', async () => {
      const { store, fail, succeed } = await arrange();
      await fail({ startedAt: T0, ...failed() });
      await succeed();
      expect(await store.listFailing(since(LATER), 10)).toEqual([]);
      await fail({ startedAt: T0 + 50, ...failed() });
      expect(await store.listFailing(since(LATER), 10)).toMatchObject([
        { failingSince: T0 + 50, failedDeliveries: 1 },
      ]);
    });

    test('are the active ones only, longest failing first, at most the limit', async () => {
      const { store, epoch, workspaceId } = await arrange();
      const made = await Promise.all(Array.from({ length: 5 }, () => makeSubscription(store, workspaceId)));
      for (const [index, subscription] of made.entries()) {
        const event = await publish(store, epoch, [subscription]);
        await store.recordAttempts(epoch, [aRecord(event, { startedAt: T0 - index, ...failed() })], T0);
      }
      const ids = made.map(({ id }) => id);
      await store.updateSubscription(workspaceId, ids[2] ?? '', { status: 'inactive' }, T0);
      await store.deleteSubscription(workspaceId, ids[1] ?? '', T0);
      await store.deactivateSubscription(workspaceId, ids[0] ?? '', 'failing', aNotice(), T0);
      const failing = await store.listFailing(since(LATER), 10);
      expect(failing.map(({ subscription }) => subscription.id)).toEqual([ids[4], ids[3]]);
      expect(await store.listFailing(since(LATER), 1)).toHaveLength(1);
    });

    test('begin anew when they come back', async () => {
      const { store, workspaceId, subscription, fail } = await arrange();
      await fail({ startedAt: T0, ...failed() });
      await store.deactivateSubscription(workspaceId, subscription.id, 'failing', aNotice(), T0);
      await store.updateSubscription(workspaceId, subscription.id, { status: 'active' }, T0);
      expect(await store.listFailing(since(LATER), 10)).toEqual([]);
    });

    test('a failure of an attempt from before the switch does not count', async () => {
      const { store, epoch, workspaceId, subscription } = await arrange();
      const event = await publish(store, epoch, [subscription]);
      await store.updateSubscription(workspaceId, subscription.id, { status: 'inactive' }, T0);
      await store.updateSubscription(workspaceId, subscription.id, { status: 'active' }, T0);
      await store.recordAttempts(epoch, [aRecord(event, failed())], T0);
      expect(await store.listFailing(since(LATER), 10)).toEqual([]);
    });

    test('are listed when a notice or deactivation is due, and left out while they only wait', async () => {
      const { store, workspaceId, subscription, fail } = await arrange();
      await fail({ startedAt: T0, ...failed() });
      await fail({ startedAt: T0 + 1, ...failed() });
      const listed = async (due: FailingDue) => (await store.listFailing(due, 10)).length;
      const never = { noticeSince: T0 - 1, deactivateSince: T0 - 1, failedDeliveries: 2 };
      expect(await listed(never)).toBe(0);
      expect(await listed({ ...never, noticeSince: T0 })).toBe(1);
      await store.noticeFailing(workspaceId, subscription.id, aNotice(), T0);
      expect(await listed({ ...never, noticeSince: T0 })).toBe(0);
      expect(await listed({ ...never, deactivateSince: T0 })).toBe(1);
      expect(await listed({ ...never, deactivateSince: T0, failedDeliveries: 3 })).toBe(0);
    });

    test('get one notice for each failing period', async () => {
      const { store, workspaceId, subscription, fail, succeed } = await arrange();
      const { id } = subscription;
      const notice = () => store.noticeFailing(workspaceId, id, aNotice('webhook.subscription.failing'), T0);
      expect(await notice()).toBe(false);
      await fail({ startedAt: T0, ...retryAt(LATER) });
      expect([await notice(), await notice()]).toEqual([true, false]);
      expect(await store.listFailing(since(LATER), 10)).toMatchObject([{ noticed: true }]);
      await succeed();
      expect(await notice()).toBe(false);
      await fail({ startedAt: T0, ...retryAt(LATER) });
      expect(await notice()).toBe(true);
      expect(await store.listNotices(10)).toHaveLength(2);
    });

    test('are noticed in their own workspace only', async () => {
      const { store, subscription, fail } = await arrange();
      await fail({ startedAt: T0, ...failed() });
      expect(await store.noticeFailing(await makeWorkspace(store), subscription.id, aNotice(), T0)).toBe(
        false,
      );
      expect(await store.listNotices(10)).toEqual([]);
    });
  });

  describe('notices', () => {
    const opened = storePerTest(open);

    async function deactivate(
      at: number,
    ): Promise<NewNotice & { workspaceId: string; subscriptionId: string }> {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const { id } = await makeSubscription(store, workspaceId);
      const notice = aNotice();
      await store.deactivateSubscription(workspaceId, id, 'failing', notice, at);
      return { ...notice, workspaceId, subscriptionId: id };
    }

    test('come oldest first, at most the limit, until they are removed', async () => {
      const { store } = opened;
      const left = [await deactivate(T0 + 2), await deactivate(T0 + 1), await deactivate(T0 + 3)];
      const [first, second, third] = left;
      expect(await store.listNotices(2)).toEqual([
        { ...first, createdAt: T0 + 2 },
        { ...second, createdAt: T0 + 1 },
      ]);
      await store.removeNotices([first?.eventId ?? '', third?.eventId ?? '', 'evt_unknown']);
      expect(await store.listNotices(10)).toMatchObject([{ eventId: second?.eventId }]);
    });

    test('are not left when nothing was deactivated', async () => {
      const { store } = opened;
      const { workspaceId, subscriptionId } = await deactivate(T0);
      await store.deactivateSubscription(workspaceId, subscriptionId, 'gone', aNotice(), T0);
      expect(await store.listNotices(10)).toHaveLength(1);
    });
  });
}
