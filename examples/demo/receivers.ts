import { createHmac, timingSafeEqual } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import type { Answer, ReceivedRequest, Receiver } from '../../test/support/receiver.ts';
import { startReceiver } from '../../test/support/receiver.ts';

/** One customer of the platform: a subscription, and how its receiver behaves. */
export interface Customer {
  name: string;
  /** What the table says of it. */
  behaviour: string;
  path: string;
  events: string[];
  secret: string;
  received: number;
  /** Requests that came with a signature that is right in both schemes. */
  verified: number;
  /** Events it has seen, to tell retries from new ones. */
  eventIds: Set<string>;
}

const SLOW_MS = 1_200;
/** How often the flaky receiver fails each event before it takes it. */
const FLAKY_FAILURES = 2;

function customer(name: string, behaviour: string, events: string[]): Customer {
  return {
    name,
    behaviour,
    path: `/${name}`,
    events,
    secret: `whsec_${Buffer.from(`a demo secret of ${name.padEnd(16, '.')}`).toString('base64')}`,
    received: 0,
    verified: 0,
    eventIds: new Set(),
  };
}

/** A real HTTPS server that plays five customers, one per path. */
export async function startCustomers(): Promise<{ receiver: Receiver; customers: Customer[] }> {
  const customers = [
    customer('steady', '200 at once', ['*']),
    customer('flaky', '500 twice, then 200', ['crm.*', 'customer.created']),
    customer('slow', `200 after ${SLOW_MS / 1000} s`, ['inbox.message.received']),
    customer('busy', '429 once, Retry-After: 3', ['channels.message.status_changed']),
    customer('gone', '410: wants no more', ['inbox.conversation.created']),
  ];
  const receiver = await startReceiver();
  const seen = new Map<string, number>();
  for (const each of customers) {
    receiver.respondAt(each.path, (request) => {
      note(each, request);
      const key = each.name === 'flaky' ? `flaky ${request.headers['webhook-id']}` : each.name;
      const times = (seen.get(key) ?? 0) + 1;
      seen.set(key, times);
      return answerOf(each.name, times);
    });
  }
  return { receiver, customers };
}

/** `times`: the how many-th request this is; of the same event for the flaky one. */
function answerOf(name: string, times: number): Answer {
  if (name === 'flaky' && times <= FLAKY_FAILURES) return { status: 500, body: 'try again' };
  if (name === 'slow') return { delayMs: SLOW_MS };
  if (name === 'busy' && times === 1) return { status: 429, headers: { 'retry-after': '3' } };
  if (name === 'gone') return { status: 410 };
  return { status: 200 };
}

function note(each: Customer, request: ReceivedRequest): void {
  each.received += 1;
  each.eventIds.add(String(request.headers['webhook-id']));
  if (isDocumentedSignatureRight(each.secret, request) && isStandardSignatureRight(each.secret, request))
    each.verified += 1;
}

/** As the documentation tells receivers to do it. */
function isDocumentedSignatureRight(secret: string, request: ReceivedRequest): boolean {
  const expected = Buffer.from(`sha256=${createHmac('sha256', secret).update(request.body).digest('hex')}`);
  const given = Buffer.from(String(request.headers['x-webhook-signature']));
  return expected.length === given.length && timingSafeEqual(expected, given);
}

/** With the official library of Standard Webhooks. */
function isStandardSignatureRight(secret: string, request: ReceivedRequest): boolean {
  try {
    new Webhook(secret).verify(request.body, request.headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
}
