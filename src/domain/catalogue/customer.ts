import { category } from './catalogued-type.ts';

const customer = { customerId: '65f1bf00b7e4d90012ab3001' };

export const CUSTOMER_TYPES = category('customer', [
  [
    'customer.created',
    'A customer record was created.',
    { ...customer, name: 'Ada Lovelace', email: 'ada@example.com', createdFrom: 'inbox' },
  ],
  [
    'customer.updated',
    'Fields of a customer record changed.',
    { ...customer, changed: { language: { from: 'en', to: 'fr' } } },
  ],
  [
    'customer.merged',
    'Two customer records of one person became one.',
    { ...customer, mergedCustomerId: '65f1bf00b7e4d90012ab3002' },
  ],
  ['customer.deleted', 'A customer record was deleted.', { ...customer, reason: 'erasure_request' }],
  ['customer.tagged', 'A customer was given tags.', { ...customer, tags: ['vip', 'newsletter'] }],
  ['customer.untagged', 'Tags were taken from a customer.', { ...customer, tags: ['newsletter'] }],
  [
    'customer.identity.linked',
    'A channel identity (a phone number, an account) was linked to a customer.',
    { ...customer, channel: 'telegram', identity: '@ada' },
  ],
  [
    'customer.consent.changed',
    'A customer gave or withdrew consent to be written to.',
    { ...customer, purpose: 'marketing', granted: false },
  ],
  [
    'customer.segment.entered',
    'A customer began to match a segment.',
    { ...customer, segmentId: 'high_value' },
  ],
]);
