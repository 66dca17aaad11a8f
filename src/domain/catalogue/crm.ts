import { category } from './catalogued-type.ts';
import { amount, changes, email, id, text, word } from './fields.ts';

const lead = { leadId: '65f1c200b7e4d90012ab4001' };
const deal = { dealId: '65f1c210b7e4d90012ab4101' };
const leadId = id('lead');
const dealId = id('deal');
const stage = word('Stage of the pipeline', 'new', 'qualified', 'proposal', 'negotiation');
const worth = { 'amount?': amount('What it is worth'), 'currency?': word('Of the amount, ISO 4217', 'EUR') };

export const CRM_TYPES = category('crm', [
  [
    'crm.lead.created',
    'A lead was created.',
    {
      leadId,
      'name?': text('Who it is'),
      'email?': email('Where to write to'),
      'source?': word('Where it came from', 'website', 'inbox'),
      'stage?': stage,
    },
    { ...lead, name: 'Ada Lovelace', email: 'ada@example.com', source: 'website', stage: 'new' },
  ],
  [
    'crm.lead.updated',
    'Fields of a lead changed.',
    { leadId, 'changed?': changes },
    { ...lead, changed: { phone: { from: null, to: '+442079460000' } } },
  ],
  [
    'crm.lead.stage_changed',
    'A lead moved to another stage of its pipeline.',
    { leadId, 'pipelineId?': id('pipeline'), 'fromStage?': stage, toStage: stage },
    { ...lead, pipelineId: 'default', fromStage: 'new', toStage: 'qualified' },
  ],
  [
    'crm.lead.assigned',
    'A lead was given to an owner.',
    { leadId, 'ownerId?': id('user who has it now') },
    { ...lead, ownerId: '65f1be11b7e4d90012ab2001' },
  ],
  [
    'crm.lead.converted',
    'A lead became a customer.',
    { leadId, 'customerId?': id('customer'), 'dealId?': dealId },
    { ...lead, customerId: '65f1bf00b7e4d90012ab3001', dealId: deal.dealId },
  ],
  [
    'crm.lead.lost',
    'A lead was marked as lost.',
    { leadId, 'reason?': word('Why', 'no_budget', 'competitor') },
    { ...lead, reason: 'no_budget' },
  ],
  [
    'crm.lead.deleted',
    'A lead was deleted.',
    { leadId, 'deletedBy?': id('user who deleted it') },
    { ...lead, deletedBy: '65f1be11b7e4d90012ab2001' },
  ],
  [
    'crm.deal.created',
    'A deal was created.',
    { dealId, 'title?': text('What it is about'), ...worth, 'stage?': stage },
    { ...deal, title: '20 seats, yearly', amount: 4800, currency: 'EUR', stage: 'proposal' },
  ],
  [
    'crm.deal.stage_changed',
    'A deal moved to another stage.',
    { dealId, 'fromStage?': stage, toStage: stage },
    { ...deal, fromStage: 'proposal', toStage: 'negotiation' },
  ],
  ['crm.deal.won', 'A deal was won.', { dealId, ...worth }, { ...deal, amount: 4800, currency: 'EUR' }],
  [
    'crm.deal.lost',
    'A deal was lost.',
    { dealId, 'reason?': word('Why', 'competitor', 'no_budget') },
    { ...deal, reason: 'competitor' },
  ],
  [
    'crm.task.completed',
    'A task of a lead or a deal was completed.',
    { taskId: id('task'), 'leadId?': leadId, 'dealId?': dealId, 'title?': text('What was to be done') },
    { taskId: '65f1c220b7e4d90012ab4201', ...lead, title: 'Send the offer' },
  ],
]);
