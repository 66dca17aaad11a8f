import { category } from './catalogued-type.ts';
import { channelKind, count, id, moment, text, word, words } from './fields.ts';

const conversation = { conversationId: '65f1c0a2b7e4d90012ab34cd', channel: 'whatsapp' };
const message = { messageId: '65f1c0b9b7e4d90012ab34ce', conversationId: conversation.conversationId };

const conversationFields = { conversationId: id('conversation'), 'channel?': channelKind };
const messageFields = {
  messageId: id('message'),
  conversationId: id('conversation'),
  'channel?': channelKind,
};
const status = word('State of the conversation', 'open', 'pending', 'resolved', 'closed');
const messageText = text('What it says');

export const INBOX_TYPES = category('inbox', [
  [
    'inbox.conversation.created',
    'A conversation was opened, by a customer or by an agent.',
    { ...conversationFields, 'customerId?': id('customer'), 'status?': status },
    { ...conversation, customerId: '65f1bf00b7e4d90012ab3001', status: 'open' },
  ],
  [
    'inbox.conversation.assigned',
    'A conversation was given to an agent or a team.',
    { ...conversationFields, 'assigneeId?': id('agent or team'), 'assignedBy?': id('user who gave it') },
    { ...conversation, assigneeId: '65f1be11b7e4d90012ab2001', assignedBy: '65f1be11b7e4d90012ab2002' },
  ],
  [
    'inbox.conversation.unassigned',
    'A conversation was taken from its agent and has none now.',
    { ...conversationFields, 'previousAssigneeId?': id('agent who had it') },
    { ...conversation, previousAssigneeId: '65f1be11b7e4d90012ab2001' },
  ],
  [
    'inbox.conversation.transferred',
    'A conversation moved from one team to another.',
    {
      ...conversationFields,
      'fromTeamId?': id('team that had it'),
      'toTeamId?': id('team that has it now'),
      'note?': text('What the one told the other'),
    },
    { ...conversation, fromTeamId: 'sales', toTeamId: 'support', note: 'Billing question' },
  ],
  [
    'inbox.conversation.status_changed',
    'A conversation changed between open, pending, resolved and closed.',
    { ...conversationFields, 'from?': status, to: status },
    { ...conversation, from: 'open', to: 'pending' },
  ],
  [
    'inbox.conversation.resolved',
    'An agent marked a conversation as resolved.',
    {
      ...conversationFields,
      'resolvedBy?': id('agent'),
      'handlingTimeSeconds?': count('From the first message to the resolution'),
    },
    { ...conversation, resolvedBy: '65f1be11b7e4d90012ab2001', handlingTimeSeconds: 418 },
  ],
  [
    'inbox.conversation.reopened',
    'A resolved or closed conversation was opened again.',
    { ...conversationFields, 'reason?': word('Why', 'customer_replied') },
    { ...conversation, reason: 'customer_replied' },
  ],
  [
    'inbox.conversation.closed',
    'A conversation was closed for good.',
    { ...conversationFields, 'closedBy?': id('agent') },
    { ...conversation, closedBy: '65f1be11b7e4d90012ab2001' },
  ],
  [
    'inbox.conversation.tagged',
    'Tags of a conversation were added or removed.',
    { ...conversationFields, 'added?': words('Tags it has now'), 'removed?': words('Tags it had') },
    { ...conversation, added: ['vip'], removed: [] },
  ],
  [
    'inbox.conversation.snoozed',
    'A conversation was put away until a given time.',
    { ...conversationFields, 'until?': moment('When it comes back') },
    { ...conversation, until: '2026-03-25T08:00:00.000Z' },
  ],
  [
    'inbox.conversation.rated',
    'A customer rated a conversation.',
    { ...conversationFields, 'score?': count('The more the better'), 'comment?': text('In their words') },
    { ...conversation, score: 5, comment: 'Quick and kind.' },
  ],
  [
    'inbox.message.received',
    'A customer sent a message.',
    { ...messageFields, 'text?': messageText },
    { ...message, channel: 'whatsapp', text: 'Hello, is the blue one in stock?' },
  ],
  [
    'inbox.message.sent',
    'An agent or a workflow sent a message.',
    { ...messageFields, 'text?': messageText, 'sentBy?': word('Who', 'agent', 'workflow') },
    { ...message, channel: 'whatsapp', text: 'It is! Shall I set one aside?', sentBy: 'agent' },
  ],
  [
    'inbox.message.updated',
    'A message was edited after it had been sent or received.',
    { ...messageFields, 'text?': messageText, 'editedAt?': moment('When') },
    { ...message, text: 'It is! Shall I set two aside?', editedAt: '2026-03-24T14:31:07.000Z' },
  ],
  [
    'inbox.message.deleted',
    'A message was deleted.',
    { ...messageFields, 'deletedBy?': id('user who deleted it') },
    { ...message, deletedBy: '65f1be11b7e4d90012ab2001' },
  ],
  [
    'inbox.note.created',
    'An agent left an internal note in a conversation.',
    { noteId: id('note'), ...conversationFields, 'text?': messageText },
    { noteId: '65f1c101b7e4d90012ab34d0', ...conversation, text: 'Prefers to be called after six.' },
  ],
]);
