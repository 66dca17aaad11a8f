import { expect, test } from 'vitest';
import type { Subscription } from '../../src/domain/subscription.ts';
import { FANOUT_CHUNK } from '../../src/engine/fanout/fanout-cursor.ts';
import { FanoutFinisher } from '../../src/engine/fanout/fanout-finisher.ts';
import { SubscriptionIndex } from '../../src/engine/fanout/subscription-index.ts';
import type { FanoutChunk, UnfinishedFanout } from '../../src/store/contract/events.ts';

/** Finishes fan-outs to workspaces of so many chunks each, and notes every chunk in order. */
class Desk {
  readonly chunks: FanoutChunk[] = [];
  underWay = 0;
  underWayMax = 0;
  /** Called before each commit; may throw. */
  beforeCommit: (chunk: FanoutChunk) => void = () => undefined;
  /** What the store has. */
  unfinished: UnfinishedFanout[] = [];
  isShared = false;
  now = 0;
  looksWanted = 0;
  readonly finisher: FanoutFinisher<never[]>;

  constructor(chunksOf: Record<string, number>) {
    const index = new SubscriptionIndex((workspaceId) =>
      Promise.resolve({
        version: 1,
        subscriptions: Array.from({ length: (chunksOf[workspaceId] ?? 0) * FANOUT_CHUNK }, (_, i) =>
          subscription(i),
        ),
      }),
    );
    this.finisher = new FanoutFinisher({
      index,
      listUnfinished: () => Promise.resolve(this.unfinished),
      commit: async (chunk) => {
        this.underWay += 1;
        this.underWayMax = Math.max(this.underWayMax, this.underWay);
        await new Promise((resolve) => setImmediate(resolve));
        this.underWay -= 1;
        this.beforeCommit(chunk);
        this.chunks.push(chunk);
        return [];
      },
      loadData: () => Promise.resolve('{}'),
      deliveriesTo: (subscriptions) =>
        subscriptions.map(({ id }) => ({ id, subscriptionId: id, generation: 1, state: 'pending' })),
      onCommitted: () => undefined,
      now: () => 0,
      monotonic: () => this.now,
      isShared: () => this.isShared,
      lookAgainIn: () => (this.looksWanted += 1),
    });
  }

  get order(): string {
    return this.chunks.map(({ workspaceId }) => workspaceId).join('');
  }
}

function subscription(i: number): Subscription {
  const url = 'https://receiver.example/hook';
  return {
    id: String(i).padStart(6, '0'),
    url,
    events: ['*'],
    filter: null,
    createdAt: 0,
  } as unknown as Subscription;
}

function fanout(workspaceId: string, eventId: string): UnfinishedFanout {
  return { workspaceId, eventId, eventType: 'every.thing', matchedVersion: null, fanoutCursor: '' };
}

test('workspaces take turns with their chunks, and one chunk is under way at a time', async () => {
  const desk = new Desk({ a: 5, b: 2 });
  const crowd = ['1', '2', '3'].map((eventId) => desk.finisher.finish(fanout('a', eventId)));
  await Promise.all([...crowd, desk.finisher.finish(fanout('b', '1'))]);
  expect(desk.order).toBe('ababaaaaaaaaaaaaa');
  expect(desk.underWayMax).toBe(1);
  expect(desk.chunks.flatMap(({ deliveries }) => deliveries)).toHaveLength(17 * FANOUT_CHUNK);
});

test('the events of a workspace come one after the other', async () => {
  const desk = new Desk({ a: 2 });
  await Promise.all(['1', '2', '3'].map((eventId) => desk.finisher.finish(fanout('a', eventId))));
  expect(desk.chunks.map(({ eventId }) => eventId).join('')).toBe('112233');
});

test('a chunk that the store refuses ends its own fan-out only, which can be finished later', async () => {
  const desk = new Desk({ a: 2, b: 2 });
  desk.beforeCommit = ({ workspaceId, eventId }) => {
    if (workspaceId === 'a' && eventId === '1') throw new Error('full');
  };
  const results = await Promise.allSettled([
    desk.finisher.finish(fanout('a', '1')),
    desk.finisher.finish(fanout('a', '2')),
    desk.finisher.finish(fanout('b', '1')),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  desk.beforeCommit = () => undefined;
  await desk.finisher.finish(fanout('a', '1'));
  expect(desk.chunks.filter(({ eventId, workspaceId }) => workspaceId + eventId === 'a1')).toHaveLength(2);
});

test('what other nodes may be at work on is left to them while it moves, and finished once it stands still', async () => {
  const desk = new Desk({ a: 3 });
  desk.isShared = true;
  desk.unfinished = [fanout('a', '1')];
  await desk.finisher.finishAll();
  expect([desk.chunks.length, desk.looksWanted]).toEqual([0, 1]);
  // It has moved: its node lives.
  desk.unfinished = [{ ...fanout('a', '1'), fanoutCursor: '000099' }];
  desk.now = 5_000;
  await desk.finisher.finishAll();
  desk.now = 9_999;
  await desk.finisher.finishAll();
  expect([desk.chunks.length, desk.looksWanted]).toEqual([0, 3]);
  desk.now = 10_000;
  await desk.finisher.finishAll();
  expect(desk.chunks).toHaveLength(2);
});

test('where there is no other node what is unfinished is finished at once', async () => {
  const desk = new Desk({ a: 3 });
  desk.unfinished = [fanout('a', '1')];
  await desk.finisher.finishAll();
  expect([desk.chunks.length, desk.looksWanted]).toEqual([3, 0]);
});
