import { category } from './catalogued-type.ts';
import { changes, channelKind, id, text, word } from './fields.ts';

const channel = { channelId: '65f1c300b7e4d90012ab5001', kind: 'whatsapp' };
const message = { messageId: '65f1c0b9b7e4d90012ab34ce', ...channel };
const template = { templateId: 'order_update', ...channel };

const channelFields = { channelId: id('channel'), 'kind?': channelKind };
const messageFields = { messageId: id('message'), ...channelFields };
const templateFields = { templateId: id('template'), ...channelFields };
const code = word('Code of the failure', 'recipient_unreachable', 'rate_limited');
const quality = word('Rating', 'high', 'medium', 'low');
const status = word('State of the message', 'sent', 'delivered', 'read', 'failed');

export const CHANNELS_TYPES = category('channels', [
  [
    'channels.channel.connected',
    'A channel was connected.',
    { ...channelFields, 'name?': text('Its name') },
    { ...channel, name: 'Main number' },
  ],
  [
    'channels.channel.disconnected',
    'A channel lost its connection or was disconnected.',
    { ...channelFields, 'reason?': word('Why', 'token_expired', 'removed') },
    { ...channel, reason: 'token_expired' },
  ],
  [
    'channels.channel.updated',
    'Settings of a channel changed.',
    { ...channelFields, 'changed?': changes },
    { ...channel, changed: { name: { from: 'Main number', to: 'Sales' } } },
  ],
  [
    'channels.channel.error',
    'A channel reported an error of its provider.',
    { ...channelFields, 'code?': code, 'message?': text('What the provider said') },
    { ...channel, code: 'rate_limited', message: 'Too many messages for this number.' },
  ],
  [
    'channels.channel.quality_changed',
    'The provider changed the quality rating of a channel.',
    { ...channelFields, 'from?': quality, 'to?': quality },
    { ...channel, from: 'high', to: 'medium' },
  ],
  [
    'channels.message.status_changed',
    'A sent message was delivered, read, or could not be delivered.',
    { ...messageFields, 'from?': status, to: status },
    { ...message, from: 'sent', to: 'delivered' },
  ],
  [
    'channels.message.failed',
    'The provider refused or could not deliver a message.',
    { ...messageFields, 'code?': code },
    { ...message, code: 'recipient_unreachable' },
  ],
  [
    'channels.message.reaction_added',
    'Somebody reacted to a message.',
    { ...messageFields, 'reaction?': word('Which', 'thumbs_up'), 'by?': word('Who', 'customer', 'agent') },
    { ...message, reaction: 'thumbs_up', by: 'customer' },
  ],
  ['channels.template.approved', 'The provider approved a message template.', templateFields, template],
  [
    'channels.template.rejected',
    'The provider rejected a message template.',
    { ...templateFields, 'reason?': word('Why', 'promotional_content') },
    { ...template, reason: 'promotional_content' },
  ],
  [
    'channels.call.missed',
    'A call on a channel was not answered.',
    { callId: id('call'), ...channelFields, 'from?': text('Who called') },
    { callId: '65f1c330b7e4d90012ab5301', ...channel, from: '+442079460000' },
  ],
]);
