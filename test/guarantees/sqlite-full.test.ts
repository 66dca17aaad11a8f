import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { NewEvent } from '../../src/store/contract/events.ts';
import { StoreUnavailable } from '../../src/store/store.ts';
import {
  T0,
  aRecord,
  anEvent,
  deliveryIdOf,
  makeSubscription,
  makeWorkspace,
} from '../conformance/fixtures.ts';
import type { Subscription } from '../../src/domain/subscription.ts';
import type { TemporarySqlite } from '../support/temporary-sqlite.ts';
import { openTemporarySqlite } from '../support/temporary-sqlite.ts';

const MAX_BYTES = 2 * 1024 * 1024;
const DATA = JSON.stringify({ text: 'x'.repeat(10_000) });

let opened: TemporarySqlite;
let epoch: number;
let subscription: Subscription;
beforeEach(async () => {
  opened = await openTemporarySqlite({ maxBytes: MAX_BYTES });
  epoch = (await opened.store.registerNode(T0, 3)).epoch;
  subscription = await makeSubscription(opened.store, await makeWorkspace(opened.store));
});
afterEach(() => opened.close());

function commit(event: NewEvent) {
  return opened.store.commitEvents(epoch, [event], true, T0);
}

/** Publishes until the store takes no more; answers what it took, and what it refused. */
async function fill(): Promise<{ taken: NewEvent[]; refused: NewEvent; error: unknown }> {
  const taken: NewEvent[] = [];
  for (;;) {
    const event = anEvent(subscription.workspaceId, [subscription], { data: DATA });
    try {
      await commit(event);
      taken.push(event);
    } catch (error) {
      return { taken, refused: event, error };
    }
  }
}

describe('a full store', () => {
  test('refuses events, says so to the readiness check, and has nothing of what it refused', async () => {
    const { taken, refused, error } = await fill();
    expect(error).toBeInstanceOf(StoreUnavailable);
    expect(taken.length).toBeGreaterThan(100);
    await expect(opened.store.probe(T0)).rejects.toBeInstanceOf(StoreUnavailable);
    expect(await opened.store.findEvent(subscription.workspaceId, refused.eventId)).toBeUndefined();
    expect(await opened.store.measureBacklog(T0)).toMatchObject({ pending: taken.length });
  });

  test('still records the outcomes of what it accepted', async () => {
    const { taken } = await fill();
    const records = taken.map((event) => aRecord(event));
    const results = await opened.store.recordAttempts(epoch, records, T0);
    expect(results.every(({ result }) => result === 'recorded')).toBe(true);
  });

  test('goes on by itself when there is room again', async () => {
    const { refused } = await fill();
    await opened.store.setMaxBytes(2 * MAX_BYTES);
    await opened.store.probe(T0);
    expect((await commit(refused)).events).toEqual([{ outcome: 'stored' }]);
    const more = await fill();
    expect(more.taken.length).toBeGreaterThan(100);
    await opened.store.setMaxBytes(0);
    expect((await commit(more.refused)).events).toEqual([{ outcome: 'stored' }]);
  });

  test('to the last page rejects a whole call, and takes it when there is room again', async () => {
    const { taken } = await fill();
    const responseBody = new Uint8Array(16 * 1024);
    const results = await Promise.allSettled(
      taken.map((event) =>
        opened.store.recordAttempts(epoch, [aRecord(event, { attempt: { responseBody } })], T0),
      ),
    );
    const recorded = taken.filter((_, index) => results[index]?.status === 'fulfilled');
    const refused = taken.filter((_, index) => results[index]?.status === 'rejected');
    for (const result of results) {
      if (result.status === 'rejected' && !(result.reason instanceof StoreUnavailable)) throw result.reason;
    }
    expect(refused.length).toBeGreaterThan(0);
    expect(recorded.length).toBeGreaterThan(0);
    const find = (event: NewEvent) =>
      opened.store.findDelivery(subscription.workspaceId, deliveryIdOf(event));
    for (const event of refused) expect(await find(event)).toMatchObject({ state: 'pending', attempts: 0 });
    for (const event of recorded) expect(await find(event)).toMatchObject({ state: 'succeeded' });
    await opened.store.setMaxBytes(0);
    const again = await opened.store.recordAttempts(
      epoch,
      refused.map((event) => aRecord(event, { attempt: { responseBody } })),
      T0,
    );
    expect(again.every(({ result }) => result === 'recorded')).toBe(true);
  });
});
