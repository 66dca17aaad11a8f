import type { Subscription } from '../../src/domain/subscription.ts';
import { buildBody } from '../../src/domain/event.ts';
import { newAttemptId, newDeliveryId, newEventId, newId } from '../../src/domain/ids.ts';
import { systemRandom } from '../../src/lib/random.ts';
import type { AttemptToRecord } from '../../src/store/contract/records.ts';
import type { NewEvent } from '../../src/store/contract/events.ts';

const DATA = Buffer.from(JSON.stringify({ text: 'x'.repeat(1000) }));

/** A new event of 1 KB with one delivery. */
export function makeEvent(workspaceId: string, subscriptionId: string, version: number): NewEvent {
  const eventId = newEventId(Date.now(), systemRandom);
  const timestamp = new Date().toISOString();
  return {
    workspaceId,
    eventId,
    eventIdGiven: false,
    origin: 'published',
    eventType: 'crm.lead.created',
    timestamp,
    timestampGiven: false,
    orderingKey: null,
    idempotencyKey: null,
    body: buildBody({ eventId, eventType: 'crm.lead.created', timestamp, workspaceId }, DATA),
    dataBytes: DATA.length,
    deliveries: [
      { id: newDeliveryId(Date.now(), systemRandom), subscriptionId, generation: 1, state: 'pending' },
    ],
    deliveryCount: 1,
    filteredOut: null,
    subscriptionVersion: version,
    fanoutCursor: null,
  };
}

/** Its delivery, delivered at the first attempt. */
export function makeRecord(event: NewEvent): AttemptToRecord {
  const [delivery] = event.deliveries;
  if (delivery === undefined) throw new Error('An event of a bench has one delivery.');
  const now = Date.now();
  return {
    deliveryId: delivery.id,
    subscriptionId: delivery.subscriptionId,
    attempt: {
      id: newAttemptId(now, systemRandom),
      number: 1,
      startedAt: now,
      durationMs: 12,
      outcome: 'success',
      statusCode: 200,
      error: null,
      responseBody: Buffer.from('ok'),
      responseTruncated: false,
      responseHeaders: 'content-type: application/json\n+4',
      request: `${Math.floor(now / 1000)} 110 https://api.example.com/hooks/velahook/5f3a`,
      timing: '- - - 12',
      remoteAddress: '203.0.113.10',
    },
    next: { state: 'succeeded' },
    deactivation: null,
  };
}

export function makeSubscription(id: string, workspaceId: string): Subscription {
  const now = Date.now();
  return {
    id,
    workspaceId,
    url: 'https://example.com/hook',
    events: ['*'],
    status: 'active',
    description: null,
    timeoutMs: 10_000,
    rateLimit: null,
    ordered: false,
    sealedSecret: new Uint8Array(32),
    secretConfigured: false,
    secretHint: 'abcd',
    keyPair: null,
    previous: null,
    headers: null,
    filter: null,
    generation: 1,
    createdAt: now,
    updatedAt: now,
    deactivatedAt: null,
    deactivationReason: null,
    missingSince: null,
  };
}

export function newBenchId(): string {
  return newId(Date.now(), systemRandom);
}
