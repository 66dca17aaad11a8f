import { category } from './catalogued-type.ts';

const subscription = {
  subscriptionId: '65f1c700b7e4d90012ab9001',
  url: 'https://example.com/webhooks',
};

/** What Velahook itself tells a workspace about its subscriptions; nobody else can publish these. */
export const WEBHOOK_TYPES = category('webhook', [
  [
    'webhook.subscription.failing',
    'No attempt to a subscription has succeeded for a day.',
    { ...subscription, failingSince: '2026-03-23T14:30:00.000Z', failedDeliveries: 12 },
  ],
  [
    'webhook.subscription.deactivated',
    'A subscription was switched off, because its receiver answered 410 or had been failing too long.',
    { ...subscription, reason: 'failing', deactivatedAt: '2026-03-26T14:30:00.000Z' },
  ],
]);
