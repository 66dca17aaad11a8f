import { expect, test } from 'vitest';
import type { ToldDelivery, ToldEvent } from '../../src/management/event-story.ts';
import { countDeliveries, tellStory, tellWholeStory } from '../../src/management/event-story.ts';

const DUE = Date.parse('2026-03-24T14:30:00.000Z');

function told(state: ToldDelivery['state'], given: Partial<ToldDelivery> = {}): ToldDelivery {
  return {
    subscriptionId: 's1',
    subscriptionStatus: 'active',
    state,
    failureReason: null,
    attempts: 1,
    dueAt: null,
    lastOutcome: 'success',
    lastStatusCode: 200,
    replayOf: null,
    ...given,
  };
}

const FAILED = { lastOutcome: 'http_status', lastStatusCode: 500 } as const;

function wholeStory(...deliveries: ToldDelivery[]): string {
  const states: ToldEvent['states'] = {};
  for (const { state } of deliveries) states[state] = (states[state] ?? 0) + 1;
  return tellWholeStory(
    { deliveryCount: new Set(deliveries.map((each) => each.subscriptionId)).size, states },
    deliveries,
  );
}

test.each<[string, ToldDelivery[]]>([
  ['No subscription matched, so nothing was sent.', []],
  ['Delivered to its one subscription.', [told('succeeded')]],
  ['The one matching subscription was not active, so nothing was sent.', [told('skipped', { attempts: 0 })]],
  [
    'Its one delivery waits for its first attempt.',
    [told('pending', { attempts: 0, dueAt: DUE, lastOutcome: null })],
  ],
  [
    'Not delivered yet: 3 attempts failed, the last one with HTTP 500. The next attempt is due at 2026-03-24T14:30:00.000Z.',
    [told('pending', { ...FAILED, attempts: 3, dueAt: DUE })],
  ],
  [
    'Not delivered: 13 attempts failed, the last one with a timeout, and there is no further one.',
    [
      told('failed', {
        attempts: 13,
        lastOutcome: 'timeout',
        lastStatusCode: null,
        failureReason: 'exhausted',
      }),
    ],
  ],
  [
    'Not delivered: 1 attempt failed, the last one with HTTP 410, and the subscription was deactivated for it.',
    [told('failed', { lastOutcome: 'http_status', lastStatusCode: 410, failureReason: 'gone' })],
  ],
  [
    'Not delivered: one node after the other died while it made the attempt.',
    [told('failed', { attempts: 0, lastOutcome: null, failureReason: 'crashed_nodes' })],
  ],
  ['Cancelled before its first attempt.', [told('cancelled', { attempts: 0 })]],
  [
    'Cancelled after 2 attempts; its subscription is deactivated.',
    [told('cancelled', { ...FAILED, attempts: 2, subscriptionStatus: 'deactivated' })],
  ],
  [
    'Delivered to its one subscription, by a replay.',
    [told('succeeded', { replayOf: 'd' }), told('failed', FAILED)],
  ],
  ['Delivered to all 2 subscriptions.', [told('succeeded'), told('succeeded', { subscriptionId: 's2' })]],
  [
    '4 deliveries: 1 succeeded, 1 pending, 2 failed. The next attempt is due at 2026-03-24T14:30:00.000Z. Failed with HTTP 500, a DNS error.',
    [
      told('succeeded'),
      told('pending', { ...FAILED, subscriptionId: 's2', dueAt: DUE }),
      told('failed', { ...FAILED, subscriptionId: 's3' }),
      told('failed', { subscriptionId: 's4', lastOutcome: 'dns' }),
    ],
  ],
])('%s', (sentence, deliveries) => {
  expect(wholeStory(...deliveries)).toBe(sentence);
});

test('a list tells the same from numbers alone, replays included', () => {
  const event = (deliveryCount: number, states: ToldEvent['states']) => ({ deliveryCount, states });
  expect(tellStory(event(0, {}))).toBe('No subscription matched, so nothing was sent.');
  expect(tellStory(event(1, { succeeded: 1 }))).toBe('Delivered to its one subscription.');
  expect(tellStory(event(2, { succeeded: 5 }))).toBe(
    'Delivered to all 2 subscriptions, and again by 3 replays.',
  );
  expect(tellStory(event(0, { succeeded: 1 }))).toBe('Delivered by 1 replay.');
  expect(tellStory(event(1, { failed: 1, succeeded: 1 }))).toBe(
    '2 deliveries (1 by replay): 1 succeeded, 1 failed.',
  );
  expect(tellStory(event(3, { skipped: 3 }))).toBe(
    'None of the 3 matching subscriptions was active, so nothing was sent.',
  );
  expect(tellStory(event(200, { pending: 100 }))).toBe('200 deliveries: 100 pending, 100 still to be made.');
  expect(countDeliveries(event(2, { succeeded: 5 }))).toBe(5);
  expect(countDeliveries(event(200, { pending: 100 }))).toBe(200);
});
