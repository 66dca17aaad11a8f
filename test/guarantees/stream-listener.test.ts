import { expect, test } from 'vitest';
import type { StreamFilter, StreamSink } from '../../src/management/stream-listener.ts';
import { StreamListener } from '../../src/management/stream-listener.ts';
import type { StreamItem, StreamKind } from '../../src/store/contract/stream.ts';

const ALL: StreamFilter = {
  kinds: new Set(['event', 'delivery']),
  eventTypes: [],
  subscriptionId: null,
};

/** A listener that has seen the item `after`, of a stream whose newest is `last`; and what its client is sent. */
function listen(given: { after?: number | null; last: number; filter?: Partial<StreamFilter> }) {
  const sent: string[] = [];
  const sink: StreamSink = {
    item: ({ number, kind }) => sent.push(`${kind} ${number}`),
    gap: (after, before) => sent.push(`gap ${after}..${before}`),
    beat: (number) => sent.push(`beat ${number}`),
    end: (reason) => sent.push(`end ${reason}`),
    unreadBytes: 0,
    drained: () => Promise.resolve(),
    onGone: () => undefined,
  };
  const { after = null, last, filter } = given;
  const listener = new StreamListener({ filter: { ...ALL, ...filter }, after, last }, sink);
  return { listener, sent };
}

function item(number: number, kind: StreamKind = 'event', about: Partial<StreamItem> = {}): StreamItem {
  return { number, kind, eventType: 'crm.lead.created', subscriptionId: null, data: '{}', ...about };
}

test('whatever number is missing is a gap, and the rest comes once and in order', () => {
  const { listener, sent } = listen({ after: 10, last: 12 });
  listener.show([item(11), item(12)], 12);
  listener.show([item(12), item(13), item(15), item(20)], 20);
  expect(sent).toEqual([
    'beat 10',
    'event 11',
    'event 12',
    'event 13',
    'gap 13..15',
    'event 15',
    'gap 15..20',
    'event 20',
  ]);
  expect(listener.position).toBe(20);
});

test('where all that there was is gone, that is a gap up to the newest', () => {
  const { listener, sent } = listen({ after: 10, last: 30 });
  listener.show([], 30);
  listener.show([], 30);
  listener.show([item(31)], 31);
  expect(sent).toEqual(['beat 10', 'gap 10..31', 'event 31']);
});

test('a number of another stream is a gap at once, and the stream goes on from its newest', () => {
  const { listener, sent } = listen({ after: 99, last: 30 });
  listener.show([item(31)], 31);
  expect(sent).toEqual(['gap 99..31', 'beat 30', 'event 31']);
});

test('what is not asked for is no gap; what a node could not write is told to everybody', () => {
  const { listener, sent } = listen({ last: 0, filter: { kinds: new Set(['delivery']) } });
  const unknown = { eventType: null };
  listener.show(
    [item(1), item(2, 'missed', unknown), item(3, 'subscription', unknown), item(4, 'delivery')],
    4,
  );
  expect(sent).toEqual(['beat 0', 'missed 2', 'delivery 4']);
});

test('many deliveries at once come with `delivery`, of the subscription asked for, whatever the types', () => {
  const many = [item(1, 'deliveries', { eventType: null, subscriptionId: 'a' })];
  const shownTo = (filter: Partial<StreamFilter>): string[] => {
    const { listener, sent } = listen({ last: 0, filter });
    listener.show(many, 1);
    return sent.slice(1);
  };
  expect(shownTo({ eventTypes: ['inbox.*'] })).toEqual(['deliveries 1']);
  expect(shownTo({ subscriptionId: 'a' })).toEqual(['deliveries 1']);
  expect(shownTo({ subscriptionId: 'b' })).toEqual([]);
  expect(shownTo({ kinds: new Set(['event']) })).toEqual([]);
});
