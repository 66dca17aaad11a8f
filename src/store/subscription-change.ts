import type { Subscription } from '../domain/subscription.ts';
import type { SubscriptionChange } from './contract/subscriptions.ts';

/** Pure. Whatever the new status, a deactivation is over once the customer has set one. */
export function applyChange(before: Subscription, change: SubscriptionChange, now: number): Subscription {
  const { secret, ...fields } = change;
  const stops = before.status === 'active' && fields.status === 'inactive';
  return {
    ...before,
    ...fields,
    ...(secret && { sealedSecret: secret.sealed, secretConfigured: true, secretHint: secret.hint }),
    ...(fields.status && { deactivatedAt: null, deactivationReason: null }),
    generation: before.generation + (stops ? 1 : 0),
    updatedAt: now,
  };
}
