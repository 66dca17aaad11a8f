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
  createdAt: string;
  updatedAt: string;
  deactivatedAt: string | null;
  deactivationReason: DeactivationReason | null;
  warnings: string[];
}

export function viewSubscription(subscription: Subscription, warnings: string[]): SubscriptionView {
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
