import type { PreviousSigning, Subscription } from '../domain/subscription.ts';
import type { Rotation, SubscriptionChange } from './contract/subscriptions.ts';

/**
 * Pure. Whatever the new status, a deactivation is over once the customer has set one. `failingSince`: of one that is
 * active and failing.
 */
export function applyChange(
  before: Subscription,
  change: SubscriptionChange,
  now: number,
  failingSince?: number,
): Subscription {
  const { secret, keyPair, rotation, finishesRotation = false, ...fields } = change;
  const stops = before.status === 'active' && fields.status === 'inactive';
  return {
    ...before,
    ...fields,
    // A secret that is simply set is the only one from now on.
    ...(secret && {
      sealedSecret: secret.sealed,
      secretConfigured: true,
      secretHint: secret.hint,
      previous: null,
    }),
    ...(keyPair !== undefined && { keyPair }),
    ...(rotation && rotate(before, rotation, now)),
    ...(finishesRotation && { previous: null }),
    ...(fields.status && { deactivatedAt: null, deactivationReason: null }),
    ...(stops && { missingSince: failingSince ?? now }),
    ...(fields.status === 'active' && { missingSince: null }),
    generation: before.generation + (stops ? 1 : 0),
    updatedAt: now,
  };
}

function rotate(before: Subscription, { secret, keyPair, endsAt }: Rotation, now: number) {
  return {
    sealedSecret: secret.sealed,
    secretHint: secret.hint,
    // One that was generated for a receiver that verifies with a configured one takes its place.
    secretConfigured: secret.isGiven || before.secretConfigured,
    keyPair: before.keyPair && (keyPair ?? before.keyPair),
    previous: endsAt > now ? { ...previousOf(before, now), endsAt } : null,
  };
}

/**
 * What receivers are sure to know. While a rotation runs that is the secret from before it: what the rotation brought
 * is replaced, and was perhaps never given to anybody.
 */
function previousOf(before: Subscription, now: number): Omit<PreviousSigning, 'endsAt'> {
  const { previous, sealedSecret, secretConfigured, keyPair } = before;
  return previous && previous.endsAt > now ? previous : { sealedSecret, secretConfigured, keyPair };
}
