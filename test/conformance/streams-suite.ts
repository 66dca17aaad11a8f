import { describe, expect, test } from 'vitest';
import type { NewStreamItem } from '../../src/store/contract/stream.ts';
import { STREAM_ITEMS_KEPT } from '../../src/store/contract/stream.ts';
import type { OpenStore } from './fixtures.ts';
import { T0, makeWorkspace } from './fixtures.ts';
import { sharedStore } from './opened.ts';

const MINUTE = 60_000;

function items(workspaceId: string, ...texts: string[]): NewStreamItem[] {
  return texts.map((text) => ({
    workspaceId,
    kind: 'event',
    eventType: 'crm.lead.created',
    subscriptionId: null,
    data: JSON.stringify({ text }),
  }));
}

export function describeStreams(open: OpenStore): void {
  describe('live streams', () => {
    const opened = sharedStore(open);

    const textsOf = async (workspaceId: string, after: number, limit = 100): Promise<string[]> => {
      const page = await opened.store.readStream(workspaceId, after, limit);
      return page.items.map(({ data }) => (JSON.parse(data) as { text: string }).text);
    };

    test('number their items without a gap, in the order they were added', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const start = await store.listenTo(workspaceId, T0 + MINUTE, T0);
      await store.appendToStreams(items(workspaceId, 'a', 'b'));
      await store.appendToStreams(items(workspaceId, 'c'));
      const { items: all, last } = await store.readStream(workspaceId, start, 10);
      expect(all.map(({ number }) => number - start)).toEqual([1, 2, 3]);
      expect(last).toBe(start + 3);
      expect(await textsOf(workspaceId, start)).toEqual(['a', 'b', 'c']);
      expect(await textsOf(workspaceId, start + 1, 1)).toEqual(['b']);
      expect(all[0]).toMatchObject({ kind: 'event', eventType: 'crm.lead.created', subscriptionId: null });
    });

    test('are of their workspace alone, also when items come mixed', async () => {
      const { store } = opened;
      const [one, other] = [await makeWorkspace(store), await makeWorkspace(store)];
      const starts = [await store.listenTo(one, T0 + 2, T0), await store.listenTo(other, T0 + 1, T0)];
      const [a, b, c] = [items(one, 'a'), items(other, 'b'), items(one, 'c')];
      await store.appendToStreams([...a, ...b, ...c]);
      expect(await textsOf(one, starts[0] ?? 0)).toEqual(['a', 'c']);
      expect(await textsOf(other, starts[1] ?? 0)).toEqual(['b']);
    });

    test('that nobody opened take nothing', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      await store.appendToStreams(items(workspaceId, 'a'));
      expect(await store.readStream(workspaceId, 0, 10)).toEqual({ items: [], last: 0 });
    });

    test('tell which are listened to, and until when', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const isListened = async (at: number) => (await store.listListened(at)).includes(workspaceId);
      expect(await isListened(T0)).toBe(false);
      await store.listenTo(workspaceId, T0 + 2 * MINUTE, T0);
      await store.listenTo(workspaceId, T0 + MINUTE, T0);
      expect(await isListened(T0 + 2 * MINUTE - 1)).toBe(true);
      expect(await isListened(T0 + 2 * MINUTE)).toBe(false);
    });

    test('leave a number out where nobody listened in between, and never use one again', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const first = await store.listenTo(workspaceId, T0 + MINUTE, T0);
      expect(await store.listenTo(workspaceId, T0 + MINUTE, T0 + 30_000)).toBe(first);
      await store.appendToStreams(items(workspaceId, 'a'));
      const later = await store.listenTo(workspaceId, T0 + 9 * MINUTE, T0 + 5 * MINUTE);
      expect(later).toBeGreaterThan(first + 1);
      await store.appendToStreams(items(workspaceId, 'b'));
      const { items: all } = await store.readStream(workspaceId, first, 10);
      expect(all.at(-1)?.number).toBe(later + 1);
      // Set back: numbers go on all the same.
      expect(await store.listenTo(workspaceId, T0 + 1, T0)).toBeGreaterThanOrEqual(later + 1);
    });

    test('keep a bounded number of items, and none once nobody has come back', async () => {
      const { store } = opened;
      const workspaceId = await makeWorkspace(store);
      const start = await store.listenTo(workspaceId, T0 + MINUTE, T0);
      const many = items(workspaceId, ...Array.from({ length: STREAM_ITEMS_KEPT / 4 }, (_, i) => String(i)));
      for (let i = 0; i < 5; i++) await store.appendToStreams(many);
      const { items: oldest, last } = await store.readStream(workspaceId, start, 1);
      expect(last).toBe(start + 5 * many.length);
      expect(oldest[0]?.number).toBe(last - STREAM_ITEMS_KEPT + 1);
      for (let calls = 0; calls < 100 && (await store.keepHistory(T0 + 2 * MINUTE, 30)); calls++);
      expect(await store.readStream(workspaceId, start, 1)).toEqual({ items: [], last });
    });
  });
}
