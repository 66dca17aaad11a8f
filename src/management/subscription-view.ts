import { HEADER_MASK } from '../domain/extra-headers.ts';
import type { FilterForm } from '../domain/filter.ts';
import type { DeactivationReason, Subscription, SubscriptionStatus } from '../domain/subscription.ts';

/** A subscription as the API shows it: never its secret. */
export interface SubscriptionView {
  _id: string;
  workspaceId: string;
  url: string;
  events: string[];
  active: boolean;
  status: SubscriptionStatus;
  description: string | null;
  timeoutMs: number;
  rateLimit: number | null;
  ordered: boolean;
  /** One was given; otherwise a generated one signs. */
  hasSecret: boolean;
  secretHint: string;
  /** Until when the secret from before a rotation signs, too; null when none runs. */
  rotationEndsAt: string | null;
  ed25519: boolean;
  /** What `v1a` signatures are verified with. */
  publicKey: string | null;
  previousPublicKey: string | null;
  /** Names, with a mask for each value. */
  headers: Record<string, string>;
  filter: FilterForm | null;
  createdAt: string;
  updatedAt: string;
  deactivatedAt: string | null;
  deactivationReason: DeactivationReason | null;
  warnings: string[];
}

export function viewSubscription(
  subscription: Subscription,
  warnings: string[],
  now: number,
): SubscriptionView {
  const { keyPair, previous, headers } = subscription;
  const old = previous && previous.endsAt > now ? previous : null;
  return {
    _id: subscription.id,
    workspaceId: subscription.workspaceId,
    url: subscription.url,
    events: [...subscription.events],
    active: subscription.status === 'active',
    status: subscription.status,
    description: subscription.description,
    timeoutMs: subscription.timeoutMs,
    rateLimit: subscription.rateLimit,
    ordered: subscription.ordered,
    hasSecret: subscription.secretConfigured,
    secretHint: subscription.secretHint,
    rotationEndsAt: isoOrNull(old?.endsAt ?? null),
    ed25519: keyPair !== null,
    publicKey: keyPair?.publicKey ?? null,
    previousPublicKey: old?.keyPair?.publicKey ?? null,
    headers: Object.fromEntries((headers?.names ?? []).map((name) => [name, HEADER_MASK])),
    filter: subscription.filter,
    createdAt: isoOf(subscription.createdAt),
    updatedAt: isoOf(subscription.updatedAt),
    deactivatedAt: isoOrNull(subscription.deactivatedAt),
    deactivationReason: subscription.deactivationReason,
    warnings,
  };
}

/** An instant as the API writes it. */
export function isoOf(instant: number): string {
  return new Date(instant).toISOString();
}

export function isoOrNull(instant: number | null): string | null {
  return instant === null ? null : isoOf(instant);
}
