import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { LOOKED_AT_MAX } from '../../src/store/page.ts';
import { StoreUnavailable } from '../../src/store/store.ts';
import { T0, anEvent, makeSubscription, makeWorkspace } from '../conformance/fixtures.ts';
import { STORE_FILE } from '../support/sqlite-connection.ts';
import { openTemporarySqlite } from '../support/temporary-sqlite.ts';

const PAGE_BYTES = 4096;

async function arrange() {
  const opened = await openTemporarySqlite();
  onTestFinished(() => opened.close());
  const { store } = opened;
  const { epoch } = await store.registerNode(T0, 3);
  const workspaceId = await makeWorkspace(store);
  const subscription = await makeSubscription(store, workspaceId);
  return { store, epoch, workspaceId, subscription };
}

/** One call with more deliveries than a page may look at. */
async function fillHistory({ store, epoch, workspaceId, subscription }: Awaited<ReturnType<typeof arrange>>) {
  const to = Array.from({ length: 1_000 }, () => subscription);
  for (let deliveries = 0; deliveries <= LOOKED_AT_MAX; deliveries += to.length) {
    await store.commitEvents(epoch, [anEvent(workspaceId, to)], true, T0 + deliveries);
  }
}

describe('the threads of the embedded store', () => {
  test('a slow read does not hold up commits', async () => {
    const arranged = await arrange();
    const { store, epoch, workspaceId } = arranged;
    await fillHistory(arranged);
    const finished: string[] = [];
    const reads = Array.from({ length: 5 }, async () => {
      await store.listDeliveries(workspaceId, { limit: 1, statusCode: 418 });
      finished.push('read');
    });
    for (let i = 0; i < 3; i++) {
      await store.commitEvents(epoch, [anEvent(workspaceId)], true, T0);
      finished.push('commit');
    }
    await Promise.all(reads);
    expect(finished.at(-1)).toBe('read');
    expect(finished.filter((what) => what === 'commit')).toHaveLength(3);
  });

  test('one page looks at so many rows and no more, and its cursor goes on to the end', async () => {
    const arranged = await arrange();
    const { store, epoch, workspaceId, subscription } = arranged;
    const oldest = anEvent(workspaceId, [subscription], { eventType: 'customer.created' });
    await store.commitEvents(epoch, [oldest], true, T0 - 1);
    await fillHistory(arranged);
    const query = { limit: 10, eventType: 'customer.created' };
    const first = await store.listDeliveries(workspaceId, query);
    expect(first.items).toEqual([]);
    const second = await store.listDeliveries(workspaceId, { ...query, cursor: first.nextCursor ?? '' });
    expect(second.items).toMatchObject([{ eventId: oldest.eventId }]);
    expect(second.nextCursor).toBeNull();
  });

  test('damage found while running ends the store, and says so once', async () => {
    const deaths: Error[] = [];
    const first = await openTemporarySqlite();
    const workspaceId = await makeWorkspace(first.store);
    const data = JSON.stringify({ text: 'x'.repeat(3_000) });
    const events = Array.from({ length: 500 }, () => anEvent(workspaceId, [], { data }));
    await first.store.commitEvents(1, events, true, T0);
    await first.store.close();

    let died = (): void => {};
    const death = new Promise<void>((resolve) => (died = resolve));
    const { store, dataDir, close } = await openTemporarySqlite({
      dataDir: first.dataDir,
      onDeath(error) {
        deaths.push(error);
        died();
      },
    });
    onTestFinished(close);
    const path = join(dataDir, STORE_FILE);
    const { size } = await stat(path);
    const file = await open(path, 'r+');
    // All but the first pages, which hold the schema and the roots.
    const from = 50 * PAGE_BYTES;
    await file.write(Buffer.alloc(size - from, 0xaa), 0, size - from, from);
    await file.close();
    await expect(store.listEvents(workspaceId, { limit: 100 })).rejects.toBeInstanceOf(StoreUnavailable);
    await death;
    expect(deaths).toHaveLength(1);
    await expect(store.listEvents(workspaceId, { limit: 1 })).rejects.toBeInstanceOf(StoreUnavailable);
  });
});
