import { category } from './catalogued-type.ts';

const conversation = { conversationId: '65f1c0a2b7e4d90012ab34cd', channel: 'whatsapp' };
const message = { messageId: '65f1c0b9b7e4d90012ab34ce', conversationId: conversation.conversationId };

export const INBOX_TYPES = category('inbox', [
  [
    'inbox.conversation.created',
    'A conversation was opened, by a customer or by an agent.',
    { ...conversation, customerId: '65f1bf00b7e4d90012ab3001', status: 'open' },
  ],
  [
    'inbox.conversation.assigned',
    'A conversation was given to an agent or a team.',
    { ...conversation, assigneeId: '65f1be11b7e4d90012ab2001', assignedBy: '65f1be11b7e4d90012ab2002' },
  ],
  [
    'inbox.conversation.unassigned',
    'A conversation was taken from its agent and has none now.',
    { ...conversation, previousAssigneeId: '65f1be11b7e4d90012ab2001' },
  ],
  [
    'inbox.conversation.transferred',
    'A conversation moved from one team to another.',
    { ...conversation, fromTeamId: 'sales', toTeamId: 'support', note: 'Billing question' },
  ],
  [
    'inbox.conversation.status_changed',
    'A conversation changed between open, pending, resolved and closed.',
    { ...conversation, from: 'open', to: 'pending' },
  ],
  [
    'inbox.conversation.resolved',
    'An agent marked a conversation as resolved.',
    { ...conversation, resolvedBy: '65f1be11b7e4d90012ab2001', handlingTimeSeconds: 418 },
  ],
  [
    'inbox.conversation.reopened',
    'A resolved or closed conversation was opened again.',
    { ...conversation, reason: 'customer_replied' },
  ],
  [
    'inbox.conversation.closed',
    'A conversation was closed for good.',
    { ...conversation, closedBy: '65f1be11b7e4d90012ab2001' },
  ],
  [
    'inbox.conversation.tagged',
    'Tags of a conversation were added or removed.',
    { ...conversation, added: ['vip'], removed: [] },
  ],
  [
    'inbox.conversation.snoozed',
    'A conversation was put away until a given time.',
    { ...conversation, until: '2026-03-25T08:00:00.000Z' },
  ],
  [
    'inbox.conversation.rated',
    'A customer rated a conversation.',
    { ...conversation, score: 5, comment: 'Quick and kind.' },
  ],
  [
    'inbox.message.received',
    'A customer sent a message.',
    { ...message, channel: 'whatsapp', text: 'Hello, is the blue one in stock?' },
  ],
  [
    'inbox.message.sent',
    'An agent or a workflow sent a message.',
    { ...message, channel: 'whatsapp', text: 'It is! Shall I set one aside?', sentBy: 'agent' },
  ],
  [
    'inbox.message.updated',
    'A message was edited after it had been sent or received.',
    { ...message, text: 'It is! Shall I set two aside?', editedAt: '2026-03-24T14:31:07.000Z' },
  ],
  ['inbox.message.deleted', 'A message was deleted.', { ...message, deletedBy: '65f1be11b7e4d90012ab2001' }],
  [
    'inbox.note.created',
    'An agent left an internal note in a conversation.',
    { noteId: '65f1c101b7e4d90012ab34d0', ...conversation, text: 'Prefers to be called after six.' },
  ],
]);
