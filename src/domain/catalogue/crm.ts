import { category } from './catalogued-type.ts';

const lead = { leadId: '65f1c200b7e4d90012ab4001' };
const deal = { dealId: '65f1c210b7e4d90012ab4101' };

export const CRM_TYPES = category('crm', [
  [
    'crm.lead.created',
    'A lead was created.',
    { ...lead, name: 'Ada Lovelace', email: 'ada@example.com', source: 'website', stage: 'new' },
  ],
  [
    'crm.lead.updated',
    'Fields of a lead changed.',
    { ...lead, changed: { phone: { from: null, to: '+442079460000' } } },
  ],
  [
    'crm.lead.stage_changed',
    'A lead moved to another stage of its pipeline.',
    { ...lead, pipelineId: 'default', fromStage: 'new', toStage: 'qualified' },
  ],
  ['crm.lead.assigned', 'A lead was given to an owner.', { ...lead, ownerId: '65f1be11b7e4d90012ab2001' }],
  [
    'crm.lead.converted',
    'A lead became a customer.',
    { ...lead, customerId: '65f1bf00b7e4d90012ab3001', dealId: deal.dealId },
  ],
  ['crm.lead.lost', 'A lead was marked as lost.', { ...lead, reason: 'no_budget' }],
  ['crm.lead.deleted', 'A lead was deleted.', { ...lead, deletedBy: '65f1be11b7e4d90012ab2001' }],
  [
    'crm.deal.created',
    'A deal was created.',
    { ...deal, title: '20 seats, yearly', amount: 4800, currency: 'EUR', stage: 'proposal' },
  ],
  [
    'crm.deal.stage_changed',
    'A deal moved to another stage.',
    { ...deal, fromStage: 'proposal', toStage: 'negotiation' },
  ],
  ['crm.deal.won', 'A deal was won.', { ...deal, amount: 4800, currency: 'EUR' }],
  ['crm.deal.lost', 'A deal was lost.', { ...deal, reason: 'competitor' }],
  [
    'crm.task.completed',
    'A task of a lead or a deal was completed.',
    { taskId: '65f1c220b7e4d90012ab4201', ...lead, title: 'Send the offer' },
  ],
]);
