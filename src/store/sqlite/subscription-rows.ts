import type { Subscription } from '../../domain/subscription.ts';

/** A subscription as {@link SUBSCRIPTION_COLUMNS} answers it. */
export type SubscriptionRow = Omit<Subscription, 'events' | 'secretConfigured' | 'ordered'> & {
  events: string;
  ordered: number;
  secretConfigured: number;
};

/** Of `subscriptions s JOIN workspaces w`. */
export const SUBSCRIPTION_COLUMNS = `s.id, w.id AS workspaceId, s.url, s.events, s.status, s.description,
  s.timeout_ms AS timeoutMs, s.rate_limit AS rateLimit, s.ordered, s.sealed_secret AS sealedSecret, s.secret_configured AS secretConfigured,
  s.secret_hint AS secretHint, s.generation, s.created_at AS createdAt, s.updated_at AS updatedAt,
  s.deactivated_at AS deactivatedAt, s.deactivation_reason AS deactivationReason`;

export function toSubscription<Row extends SubscriptionRow>(row: Row): Subscription {
  return {
    ...row,
    events: JSON.parse(row.events) as string[],
    ordered: row.ordered === 1,
    secretConfigured: row.secretConfigured === 1,
  };
}
