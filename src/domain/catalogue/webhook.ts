import { category } from './catalogued-type.ts';
import { count, id, moment, word } from './fields.ts';

const subscription = {
  subscriptionId: '65f1c700b7e4d90012ab9001',
  url: 'https://example.com/webhooks',
  description: null,
};
const fields = {
  subscriptionId: id('subscription'),
  url: { type: 'string', format: 'uri', description: 'Where it delivers to' },
  'description?': { type: ['string', 'null'], description: 'As its owner described it' },
};
const failing = {
  'failingSince?': moment('When the first attempt failed since the last success'),
  'failedDeliveries?': count('Deliveries that failed since then'),
};

/** What Velahook itself tells a workspace about its subscriptions and deliveries; nobody else can publish these. */
export const WEBHOOK_TYPES = category('webhook', [
  [
    'webhook.subscription.failing',
    'No attempt to a subscription has succeeded for a day.',
    { ...fields, ...failing },
    { ...subscription, failingSince: '2026-03-23T14:30:00.000Z', failedDeliveries: 12 },
  ],
  [
    'webhook.subscription.deactivated',
    'A subscription was switched off, because its receiver answered 410 or had been failing too long.',
    { ...fields, reason: word('Why', 'gone', 'failing'), ...failing },
    {
      ...subscription,
      reason: 'failing',
      failingSince: '2026-03-23T14:30:00.000Z',
      failedDeliveries: 25,
    },
  ],
  [
    'webhook.backlog.delayed',
    'A delivery of the workspace has been due for longer than the installation finds right.',
    {
      oldestDueAt: moment('Since when the oldest delivery is due'),
      subscriptions: count('Subscriptions of the workspace with a delivery that is as late'),
    },
    { oldestDueAt: '2026-03-24T14:15:00.000Z', subscriptions: 2 },
  ],
  [
    'webhook.backlog.recovered',
    'No delivery of the workspace is late any more.',
    { recoveredAt: moment('When nothing was late any more') },
    { recoveredAt: '2026-03-24T15:00:00.000Z' },
  ],
]);
