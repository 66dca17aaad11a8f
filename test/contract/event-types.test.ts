import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CATALOGUE } from '../../src/domain/catalogue.ts';
import type { EventTypeView } from '../../src/management/catalogue/event-type-view.ts';
import type { ApiAnswer, ApiClient, EventAnswer, SubscriptionAnswer } from '../support/api-client.ts';
import type { EachStore } from '../support/each-store.ts';
import { describeOnEachStore } from '../support/each-store.ts';
import type { RunningApp } from './running-app.ts';
import { startContractApp } from './running-app.ts';

const URL = 'https://hooks.example.com/a';
const ORDER = {
  type: 'object',
  required: ['orderId'],
  properties: {
    orderId: { type: 'string', pattern: '^o-\\d+$' },
    lines: { type: 'array', items: { $ref: '#/$defs/line' } },
  },
  $defs: { line: { type: 'object', properties: { count: { type: 'integer', minimum: 1 } } } },
};

describeOnEachStore('the event catalogue', (make) => {
  let store: EachStore;
  let running: RunningApp;
  /** A workspace of its own for each test. */
  let api: ApiClient;

  beforeAll(async () => {
    store = await make();
    running = await startContractApp(store.environment);
  });
  afterAll(async () => {
    await running.stop();
    await store.remove();
  });
  beforeEach(async () => {
    api = await running.addWorkspace();
  });

  async function create(fields: Record<string, unknown>): Promise<EventTypeView> {
    return (await api.ok<{ eventType: EventTypeView }>('POST', '/event-types', fields)).eventType;
  }

  async function change(name: string, fields: Record<string, unknown>): Promise<EventTypeView> {
    return (await api.ok<{ eventType: EventTypeView }>('PATCH', `/event-types/${name}`, fields)).eventType;
  }

  async function namesOf(query: string): Promise<string[]> {
    const { items } = await api.ok<{ items: EventTypeView[] }>('GET', `/event-types?limit=100&${query}`);
    return items.map(({ name }) => name);
  }

  function publish(eventType: string, data: unknown): Promise<ApiAnswer> {
    return api.call('POST', '/events', { eventType, data });
  }

  function errorsOf(answer: ApiAnswer): { path: string; message: string }[] {
    return answer.body.error?.details?.errors ?? [];
  }

  function warningsOf(answer: ApiAnswer): string[] {
    return (answer.body.data as { event: { warnings: string[] } }).event.warnings;
  }

  describe('types of a workspace', () => {
    test('are made, shown, changed and deleted, beside the built-in ones', async () => {
      const created = await create({ name: 'shop.order.paid', description: 'Paid.', schema: ORDER });
      expect(created).toMatchObject({
        name: 'shop.order.paid',
        builtIn: false,
        category: 'shop',
        description: 'Paid.',
        schema: ORDER,
        example: null,
        deprecated: false,
        deprecationNote: null,
        replacedBy: null,
        validation: null,
        effectiveValidation: 'off',
        warnings: [],
      });
      expect(created.createdAt).toBe(created.updatedAt);
      const changed = await change('shop.order.paid', {
        category: 'money',
        example: { orderId: 'o-1' },
        deprecated: true,
      });
      const { updatedAt: _changedAt, ...before } = created;
      expect(changed).toMatchObject({
        ...before,
        category: 'money',
        example: { orderId: 'o-1' },
        deprecated: true,
      });
      expect(await api.ok('GET', '/event-types/shop.order.paid')).toEqual({ eventType: changed });
      expect(await namesOf('builtIn=false')).toEqual(['shop.order.paid']);
      expect(await namesOf('category=money')).toEqual(['shop.order.paid']);
      expect(await namesOf('deprecated=true')).toEqual(['shop.order.paid']);
      expect(await namesOf('search=PAID')).toEqual(['shop.order.paid']);
      expect(await namesOf('builtIn=true&deprecated=false')).toHaveLength(CATALOGUE.length);
      expect((await change('shop.order.paid', { schema: null, example: null })).schema).toBeNull();
      expect(await api.ok('DELETE', '/event-types/shop.order.paid')).toEqual({
        deleted: true,
        _id: 'shop.order.paid',
      });
      expect((await api.call('GET', '/event-types/shop.order.paid')).status).toBe(404);
      expect((await api.call('DELETE', '/event-types/shop.order.paid')).status).toBe(404);
    });

    test('are nothing to another workspace', async () => {
      await create({ name: 'shop.order.paid' });
      api = await running.addWorkspace();
      for (const method of ['GET', 'DELETE'])
        expect((await api.call(method, '/event-types/shop.order.paid')).status).toBe(404);
      expect((await api.call('PATCH', '/event-types/shop.order.paid', { description: 'x' })).status).toBe(
        404,
      );
      expect(await namesOf('builtIn=false')).toEqual([]);
    });

    test('cannot take a name that is taken', async () => {
      await create({ name: 'shop.order.paid' });
      for (const name of ['shop.order.paid', 'crm.lead.created', 'webhook.mine.made'])
        expect([name, (await api.call('POST', '/event-types', { name })).status]).toEqual([name, 409]);
    });

    test('are refused with every mistake at once', async () => {
      const answer = await api.call('POST', '/event-types', {
        name: 'no_dots',
        category: 'not a word',
        description: 5,
        schema: { type: 'objekt', properties: { a: { pattern: '(a)\\1' }, b: { $ref: 'https://x.test/s' } } },
        example: [],
        replacedBy: 'nothing',
        validation: 'maybe',
        more: true,
      });
      expect([answer.status, answer.body.error?.code]).toEqual([422, 'VALIDATION_ERROR']);
      expect(
        errorsOf(answer)
          .map(({ path }) => path)
          .toSorted(),
      ).toEqual([
        'category',
        'description',
        'example',
        'more',
        'name',
        'replacedBy',
        'schema.properties.a.pattern',
        'schema.properties.b.$ref',
        'schema.type',
        'validation',
      ]);
    });

    test('have an example that fits their schema', async () => {
      const wrong = {
        name: 'shop.order.paid',
        schema: ORDER,
        example: { orderId: 7, lines: [{ count: 0 }] },
      };
      const answer = await api.call('POST', '/event-types', wrong);
      expect(errorsOf(answer)).toEqual([
        { path: 'example.orderId', message: 'must be a string' },
        { path: 'example.lines[0].count', message: 'must be at least 1' },
      ]);
      await create({ name: 'shop.order.paid', example: { any: 1 } });
      expect((await api.call('PATCH', '/event-types/shop.order.paid', { schema: ORDER })).status).toBe(422);
    });

    test('are known where names are judged, each workspace its own', async () => {
      await create({ name: 'shop.order.paid' });
      expect(warningsOf(await publish('shop.order.paid', {}))).toEqual([]);
      expect(errorsOf(await publish('shop.order.piad', {}))[0]?.message).toContain('"shop.order.paid"');
      const subscription = await api.subscribe({ url: URL, events: ['shop.order.paid', 'shop.*'] });
      expect(subscription.warnings).toEqual([]);
      api = await running.addWorkspace();
      expect(warningsOf(await publish('shop.order.piad', {}))).toHaveLength(1);
    });

    test('give test events their example', async () => {
      await create({ name: 'shop.order.paid', example: { orderId: 'o-7' } });
      const { _id } = await api.subscribe({ url: URL, events: ['shop.*'] });
      const { delivery } = await api.ok<{ delivery: { eventId: string; eventType: string } }>(
        'POST',
        `/integrations/webhooks/${_id}/test`,
      );
      expect(delivery.eventType).toBe('shop.order.paid');
      const { event } = await api.ok<{ event: { data: object } }>('GET', `/events/${delivery.eventId}`);
      expect(event.data).toEqual({ orderId: 'o-7' });
    });

    test('that are deprecated are warned of, with what to do instead', async () => {
      await create({
        name: 'shop.order.payed',
        deprecated: true,
        replacedBy: 'shop.order.paid',
        deprecationNote: 'Gone in May.',
      });
      const warning =
        'Event type "shop.order.payed" is deprecated; use "shop.order.paid" instead: Gone in May.';
      expect(warningsOf(await publish('shop.order.payed', {}))).toEqual([warning]);
      const events = ['shop.order.payed'];
      const { subscription } = await api.ok<{ subscription: SubscriptionAnswer }>(
        'POST',
        '/integrations/webhooks',
        { url: URL, events },
      );
      expect(subscription.warnings).toEqual([warning]);
    });

    test('made at once by many are all made', async () => {
      const names = Array.from({ length: 6 }, (_, i) => `shop.order.n${i}`);
      await Promise.all(names.map((name) => create({ name })));
      expect(await namesOf('builtIn=false')).toEqual(names);
    });
  });

  describe('built-in types', () => {
    test('can be set to be validated, and nothing else', async () => {
      const name = 'crm.lead.created';
      expect(await change(name, { validation: 'reject' })).toMatchObject({
        builtIn: true,
        validation: 'reject',
        effectiveValidation: 'reject',
      });
      expect((await api.call('PATCH', `/event-types/${name}`, { description: 'Mine' })).status).toBe(409);
      expect((await api.call('DELETE', `/event-types/${name}`)).status).toBe(409);
      expect(await change(name, { validation: null })).toMatchObject({ validation: null, createdAt: null });
      const own = '/event-types/webhook.subscription.failing';
      expect((await api.call('PATCH', own, { validation: 'warn' })).status).toBe(409);
    });

    test('take each their example, validated', async () => {
      await api.ok('PATCH', '/event-types/settings', { validation: 'reject' });
      const types = CATALOGUE.filter(({ category }) => category !== 'webhook');
      const published = await api.ok<{ results: { event?: EventAnswer }[] }>('POST', '/events/batch', {
        events: types.map(({ name, example }) => ({ eventType: name, data: example })),
      });
      expect(published.results.map(({ event }) => event?.eventType)).toEqual(types.map(({ name }) => name));
      const refused = await api.ok<{ refused: number }>('POST', '/events/batch', {
        events: types.map(({ name }) => ({ eventType: name, data: { customerId: 5, leadId: [], to: null } })),
      });
      expect(refused.refused).toBeGreaterThan(types.length - 5);
    });
  });

  describe('validation', () => {
    const bad = { orderId: 'x', lines: [{ count: 1 }, { count: 1.5 }] };

    test('is off until it is asked for', async () => {
      await create({ name: 'shop.order.paid', schema: ORDER });
      expect((await publish('shop.order.paid', bad)).status).toBe(202);
      expect(await api.ok('GET', '/event-types/settings')).toEqual({ settings: { validation: 'off' } });
    });

    test('warns, or refuses with the path of each mistake', async () => {
      await create({ name: 'shop.order.paid', schema: ORDER, validation: 'warn' });
      const warned = await publish('shop.order.paid', bad);
      expect([warned.status, warningsOf(warned)]).toEqual([
        202,
        ['data.orderId: must match ^o-\\d+$', 'data.lines[1].count: must be a whole number'],
      ]);
      await change('shop.order.paid', { validation: 'reject' });
      const refused = await publish('shop.order.paid', bad);
      expect([refused.status, errorsOf(refused)]).toEqual([
        422,
        [
          { path: 'data.orderId', message: 'must match ^o-\\d+$' },
          { path: 'data.lines[1].count', message: 'must be a whole number' },
        ],
      ]);
      expect((await publish('shop.order.paid', { orderId: 'o-1' })).status).toBe(202);
    });

    test('is as the type has it, else as the workspace has it for all', async () => {
      await create({ name: 'shop.order.paid', schema: ORDER });
      await create({ name: 'shop.order.sent', schema: ORDER, validation: 'off' });
      await create({ name: 'shop.order.lost' });
      await api.ok('PATCH', '/event-types/settings', { validation: 'reject' });
      const statuses = await Promise.all(
        ['shop.order.paid', 'shop.order.sent', 'shop.order.lost', 'shop.thing.found', 'crm.lead.created'].map(
          async (name) => (await publish(name, bad)).status,
        ),
      );
      expect(statuses).toEqual([422, 202, 202, 202, 422]);
    });

    test('tells other mistakes of the request as well', async () => {
      await create({ name: 'shop.order.paid', schema: ORDER, validation: 'reject' });
      const body = { eventType: 'shop.order.paid', data: {}, eventId: 'a b', timestamp: 'now' };
      const answer = await api.call('POST', '/events', body);
      expect(errorsOf(answer).map(({ path }) => path)).toEqual(['eventId', 'timestamp', 'data.orderId']);
    });

    test('sees numbers as JSON.parse does, and leaves the bytes alone', async () => {
      const schema = { properties: { n: { const: 12345678901234567000 }, m: { type: 'integer' } } };
      await create({ name: 'shop.order.paid', schema, validation: 'reject' });
      const data = '{"n": 12345678901234567001, "m":1.0}';
      const answer = await api.call('POST', '/events', `{"eventType":"shop.order.paid","data":${data}}`);
      expect(answer.status).toBe(202);
      const { event } = answer.body.data as { event: EventAnswer };
      expect((await api.call('GET', `/events/${event.eventId}`)).text).toContain(data);
    });

    test('does not concern test events', async () => {
      await create({ name: 'shop.order.paid', schema: ORDER, validation: 'reject' });
      const { _id } = await api.subscribe({ url: URL, events: ['shop.*'] });
      expect((await api.call('POST', `/integrations/webhooks/${_id}/test`, { data: { n: 1 } })).status).toBe(
        202,
      );
    });
  });

  test('settings take only what they know', async () => {
    const answer = await api.call('PATCH', '/event-types/settings', { validation: 'loud', more: 1 });
    expect(errorsOf(answer).map(({ path }) => path)).toEqual(['more', 'validation']);
    expect(await api.ok('PATCH', '/event-types/settings', {})).toEqual({ settings: { validation: 'off' } });
  });

  test('is written with catalogue:write, and read with events:read', async () => {
    const reader = await running.addToken({ scopes: ['events:read'] });
    expect((await reader.call('GET', '/event-types')).status).toBe(200);
    const writes = [
      ['POST', '/event-types'],
      ['PATCH', '/event-types/settings'],
      ['PATCH', '/event-types/crm.lead.created'],
      ['DELETE', '/event-types/crm.lead.created'],
    ] as const;
    for (const [method, path] of writes)
      expect((await reader.call(method, path, method === 'DELETE' ? undefined : {})).status).toBe(403);
  });

  test('has bounds: no more types, no more bytes than a workspace may have', async () => {
    const many = Array.from({ length: 500 }, (_, i) => ({ name: `shop.many.n${i}` }));
    const { workspaceId } = api.access;
    const definition = {
      category: 'shop',
      description: '',
      schema: null,
      example: null,
      deprecated: false,
      deprecationNote: null,
      replacedBy: null,
    };
    const rest = { validation: null, createdAt: 1, updatedAt: 1 };
    await running.app.store.changeCatalogue(workspaceId, 0, {
      put: many.map(({ name }) => ({ name, definition, ...rest })),
    });
    expect((await api.call('POST', '/event-types', { name: 'shop.one.more' })).status).toBe(409);
    expect((await api.call('DELETE', '/event-types/shop.many.n7')).status).toBe(200);
    const long = { name: 'shop.one.more', schema: { description: 'x'.repeat(33_000) } };
    expect((await api.call('POST', '/event-types', long)).status).toBe(422);
    expect((await api.call('POST', '/event-types', { name: 'shop.one.more' })).status).toBe(201);
    const filled = { ...definition, schema: { description: 'x'.repeat(32_000) } };
    await running.app.store.changeCatalogue(workspaceId, 3, {
      put: many.slice(0, 66).map(({ name }) => ({ name, definition: filled, ...rest })),
    });
    expect((await api.call('PATCH', '/event-types/shop.one.more', { description: 'y' })).status).toBe(409);
  });
});
