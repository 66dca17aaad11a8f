import type { Subscription } from '../../domain/subscription.ts';

/** A subscription as {@link SUBSCRIPTION_COLUMNS} answers it. */
export type SubscriptionRow = Omit<Subscription, 'events'> & { events: string };

/** Of `velahook.subscriptions s`. */
export const SUBSCRIPTION_COLUMNS = `s.id, s.workspace_id AS "workspaceId", s.url, s.events, s.status, s.description,
  s.timeout_ms AS "timeoutMs", s.rate_limit AS "rateLimit", s.ordered, s.sealed_secret AS "sealedSecret", s.secret_configured AS "secretConfigured",
  s.secret_hint AS "secretHint", s.generation, s.created_at AS "createdAt", s.updated_at AS "updatedAt",
  s.deactivated_at AS "deactivatedAt", s.deactivation_reason AS "deactivationReason"`;

/** The secret is copied out of the memory it shares with others: all of that would go with it to another thread. */
export function toSubscription(row: SubscriptionRow): Subscription {
  return {
    ...row,
    events: JSON.parse(row.events) as string[],
    sealedSecret: new Uint8Array(row.sealedSecret),
  };
}
