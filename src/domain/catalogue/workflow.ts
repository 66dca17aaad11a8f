import { category } from './catalogued-type.ts';
import { count, id, text, word } from './fields.ts';

const run = { workflowId: '65f1c400b7e4d90012ab6001', runId: '65f1c401b7e4d90012ab6002' };
const workflowId = id('workflow');
const runFields = { workflowId, runId: id('run') };
const step = word('Name of the step', 'send_email', 'wait_for_reply');

export const WORKFLOW_TYPES = category('workflow', [
  [
    'workflow.run.started',
    'A run of a workflow began.',
    { ...runFields, 'trigger?': text('The event type, or what else began it') },
    { ...run, trigger: 'crm.lead.created' },
  ],
  [
    'workflow.run.completed',
    'A run of a workflow came to its end.',
    { ...runFields, 'durationMs?': count('How long it took') },
    { ...run, durationMs: 1840 },
  ],
  [
    'workflow.run.failed',
    'A run of a workflow ended with an error.',
    { ...runFields, 'step?': step, 'message?': text('What went wrong') },
    { ...run, step: 'send_email', message: 'The mail server refused the address.' },
  ],
  [
    'workflow.step.completed',
    'One step of a run was completed.',
    { ...runFields, 'step?': step, 'result?': word('What came of it', 'replied') },
    { ...run, step: 'wait_for_reply', result: 'replied' },
  ],
  [
    'workflow.definition.published',
    'A new version of a workflow was put into use.',
    { workflowId, 'version?': count('Which'), 'publishedBy?': id('user who did') },
    { workflowId: run.workflowId, version: 7, publishedBy: '65f1be11b7e4d90012ab2001' },
  ],
  [
    'workflow.definition.paused',
    'A workflow was paused: it starts no new runs.',
    { workflowId, 'pausedBy?': id('user who did') },
    { workflowId: run.workflowId, pausedBy: '65f1be11b7e4d90012ab2001' },
  ],
]);
