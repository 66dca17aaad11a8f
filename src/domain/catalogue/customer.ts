import { category } from './catalogued-type.ts';
import { changes, channelKind, email, flag, id, text, word, words } from './fields.ts';

const customer = { customerId: '65f1bf00b7e4d90012ab3001' };
const customerId = id('customer');

export const CUSTOMER_TYPES = category('customer', [
  [
    'customer.created',
    'A customer record was created.',
    {
      customerId,
      'name?': text('Who it is'),
      'email?': email('Where to write to'),
      'createdFrom?': word('What made it', 'inbox', 'import', 'crm'),
    },
    { ...customer, name: 'Ada Lovelace', email: 'ada@example.com', createdFrom: 'inbox' },
  ],
  [
    'customer.updated',
    'Fields of a customer record changed.',
    { customerId, 'changed?': changes },
    { ...customer, changed: { language: { from: 'en', to: 'fr' } } },
  ],
  [
    'customer.merged',
    'Two customer records of one person became one.',
    { customerId, mergedCustomerId: id('record that is no more') },
    { ...customer, mergedCustomerId: '65f1bf00b7e4d90012ab3002' },
  ],
  [
    'customer.deleted',
    'A customer record was deleted.',
    { customerId, 'reason?': word('Why', 'erasure_request') },
    { ...customer, reason: 'erasure_request' },
  ],
  [
    'customer.tagged',
    'A customer was given tags.',
    { customerId, 'tags?': words('The new ones') },
    { ...customer, tags: ['vip', 'newsletter'] },
  ],
  [
    'customer.untagged',
    'Tags were taken from a customer.',
    { customerId, 'tags?': words('Those taken') },
    { ...customer, tags: ['newsletter'] },
  ],
  [
    'customer.identity.linked',
    'A channel identity (a phone number, an account) was linked to a customer.',
    { customerId, 'channel?': channelKind, 'identity?': text('As the channel writes it') },
    { ...customer, channel: 'telegram', identity: '@ada' },
  ],
  [
    'customer.consent.changed',
    'A customer gave or withdrew consent to be written to.',
    { customerId, 'purpose?': word('What for', 'marketing'), granted: flag('Whether they consent now') },
    { ...customer, purpose: 'marketing', granted: false },
  ],
  [
    'customer.segment.entered',
    'A customer began to match a segment.',
    { customerId, 'segmentId?': id('segment') },
    { ...customer, segmentId: 'high_value' },
  ],
]);
