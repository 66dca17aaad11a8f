import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ApiClient } from '../support/api-client.ts';
import type { RunningApp } from './running-app.ts';
import { startContractApp } from './running-app.ts';

const URL_OK = 'https://receiver.velahook-example.com/hook';

interface Event {
  eventId: string;
  [field: string]: unknown;
}

interface Page<T> {
  items: T[];
  pagination: { limit: number; nextCursor: string | null };
}

let running: RunningApp;
/** A workspace of its own for each test. */
let api: ApiClient;
beforeAll(async () => {
  running = await startContractApp();
});
beforeEach(async () => {
  api = await running.addWorkspace();
});
afterAll(() => running.stop());

async function publishText(text: string, headers: Record<string, string> = {}) {
  return api.call('POST', '/events', text, headers);
}

describe('publishing', () => {
  it('answers 202 with what was stored', async () => {
    await api.subscribe({ url: URL_OK, events: ['crm.*'] });
    await api.subscribe({ url: URL_OK, events: ['*'] });
    await api.subscribe({ url: URL_OK, events: ['inbox.*'] });
    const answer = await api.call('POST', '/events', {
      eventType: 'crm.lead.created',
      data: { a: 1 },
      eventId: 'my-id_1',
      timestamp: '2026-03-24T16:30:00+02:00',
      orderingKey: 'lead 7',
    });
    expect(answer.status).toBe(202);
    expect(answer.body.data).toEqual({
      event: {
        eventId: 'my-id_1',
        eventType: 'crm.lead.created',
        timestamp: '2026-03-24T14:30:00.000Z',
        workspaceId: api.access.workspaceId,
        orderingKey: 'lead 7',
        deliveries: 2,
        duplicate: false,
        warnings: [],
      },
    });
  });

  it('of the same again answers the first result; of something else under its id is a 409', async () => {
    const body = { eventType: 'crm.lead.created', data: { a: 1 }, eventId: 'once' };
    const first = await api.call('POST', '/events', body);
    const again = await api.call('POST', '/events', body);
    expect(again.status).toBe(202);
    expect(again.body.data?.['event']).toEqual({
      ...(first.body.data?.['event'] as object),
      duplicate: true,
    });
    for (const other of [{ data: { a: 2 } }, { eventType: 'crm.deal.won' }, { orderingKey: 'k' }]) {
      const answer = await api.call('POST', '/events', { ...body, ...other });
      expect([other, answer.status, answer.body.error?.code]).toEqual([other, 409, 'CONFLICT']);
    }
    const spaced = await publishText('{"eventType":"crm.lead.created","data":{"a": 1},"eventId":"once"}');
    expect(spaced.status).toBe(409);
  });

  it('with an Idempotency-Key stores it once', async () => {
    const key = { 'idempotency-key': 'order/4711 (retry)' };
    const [first, second] = [
      await publishText('{"eventType":"crm.lead.created","data":{}}', key),
      await publishText('{"eventType":"crm.lead.created","data":{}}', key),
    ];
    const [a, b] = [first, second].map((answer) => answer.body.data?.['event'] as Event);
    expect(b).toEqual({ ...a, duplicate: true });
    expect((await publishText('{"eventType":"crm.lead.created","data":{"x":1}}', key)).status).toBe(409);
    for (const bad of ['', 'k'.repeat(256), 'k\u00e9y']) {
      const answer = await publishText('{"eventType":"crm.lead.created","data":{}}', {
        'idempotency-key': bad,
      });
      expect([bad, answer.status]).toEqual([bad, 400]);
    }
  });

  it('a hundred times at once stores it once', async () => {
    const body = { eventType: 'crm.lead.created', data: { a: 1 }, eventId: 'race' };
    const answers = await Promise.all(Array.from({ length: 100 }, () => api.call('POST', '/events', body)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    const events = answers.map((answer) => answer.body.data?.['event'] as Event);
    expect(events.filter(({ duplicate }) => duplicate === false)).toHaveLength(1);
    expect((await api.ok<Page<Event>>('GET', '/events')).items).toHaveLength(1);
  });

  it('of an unknown type warns, of a misspelt or reserved one is refused', async () => {
    const publish = (eventType: string) => api.call('POST', '/events', { eventType, data: {} });
    expect((await publish('shop.order.paid')).body.data?.['event']).toMatchObject({
      warnings: [expect.stringContaining('shop.order.paid') as string],
    });
    const misspelt = await publish('crm.lead.craeted');
    expect(misspelt.body.error?.details?.errors).toEqual([
      { path: 'eventType', message: expect.stringContaining('crm.lead.created') as string },
    ]);
    expect((await publish('webhook.subscription.failing')).status).toBe(422);
  });

  it.each([
    '*',
    'crm.*',
    'crm..lead',
    '.crm.lead',
    'crm',
    'crm.lead created',
    'crm.lead\r\nX-A: 1',
    'crm.\u00fc',
    7,
    null,
  ])('refuses the type %j', async (eventType) => {
    const answer = await api.call('POST', '/events', { eventType, data: {} });
    expect(answer.body.error?.details?.errors.map(({ path }) => path)).toEqual(['eventType']);
  });

  it.each(['', 'a.b', 'a b', 'x'.repeat(65), 'é', 7])('refuses the id %j', async (eventId) => {
    const answer = await api.call('POST', '/events', { eventType: 'crm.lead.created', data: {}, eventId });
    expect(answer.body.error?.details?.errors.map(({ path }) => path)).toEqual(['eventId']);
  });

  it('of unknown types can be refused altogether', async () => {
    const strict = await startContractApp({ VELAHOOK_UNKNOWN_TYPES: 'reject' });
    try {
      const body = { eventType: 'shop.order.paid', data: {} };
      expect((await strict.api.call('POST', '/events', body)).status).toBe(422);
      const fields = { url: URL_OK, events: ['shop.*'] };
      expect((await strict.api.call('POST', '/integrations/webhooks', fields)).status).toBe(422);
    } finally {
      await strict.stop();
    }
  });
});

describe('an event', () => {
  it('shows its data with the very bytes that were sent', async () => {
    const data =
      '{"n":12345678901234567890,"f":1.10,"e":1E400,"z":-0, "u":"\\u00e9\\ud800","s":"a\\/b","dup":1,"dup":2,"__proto__":{},"\\u0000":"<script>"}';
    const { event } = (await publishText(`{"eventType":"crm.lead.created","data":${data},"eventId":"bytes"}`))
      .body.data as { event: Event };
    const answer = await api.call('GET', `/events/${event.eventId}`);
    expect(answer.text).toContain(`"data":${data}}`);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
  });

  it('tells what became of it', async () => {
    const summaryOf = async () => {
      const { eventId } = await api.publish('customer.created', {});
      const { event } = await api.ok<{ event: Event }>('GET', `/events/${eventId}`);
      return [event['deliveryCount'], event['summary'], event['states']];
    };
    const none = { pending: 0, succeeded: 0, failed: 0, cancelled: 0, skipped: 0 };
    expect(await summaryOf()).toEqual([0, 'No subscription matched, so nothing was sent.', none]);
    const { _id } = await api.subscribe({ url: URL_OK, events: ['customer.*'], active: false });
    const skipped = 'The one matching subscription was not active, so nothing was sent.';
    expect(await summaryOf()).toEqual([1, skipped, { ...none, skipped: 1 }]);
    await api.ok('PATCH', `/integrations/webhooks/${_id}`, { active: true });
    const waiting = expect.stringMatching(/first attempt|^Not delivered yet/) as string;
    expect(await summaryOf()).toEqual([1, waiting, { ...none, pending: 1 }]);
  });

  it('shows its deliveries, and they show it', async () => {
    const { _id } = await api.subscribe({ url: URL_OK, events: ['customer.*'] });
    const { eventId } = await api.publish('customer.created', {});
    const { deliveries } = await api.ok<{ deliveries: Page<{ _id: string }> }>('GET', `/events/${eventId}`);
    const [delivery] = deliveries.items;
    expect(delivery).toMatchObject({
      eventId,
      subscriptionId: _id,
      url: URL_OK,
      subscriptionStatus: 'active',
    });
    const detail = await api.ok<{ delivery: object }>('GET', `/deliveries/${delivery?._id}`);
    expect(detail.delivery).toMatchObject({ eventId, attempts: expect.any(Array) as [] });
    const ofSubscription = await api.ok<Page<object>>('GET', `/integrations/webhooks/${_id}/deliveries`);
    expect(ofSubscription.items).toHaveLength(1);
  });
});

describe('the list of events', () => {
  it('is read by cursor, newest first, each once, whatever is added meanwhile', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 7; n += 1) ids.push((await api.publish('customer.created', { n })).eventId);
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Page<Event> = await api.ok('GET', `/events?limit=3${cursor && `&cursor=${cursor}`}`);
      seen.push(...page.items.map(({ eventId }) => eventId));
      cursor = page.pagination.nextCursor;
      await api.publish('customer.updated', {});
    }
    expect(seen).toEqual(ids.toReversed());
  });

  it('is filtered by type, state and time', async () => {
    await api.publish('crm.lead.created', {});
    await api.subscribe({ url: URL_OK, events: ['customer.*'], active: false });
    await api.publish('customer.created', {});
    const types = async (query: string) =>
      (await api.ok<Page<Event>>('GET', `/events?${query}`)).items.map(({ eventType }) => eventType);
    expect(await types('eventType=crm.lead.created')).toEqual(['crm.lead.created']);
    expect(await types('state=skipped')).toEqual(['customer.created']);
    expect(await types('state=failed')).toEqual([]);
    expect(await types('since=2026-01-01T00:00:00Z')).toHaveLength(2);
    expect(await types(`until=${encodeURIComponent('2020-01-01T00:00:00+02:00')}`)).toEqual([]);
    for (const query of ['since=yesterday', 'state=lost', 'limit=0', 'since=2026-02-30T00:00:00Z']) {
      expect([query, (await api.call('GET', `/events?${query}`)).status]).toEqual([query, 400]);
    }
  });
});

describe('a test event', () => {
  const test = (id: string, body?: unknown) => api.call('POST', `/integrations/webhooks/${id}/test`, body);

  it('goes to this subscription only, of its first concrete type, with an example of the catalogue', async () => {
    const { _id } = await api.subscribe({ url: URL_OK, events: ['inbox.*', 'crm.lead.created'] });
    await api.subscribe({ url: URL_OK, events: ['*'] });
    const answer = await test(_id);
    expect(answer.status).toBe(202);
    const delivery = answer.body.data?.['delivery'] as { eventId: string };
    expect(delivery).toMatchObject({ subscriptionId: _id, eventType: 'crm.lead.created' });
    const { event, deliveries } = await api.ok<{ event: Event; deliveries: Page<object> }>(
      'GET',
      `/events/${delivery.eventId}`,
    );
    expect(event).toMatchObject({ origin: 'test', data: { name: 'Ada Lovelace' } });
    expect(deliveries.items).toHaveLength(1);
  });

  it('may be of a chosen type with chosen data, byte for byte', async () => {
    const { _id } = await api.subscribe({ url: URL_OK, events: ['*'] });
    const { delivery } = await api.ok<{ delivery: { eventId: string } }>(
      'POST',
      `/integrations/webhooks/${_id}/test`,
      '{"eventType":"webhook.subscription.failing","data":{"n":1.00}}',
    );
    expect((await api.call('GET', `/events/${delivery.eventId}`)).text).toContain('"data":{"n":1.00}}');
    for (const bad of [
      { eventType: 'crm.*' },
      { data: [] },
      { url: URL_OK },
      { eventType: 'crm.lead.craeted' },
    ]) {
      expect([bad, (await test(_id, bad)).status]).toEqual([bad, 422]);
    }
  });

  it.each([
    [['crm.*'], /^crm\./],
    [['acme.*', 'customer.*'], /^customer\./],
    [['*'], /^inbox\./],
    [['acme.*'], /^customer\.created$/],
    [['webhook.*'], /^customer\.created$/],
  ])('for a subscription to %j is of a type that it wants', async (events, type) => {
    const { _id } = await api.subscribe({ url: URL_OK, events });
    expect((await test(_id)).body.data).toMatchObject({
      delivery: { eventType: expect.stringMatching(type) as string },
      warnings: [],
    });
  });

  it('of an unknown type comes with the warning', async () => {
    const { _id } = await api.subscribe({ url: URL_OK, events: ['*'] });
    const { data } = (await test(_id, { eventType: 'acme.rocket.launched' })).body;
    expect(data?.['warnings']).toEqual([expect.stringContaining('acme.rocket.launched')]);
  });

  it('of one that is not active is a 409', async () => {
    const { _id } = await api.subscribe({ url: URL_OK, events: ['*'], active: false });
    expect((await test(_id)).body.error?.code).toBe('CONFLICT');
  });
});

describe('the catalogue', () => {
  interface List {
    items: { name: string; category: string }[];
    pagination: { page: number; limit: number; total: number; totalPages: number };
  }
  const list = (query = '') => api.ok<List>('GET', `/event-types?${query}`);
  const namesOf = async (query: string) => (await list(query)).items.map(({ name }) => name);

  it('lists every type with its category, description and an example', async () => {
    const { total, totalPages } = (await list('limit=30')).pagination;
    expect(total).toBeGreaterThanOrEqual(63);
    expect(totalPages).toBe(Math.ceil(total / 30));
    const names: string[] = [];
    for (let page = 1; page <= totalPages; page++) names.push(...(await namesOf(`limit=30&page=${page}`)));
    expect(names).toHaveLength(total);
    expect(names).toEqual([...new Set(names)].toSorted());
    const { eventType } = await api.ok<{ eventType: object }>('GET', '/event-types/crm.lead.stage_changed');
    expect(eventType).toMatchObject({
      name: 'crm.lead.stage_changed',
      category: 'crm',
      description: expect.any(String) as string,
      example: expect.any(Object) as object,
    });
    expect((await api.call('GET', '/event-types/crm.lead.nope')).status).toBe(404);
    expect((await api.call('GET', '/event-types/__proto__')).status).toBe(404);
  });

  it('is searched, filtered and sorted as every list by page is', async () => {
    expect(await list()).toMatchObject({ pagination: { page: 1, limit: 20 } });
    expect((await namesOf('category=inbox&limit=100')).every((name) => name.startsWith('inbox.'))).toBe(true);
    expect(await namesOf('search=LEAD.stage_ch')).toEqual(['crm.lead.stage_changed']);
    expect(await namesOf('search=lead.created&category=inbox')).toEqual([]);
    const forwards = await namesOf('limit=100');
    expect(await namesOf('limit=100&sortOrder=desc')).toEqual(forwards.toReversed());
    const { items } = await list('limit=100&sortBy=category');
    expect(items).toEqual(
      items.toSorted((a, b) => a.category.localeCompare(b.category) || (a.name < b.name ? -1 : 1)),
    );
    expect((await list('page=99')).items).toEqual([]);
    expect(await namesOf('category=nope')).toEqual([]);
    for (const query of ['limit=101', 'page=0', 'sortBy=createdAt']) {
      expect([query, (await api.call('GET', `/event-types?${query}`)).status]).toEqual([query, 400]);
    }
  });
});
