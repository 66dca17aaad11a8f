import type { DeliveryState } from '../domain/delivery.ts';
import type { EventView } from '../store/contract/history.ts';

/** States in the order a reader wants them: what worked, what may still, what will not. */
const WORDS: readonly (readonly [DeliveryState, string])[] = [
  ['succeeded', 'succeeded'],
  ['pending', 'pending'],
  ['failed', 'failed'],
  ['cancelled', 'cancelled'],
  ['skipped', 'skipped because its subscription was not active'],
];

/** A sentence on what became of an event, and one on whom filters kept it from. Pure. */
export function tellStory(
  event: Pick<EventView, 'origin' | 'deliveryCount' | 'states' | 'filteredOut'>,
): string {
  const out = event.filteredOut?.count ?? 0;
  if (out === 0) return tellDeliveries(event);
  const filters = `${out === 1 ? 'the filter of 1 subscription' : `the filters of ${out} subscriptions`} did not match`;
  if (event.deliveryCount === 0) return `Filtered out: ${filters}, so nothing was sent.`;
  return `${tellDeliveries(event)} Filtered out for others: ${filters}.`;
}

function tellDeliveries(event: Pick<EventView, 'deliveryCount' | 'states'>): string {
  const { deliveryCount: count, states } = event;
  if (count === 0) return 'No subscription matched, so nothing was sent.';
  const made = WORDS.reduce((sum, [state]) => sum + (states[state] ?? 0), 0);
  const [only] = WORDS.filter(([state]) => states[state] === count);
  if (only?.[0] === 'succeeded') return `Delivered to ${subscriptions(count, 'its', 'all')}.`;
  if (only?.[0] === 'skipped') {
    return count === 1
      ? 'The one matching subscription was not active, so nothing was sent.'
      : `None of the ${count} matching subscriptions was active, so nothing was sent.`;
  }
  const parts = WORDS.flatMap(([state, words]) => {
    const number = states[state] ?? 0;
    return number === 0 ? [] : [`${number} ${words}`];
  });
  if (made < count) parts.push(`${count - made} still to be made`);
  return `${count === 1 ? '1 delivery' : `${count} deliveries`}: ${parts.join(', ')}.`;
}

function subscriptions(count: number, one: string, many: string): string {
  return count === 1 ? `${one} one subscription` : `${many} ${count} subscriptions`;
}
