import { category } from './catalogued-type.ts';

const channel = { channelId: '65f1c300b7e4d90012ab5001', kind: 'whatsapp' };
const message = { messageId: '65f1c0b9b7e4d90012ab34ce', ...channel };
const template = { templateId: 'order_update', ...channel };

export const CHANNELS_TYPES = category('channels', [
  ['channels.channel.connected', 'A channel was connected.', { ...channel, name: 'Main number' }],
  [
    'channels.channel.disconnected',
    'A channel lost its connection or was disconnected.',
    { ...channel, reason: 'token_expired' },
  ],
  [
    'channels.channel.updated',
    'Settings of a channel changed.',
    { ...channel, changed: { name: { from: 'Main number', to: 'Sales' } } },
  ],
  [
    'channels.channel.error',
    'A channel reported an error of its provider.',
    { ...channel, code: 'rate_limited', message: 'Too many messages for this number.' },
  ],
  [
    'channels.channel.quality_changed',
    'The provider changed the quality rating of a channel.',
    { ...channel, from: 'high', to: 'medium' },
  ],
  [
    'channels.message.status_changed',
    'A sent message was delivered, read, or could not be delivered.',
    { ...message, from: 'sent', to: 'delivered' },
  ],
  [
    'channels.message.failed',
    'The provider refused or could not deliver a message.',
    { ...message, code: 'recipient_unreachable' },
  ],
  [
    'channels.message.reaction_added',
    'Somebody reacted to a message.',
    { ...message, reaction: 'thumbs_up', by: 'customer' },
  ],
  ['channels.template.approved', 'The provider approved a message template.', template],
  [
    'channels.template.rejected',
    'The provider rejected a message template.',
    { ...template, reason: 'promotional_content' },
  ],
  [
    'channels.call.missed',
    'A call on a channel was not answered.',
    { callId: '65f1c330b7e4d90012ab5301', ...channel, from: '+442079460000' },
  ],
]);
