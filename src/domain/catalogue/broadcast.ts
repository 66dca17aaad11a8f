import { category } from './catalogued-type.ts';

const broadcast = { broadcastId: '65f1c500b7e4d90012ab7001', channel: 'whatsapp' };

export const BROADCAST_TYPES = category('broadcast', [
  ['broadcast.created', 'A broadcast was drafted.', { ...broadcast, name: 'Spring offers' }],
  [
    'broadcast.scheduled',
    'A broadcast was given a time to be sent.',
    { ...broadcast, sendAt: '2026-03-25T09:00:00.000Z', recipients: 1250 },
  ],
  ['broadcast.started', 'Sending of a broadcast began.', { ...broadcast, recipients: 1250 }],
  [
    'broadcast.completed',
    'A broadcast was sent to all its recipients.',
    { ...broadcast, sent: 1243, failed: 7 },
  ],
  ['broadcast.cancelled', 'A broadcast was cancelled.', { ...broadcast, sent: 310 }],
  [
    'broadcast.recipient.failed',
    'A broadcast could not be sent to one recipient.',
    { ...broadcast, customerId: '65f1bf00b7e4d90012ab3001', code: 'opted_out' },
  ],
]);
