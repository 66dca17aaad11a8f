import { describe, expect, test } from 'vitest';
import type { OpenStore } from './fixtures.ts';
import {
  HEALTH,
  T0,
  aNotice,
  aRecord,
  makeSubscription,
  makeWorkspace,
  publish,
  retryAt,
} from './fixtures.ts';
import { storePerTest } from './opened.ts';

const MINUTE = 60_000;

export function describeBacklog(open: OpenStore): void {
  describe('a workspace whose deliveries are late', () => {
    const opened = storePerTest(open);

    async function arrange() {
      const { store, epoch } = opened;
      const workspaceId = await makeWorkspace(store);
      return { store, epoch, workspaceId, subscription: await makeSubscription(store, workspaceId) };
    }

    test('is listed by its oldest due delivery, of first attempts and retries, owned or not', async () => {
      const { store, epoch, workspaceId, subscription } = await arrange();
      const other = await makeSubscription(store, workspaceId);
      const later = await makeSubscription(store, await makeWorkspace(store));
      await publish(store, epoch, [subscription], { at: T0 });
      const retried = await publish(store, epoch, [other], { at: T0 });
      await store.recordAttempts(epoch, [aRecord(retried, retryAt(T0 + MINUTE))], T0);
      await store.releaseLanes(epoch, [{ subscriptionId: other.id, health: HEALTH }]);
      await publish(store, epoch, [later], { at: T0 + 5 * MINUTE });
      expect(await store.listDelayed(T0, 10)).toEqual([]);
      expect(await store.listDelayed(T0 + MINUTE, 10)).toEqual([
        { workspaceId, oldestDueAt: T0, subscriptions: 1 },
      ]);
      expect(await store.listDelayed(T0 + MINUTE + 1, 10)).toEqual([
        { workspaceId, oldestDueAt: T0, subscriptions: 2 },
      ]);
      const both = [workspaceId, later.workspaceId];
      const listed = async (limit: number) =>
        (await store.listDelayed(T0 + 9 * MINUTE, limit)).map((each) => each.workspaceId);
      expect(await listed(10)).toEqual(both);
      expect(await listed(1)).toEqual([workspaceId]);
    });

    test('is not late for what waits for its turn, has ended, or is cancelled', async () => {
      const { store, epoch, workspaceId, subscription } = await arrange();
      const stopped = await makeSubscription(store, workspaceId);
      const [ended, waiting] = [
        await publish(store, epoch, [subscription], { at: T0 }),
        await publish(store, epoch, [subscription], { at: T0 }),
      ];
      await publish(store, epoch, [stopped], { at: T0 });
      await store.recordAttempts(epoch, [aRecord(ended), aRecord(waiting, retryAt(T0 + 60 * MINUTE))], T0);
      await store.updateSubscription(workspaceId, stopped.id, { status: 'inactive' }, T0);
      expect(await store.listDelayed(T0 + 9 * MINUTE, 10)).toEqual([]);
    });

    test('is told once, and once that it is over; then it may begin anew', async () => {
      const { store, epoch, workspaceId, subscription } = await arrange();
      const event = await publish(store, epoch, [subscription], { at: T0 });
      const delayed = () => aNotice('webhook.backlog.delayed');
      const [first, second, again] = [delayed(), delayed(), delayed()];
      const over = aNotice('webhook.backlog.recovered');
      expect(await store.noticeDelayed(workspaceId, first, T0)).toBe(true);
      expect(await store.noticeDelayed(workspaceId, second, T0)).toBe(false);
      expect(await store.listDelayed(T0 + MINUTE, 10)).toEqual([]);
      expect(await store.listRecovered(T0 + MINUTE, 10)).toEqual([]);
      await store.recordAttempts(epoch, [aRecord(event)], T0);
      expect(await store.listRecovered(T0 + MINUTE, 10)).toEqual([workspaceId]);
      expect(await store.noticeRecovered(workspaceId, over, T0 + 1)).toBe(true);
      expect(await store.noticeRecovered(workspaceId, second, T0 + 1)).toBe(false);
      expect(await store.listRecovered(T0 + MINUTE, 10)).toEqual([]);
      const about = { workspaceId, subscriptionId: null };
      expect(await store.listNotices(10)).toEqual([
        { ...first, ...about, createdAt: T0 },
        { ...over, ...about, createdAt: T0 + 1 },
      ]);
      await store.removeNotices([first.eventId, over.eventId]);
      expect(await store.listNotices(10)).toEqual([]);
      expect(await store.noticeDelayed(workspaceId, again, T0 + 2)).toBe(true);
    });
  });
}
