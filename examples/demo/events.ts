/** What happens at an imaginary platform within a few seconds: event type and data. */
export const EVENTS: readonly [eventType: string, data: object][] = [...Array(6).keys()].flatMap(
  (round): [string, object][] => [
    ['inbox.conversation.created', { conversationId: `conv_${round}`, channel: 'whatsapp' }],
    [
      'inbox.message.received',
      { conversationId: `conv_${round}`, text: 'Is the blue one in stock?', from: 'Ada' },
    ],
    [
      'crm.lead.created',
      { leadId: `lead_${round}`, source: 'website', value: 12345678901234567n.toString() },
    ],
    ['crm.lead.stage_changed', { leadId: `lead_${round}`, from: 'new', to: 'qualified' }],
    ['customer.created', { customerId: `cust_${round}`, name: 'Grace Hopper', email: 'grace@example.com' }],
    ['channels.message.status_changed', { messageId: `msg_${round}`, from: 'sent', to: 'delivered' }],
  ],
);
