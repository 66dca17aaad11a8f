import type { AttemptOutcome } from '../domain/attempt.ts';
import type { DeliveryState } from '../domain/delivery.ts';
import type { DeliveryView, EventView } from '../store/contract/history.ts';

/** States in the order a reader wants them: what worked, what may still, what will not. */
const WORDS: readonly (readonly [DeliveryState, string])[] = [
  ['succeeded', 'succeeded'],
  ['pending', 'pending'],
  ['failed', 'failed'],
  ['cancelled', 'cancelled'],
  ['skipped', 'skipped because its subscription was not active'],
];

const FAILURES: Readonly<Record<Exclude<AttemptOutcome, 'success' | 'http_status'>, string>> = {
  timeout: 'a timeout',
  dns: 'a DNS error',
  connect: 'a connection error',
  tls: 'a TLS error',
  protocol: 'a protocol error',
  blocked_address: 'a refused address',
};

export type ToldEvent = Pick<EventView, 'deliveryCount' | 'states'> &
  Partial<Pick<EventView, 'filteredOut' | 'erasedAt'>>;

/** What the story of an event tells of one of its deliveries. */
export type ToldDelivery = Pick<
  DeliveryView,
  | 'subscriptionId'
  | 'subscriptionStatus'
  | 'state'
  | 'failureReason'
  | 'attempts'
  | 'dueAt'
  | 'lastOutcome'
  | 'lastStatusCode'
  | 'replayOf'
>;

/** All deliveries that there are, replays included. */
export function countDeliveries({ deliveryCount, states }: ToldEvent): number {
  return Math.max(deliveryCount, madeOf(states));
}

/**
 * A sentence on what became of an event, from how many of its deliveries are in each state, one on whom filters kept it
 * from, and one on its erasure. Pure.
 */
export function tellStory(event: ToldEvent): string {
  return whole(event, tellDeliveries(event));
}

function whole(event: ToldEvent, story: string): string {
  return withErasure(event, withFilters(event, story));
}

function tellDeliveries(event: ToldEvent): string {
  const { deliveryCount: matched, states } = event;
  const count = countDeliveries(event);
  if (count === 0) return 'No subscription matched, so nothing was sent.';
  const made = madeOf(states);
  const replays = Math.max(0, made - matched);
  const [only] = WORDS.filter(([state]) => states[state] === count);
  if (only?.[0] === 'succeeded') {
    const again = replays === 0 ? '' : ` by ${counted(replays, 'replay')}`;
    if (matched === 0) return `Delivered${again}.`;
    return `Delivered to ${matched === 1 ? 'its one subscription' : `all ${matched} subscriptions`}${again && `, and again${again}`}.`;
  }
  if (only?.[0] === 'skipped') {
    return count === 1
      ? 'The one matching subscription was not active, so nothing was sent.'
      : `None of the ${count} matching subscriptions was active, so nothing was sent.`;
  }
  const parts = WORDS.flatMap(([state, words]) => {
    const number = states[state] ?? 0;
    return number === 0 ? [] : [`${number} ${words}`];
  });
  if (made < matched)
    parts.push(`${matched - made} ${event.erasedAt ? 'not made before the erasure' : 'still to be made'}`);
  const replayed = replays === 0 ? '' : ` (${replays} by replay)`;
  return `${count === 1 ? '1 delivery' : `${count} deliveries`}${replayed}: ${parts.join(', ')}.`;
}

/**
 * The same, told from the deliveries themselves, newest first, all of them; of each subscription the latest counts, since
 * a replay takes the place of what it replays. Also tells why, and when it goes on. Pure.
 */
export function tellWholeStory(event: ToldEvent, deliveries: readonly ToldDelivery[]): string {
  const latest = new Map<string, ToldDelivery>();
  for (const delivery of deliveries)
    if (!latest.has(delivery.subscriptionId)) latest.set(delivery.subscriptionId, delivery);
  const [only, ...others] = latest.values();
  if (only === undefined || madeOf(event.states) < event.deliveryCount) return tellStory(event);
  if (others.length === 0) return whole(event, tellOne(only));
  const all = [only, ...others];
  const states: Partial<Record<DeliveryState, number>> = {};
  for (const { state } of all) states[state] = (states[state] ?? 0) + 1;
  const sentence = tellDeliveries({ deliveryCount: all.length, states });
  return whole(event, [sentence, ...tellNext(all), ...tellFailures(all)].join(' '));
}

/** Whom filters kept it from is told last, or is all there is to tell. */
function withFilters(event: ToldEvent, story: string): string {
  const out = event.filteredOut?.count ?? 0;
  if (out === 0) return story;
  const filters = `${out === 1 ? 'the filter of 1 subscription' : `the filters of ${out} subscriptions`} did not match`;
  if (countDeliveries(event) === 0) return `Filtered out: ${filters}, so nothing was sent.`;
  return `${story} Filtered out for others: ${filters}.`;
}

/** What the record of an erased event is without. */
function withErasure({ erasedAt }: ToldEvent, story: string): string {
  if (!erasedAt) return story;
  return `${story} Its payload was erased at ${new Date(erasedAt).toISOString()}.`;
}

function tellOne(delivery: ToldDelivery): string {
  const { state, attempts, failureReason, replayOf } = delivery;
  const failed = `${counted(attempts, 'attempt')} failed, the last one with ${failureOf(delivery)}`;
  switch (state) {
    case 'succeeded':
      return `Delivered to its one subscription${replayOf === null ? '' : ', by a replay'}.`;
    case 'skipped':
      return 'The one matching subscription was not active, so nothing was sent.';
    case 'pending':
      return attempts === 0
        ? 'Its one delivery waits for its first attempt.'
        : [`Not delivered yet: ${failed}.`, ...tellNext([delivery])].join(' ');
    case 'failed':
      return failureReason === 'crashed_nodes'
        ? 'Not delivered: one node after the other died while it made the attempt.'
        : `Not delivered: ${failed}, and ${failureReason === 'gone' ? 'the subscription was deactivated for it' : 'there is no further one'}.`;
    case 'cancelled':
      return `Cancelled ${attempts === 0 ? 'before its first attempt' : `after ${counted(attempts, 'attempt')}`}${becauseOf(delivery)}.`;
  }
}

function becauseOf({ subscriptionStatus, failureReason }: ToldDelivery): string {
  if (failureReason === 'erased') return ', since its payload was erased';
  if (subscriptionStatus === 'active') return '';
  return `; its subscription is ${subscriptionStatus}`;
}

function tellNext(deliveries: readonly ToldDelivery[]): string[] {
  const dues = deliveries.flatMap(({ attempts, dueAt }) => (attempts > 0 && dueAt !== null ? [dueAt] : []));
  return dues.length === 0
    ? []
    : [`The next attempt is due at ${new Date(Math.min(...dues)).toISOString()}.`];
}

/** What failed deliveries failed with, each once. */
function tellFailures(deliveries: readonly ToldDelivery[]): string[] {
  const failed = deliveries.filter(({ state }) => state === 'failed');
  const reasons = [...new Set(failed.map(failureOf))];
  return reasons.length === 0 ? [] : [`Failed with ${reasons.join(', ')}.`];
}

function failureOf({ lastOutcome, lastStatusCode, failureReason }: ToldDelivery): string {
  if (lastOutcome === null || lastOutcome === 'success')
    return failureReason === 'crashed_nodes' ? 'the death of its node' : 'no answer';
  return lastOutcome === 'http_status' ? `HTTP ${lastStatusCode ?? '?'}` : FAILURES[lastOutcome];
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function madeOf(states: ToldEvent['states']): number {
  return WORDS.reduce((sum, [state]) => sum + (states[state] ?? 0), 0);
}
