import { expect, test } from 'vitest';
import { invalid, Refusal } from '../../src/domain/errors.ts';
import type { EventToPublish, Published } from '../../src/engine/engine.ts';
import type { BatchItem } from '../../src/engine/intake/batch-request.ts';
import { publishBatch } from '../../src/management/publish-batch.ts';

const BUSY = new Refusal('UNAVAILABLE', 'Too much waits.', { retryAfterS: 1 });
const WRONG = invalid([{ path: 'data', message: 'is required' }]);

function item(eventType: string): BatchItem {
  return { eventType, data: new Uint8Array(2), warnings: [] };
}

/** Takes what is not `busy.now` or `broken.here`. */
const engine = {
  publish({ eventType, workspaceId }: EventToPublish): Promise<Published> {
    if (eventType === 'busy.now') return Promise.reject(BUSY);
    if (eventType === 'broken.here') return Promise.reject(new Error('ours'));
    const header = { eventId: 'e', eventType, timestamp: 't', workspaceId, orderingKey: null };
    return Promise.resolve({ ...header, deliveries: 0, duplicate: false });
  },
};

async function outcomes(...items: BatchItem[]): Promise<unknown[]> {
  const results = await publishBatch(engine, 'w', items);
  return results.map((result) => ('event' in result ? result.event.eventType : result.error));
}

test('of which a part could not be taken says so of that part', async () => {
  expect(await outcomes(item('a.b'), item('busy.now'), WRONG)).toEqual(['a.b', BUSY, WRONG]);
});

test('of which nothing was accepted is unavailable as a whole, though some of it is wrong besides', async () => {
  await expect(outcomes(item('busy.now'), WRONG, item('busy.now'))).rejects.toBe(BUSY);
  await expect(outcomes(WRONG, item('broken.here'))).rejects.toThrow('ours');
});

test('of which everything is wrong is answered: trying again would not help', async () => {
  expect(await outcomes(WRONG, WRONG)).toEqual([WRONG, WRONG]);
});
