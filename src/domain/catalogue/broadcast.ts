import { category } from './catalogued-type.ts';
import { channelKind, count, id, moment, text, word } from './fields.ts';

const broadcast = { broadcastId: '65f1c500b7e4d90012ab7001', channel: 'whatsapp' };
const fields = { broadcastId: id('broadcast'), 'channel?': channelKind };
const recipients = count('How many it goes to');
const sent = count('How many it was sent to');

export const BROADCAST_TYPES = category('broadcast', [
  [
    'broadcast.created',
    'A broadcast was drafted.',
    { ...fields, 'name?': text('Its name') },
    { ...broadcast, name: 'Spring offers' },
  ],
  [
    'broadcast.scheduled',
    'A broadcast was given a time to be sent.',
    { ...fields, 'sendAt?': moment('When it will be sent'), 'recipients?': recipients },
    { ...broadcast, sendAt: '2026-03-25T09:00:00.000Z', recipients: 1250 },
  ],
  [
    'broadcast.started',
    'Sending of a broadcast began.',
    { ...fields, 'recipients?': recipients },
    { ...broadcast, recipients: 1250 },
  ],
  [
    'broadcast.completed',
    'A broadcast was sent to all its recipients.',
    { ...fields, 'sent?': sent, 'failed?': count('How many it could not be sent to') },
    { ...broadcast, sent: 1243, failed: 7 },
  ],
  [
    'broadcast.cancelled',
    'A broadcast was cancelled.',
    { ...fields, 'sent?': sent },
    { ...broadcast, sent: 310 },
  ],
  [
    'broadcast.recipient.failed',
    'A broadcast could not be sent to one recipient.',
    { ...fields, customerId: id('customer'), 'code?': word('Why', 'opted_out', 'unreachable') },
    { ...broadcast, customerId: '65f1bf00b7e4d90012ab3001', code: 'opted_out' },
  ],
]);
