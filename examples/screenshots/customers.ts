import type { Answer } from '../../test/support/receiver.ts';

const HOUR_MS = 3_600_000;

/** One subscription of the day that is shown, and how its receiver behaves at an hour of it, 0 to 24. */
export interface Customer {
  host: string;
  path: string;
  description: string;
  fields: Record<string, unknown>;
  /** `chance` is a random number in [0, 1). */
  answer: (hour: number, chance: number) => Answer;
}

const ok = (body: object = { received: true }): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/json', server: 'nginx' },
  body: JSON.stringify(body),
});

const failed = (status: number, message: string): Answer => ({
  status,
  headers: { 'content-type': 'application/json', server: 'nginx', 'x-request-id': '7f3a9c02d1' },
  body: JSON.stringify({ error: message }),
});

/** How long a receiver takes: mostly `typicalMs`, seldom four times that. */
function took(answer: Answer, typicalMs: number, chance: number): Answer {
  return { ...answer, delayMs: typicalMs * (0.7 + 0.5 * chance + 3 * chance ** 24) };
}

/** The hour of the day at which the chat bridge breaks, and the old system is switched off. */
const BROKEN_AT = 17.5;
const GONE_AT = 11;

export const CUSTOMERS: readonly Customer[] = [
  {
    host: 'hooks.northwind.example',
    path: '/crm/sync',
    description: 'CRM sync',
    fields: { events: ['crm.*', 'customer.*'] },
    answer: (_hour, chance) => took(ok(), 28, chance),
  },
  {
    host: 'ingest.meridian.example',
    path: '/v2/webhooks',
    description: 'Data warehouse',
    fields: { events: ['*'], headers: { 'X-Pipeline': 'events-raw' } },
    answer: (_hour, chance) =>
      chance > 0.985 ? failed(503, 'warehouse is resuming') : took(ok({ queued: 1 }), 64, chance),
  },
  {
    host: 'archive.lumen.example',
    path: '/conversations',
    description: 'Conversation archive',
    fields: { events: ['inbox.*'], ordered: true },
    answer: (_hour, chance) => took(ok(), 41, chance),
  },
  {
    host: 'billing.northwind.example',
    path: '/deals',
    description: 'Invoices for large deals',
    fields: { events: ['crm.deal.*'], filter: { amount: { $gte: 5_000 } } },
    answer: (_hour, chance) => took({ status: 204 }, 35, chance),
  },
  {
    host: 'bridge.pelican.example',
    path: '/incoming',
    description: 'Chat notifications',
    fields: { events: ['crm.lead.created', 'inbox.conversation.rated', 'scheduling.*'] },
    answer: (hour, chance) =>
      hour >= BROKEN_AT
        ? took(failed(500, 'relation "channel_tokens" does not exist'), 70, chance)
        : took(ok({ ok: true }), 55, chance),
  },
  {
    host: 'erp.oldtown.example',
    path: '/import',
    description: 'Legacy ERP import',
    fields: { events: ['customer.*'] },
    answer: (hour, chance) => (hour >= GONE_AT ? failed(410, 'retired') : took(ok(), 90, chance)),
  },
  {
    host: 'ads.brightside.example',
    path: '/audiences',
    description: 'Audience builder',
    fields: { events: ['customer.*', 'broadcast.*'], rateLimit: 5 },
    answer: (_hour, chance) =>
      chance > 0.93
        ? { ...failed(429, 'slow down'), headers: { 'retry-after': '20' } }
        : took(ok(), 33, chance),
  },
  {
    host: 'staging.northwind.example',
    path: '/crm/sync',
    description: 'CRM sync, staging',
    fields: { events: ['crm.*'], active: false },
    answer: () => ok(),
  },
];

/** How busy the platform is at this instant, from 0 to 1: offices open, have lunch and close. */
export function busyness(instant: number): number {
  const hour = (instant / HOUR_MS) % 24;
  const bell = (at: number, width: number): number => Math.exp(-(((hour - at) / width) ** 2));
  return Math.min(1, 0.12 + 0.85 * bell(10.5, 2.4) + 0.8 * bell(15.5, 2.6) + 0.2 * bell(20, 2));
}
