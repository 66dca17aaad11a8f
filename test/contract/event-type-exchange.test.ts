import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { CATALOGUE } from '../../src/domain/catalogue.ts';
import type { ImportResult } from '../../src/management/catalogue/catalogue-exchange.ts';
import type { EventTypeView } from '../../src/management/catalogue/event-type-view.ts';
import type { ApiClient } from '../support/api-client.ts';
import type { EachStore } from '../support/each-store.ts';
import { describeOnEachStore } from '../support/each-store.ts';
import type { RunningApp } from './running-app.ts';
import { startContractApp } from './running-app.ts';

interface Imported {
  dryRun: boolean;
  created: number;
  changed: number;
  unchanged: number;
  refused: number;
  results: ImportResult[];
}

type Document = Record<string, unknown> & { webhooks: Record<string, unknown> };

/** References of each kind: to itself, to a part of itself, to a definition of a name that needs quoting. */
const TREE = {
  type: 'object',
  properties: {
    children: { items: { $ref: '#' } },
    leaf: { $ref: '#/$defs/a~1b%20c' },
    odd: { $ref: '#/$defs/5%25' },
    first: { $ref: '#/properties/children/items' },
  },
  $defs: { '5%': {}, 'a/b c': { type: 'integer' } },
};

describeOnEachStore('the catalogue as OpenAPI', (make) => {
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

  function read(document: unknown, query = ''): Promise<Imported> {
    return api.ok('POST', `/event-types/import${query}`, document);
  }

  async function write(): Promise<Document> {
    const { text } = await api.call('GET', '/event-types/export');
    return JSON.parse(text) as Document;
  }

  async function own(): Promise<Partial<EventTypeView>[]> {
    const { items } = await api.ok<{ items: EventTypeView[] }>('GET', '/event-types?limit=100&builtIn=false');
    return items.map(({ createdAt: _created, updatedAt: _updated, ...type }) => type);
  }

  /** One of each kind. */
  async function arrange(): Promise<void> {
    const types = [
      { name: 'shop.order.paid', schema: TREE, example: { leaf: 5, n: null }, validation: 'warn' },
      { name: 'shop.order.payed', deprecated: true, replacedBy: 'shop.order.paid', deprecationNote: 'Typo.' },
      { name: 'shop.thing', category: 'other', description: 'It was.', schema: {}, example: {} },
      { name: 'shop.nothing' },
    ];
    for (const type of types) await api.ok('POST', '/event-types', type);
    await api.ok('PATCH', '/event-types/crm.lead.created', { validation: 'reject' });
  }

  test('is a valid document, with every event type as a webhook', async () => {
    await arrange();
    const document = await write();
    const verdict = await new Validator().validate(structuredClone(document));
    expect(verdict).toMatchObject({ valid: true });
    expect(document['openapi']).toBe('3.1.0');
    expect(Object.keys(document.webhooks)).toHaveLength(CATALOGUE.length + 4);
    expect(document.webhooks['shop.order.payed']).toMatchObject({ post: { deprecated: true } });
  });

  test('is imported again as what it was, here and elsewhere', async () => {
    await arrange();
    // The validator of the test above takes these for references.
    const odd = { properties: { $ref: { const: { $ref: 'not one' } } }, default: { $ref: '#/nor/this' } };
    await api.ok('PATCH', '/event-types/shop.nothing', { schema: odd });
    const [document, before] = [await write(), await own()];
    const count = CATALOGUE.length + 4;
    expect(await read(document)).toMatchObject({ created: 0, changed: 0, unchanged: count, refused: 0 });
    api = await running.addWorkspace();
    expect(await read(document)).toMatchObject({
      created: 4,
      changed: 1,
      unchanged: CATALOGUE.length - 1,
      refused: 0,
    });
    expect(await own()).toEqual(before);
    const { webhooks, components } = await write();
    const text = (value: unknown): string => JSON.stringify(value).replaceAll(/[0-9a-f]{24}/g, 'id');
    expect(text([webhooks, components])).toBe(text([document.webhooks, document['components']]));
    expect(await read(document)).toMatchObject({ unchanged: count });
  });

  test('brings what schemas refer to, from wherever in the document it is', async () => {
    const result = await read({
      openapi: '3.1.0',
      webhooks: {
        'shop.order.paid': { $ref: '#/components/pathItems/paid' },
        'shop.order.sent': {
          post: {
            summary: 'Sent.',
            requestBody: {
              content: {
                'application/json; charset=utf-8': {
                  schema: { properties: { order: { $ref: '#/components/schemas/Order' } } },
                  examples: { one: { $ref: '#/components/examples/sent' } },
                },
              },
            },
          },
        },
      },
      components: {
        pathItems: {
          paid: {
            post: {
              tags: ['money'],
              description: 'Paid.',
              requestBody: { $ref: '#/components/requestBodies/paid' },
            },
          },
        },
        requestBodies: {
          paid: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Paid' } } } },
        },
        examples: { sent: { value: { order: { lines: [] } } } },
        schemas: {
          Envelope: { properties: { eventType: { type: 'string' }, data: { type: 'object' } } },
          Paid: {
            allOf: [{ $ref: '#/components/schemas/Envelope' }],
            properties: { data: { $ref: '#/components/schemas/Order' } },
          },
          Order: {
            required: ['lines'],
            properties: { lines: { items: { $ref: '#/components/schemas/Line' } } },
          },
          Line: { properties: { of: { $ref: '#/components/schemas/Order' }, n: { type: 'integer' } } },
        },
      },
    });
    expect(result).toMatchObject({ created: 2, refused: 0 });
    const [paid, sent] = await own();
    expect(paid).toMatchObject({
      category: 'money',
      description: 'Paid.',
      example: null,
      schema: {
        required: ['lines'],
        properties: { lines: { items: { $ref: '#/$defs/Line' } } },
        $defs: { Line: { properties: { of: { $ref: '#' }, n: { type: 'integer' } } } },
      },
    });
    expect(sent).toMatchObject({
      category: 'shop',
      description: 'Sent.',
      example: { order: { lines: [] } },
      schema: { properties: { order: { $ref: '#/$defs/Order' } }, $defs: { Line: {}, Order: {} } },
    });
    await api.ok('PATCH', '/event-types/settings', { validation: 'reject' });
    const data = { lines: [{ of: { lines: [{ n: 'x' }] } }] };
    const refused = await api.call('POST', '/events', { eventType: 'shop.order.paid', data });
    expect(refused.body.error?.details?.errors).toEqual([
      { path: 'data.lines[0].of.lines[0].n', message: 'must be a whole number' },
    ]);
  });

  test('tells of each type that is refused, and takes the rest', async () => {
    const withSchema = (schema: unknown, more: object = {}) => ({
      post: { requestBody: { content: { 'application/json': { schema, ...more } } } },
    });
    const chain = Object.fromEntries(
      Array.from({ length: 1_500 }, (_, i) => [
        `s${i}`,
        { items: { $ref: `#/components/schemas/s${i + 1}` } },
      ]),
    );
    const webhooks = {
      'shop.good': withSchema({ type: 'object' }),
      nodots: withSchema({}),
      'crm.lead.created': withSchema({ type: 'object' }),
      'webhook.mine.made': withSchema({}),
      'shop.pattern': withSchema({ pattern: '(a)\\1' }),
      'shop.remote': withSchema({ properties: { a: { $ref: 'https://example.com/a.json' } } }),
      'shop.away': { $ref: 'https://example.com/item.json' },
      'shop.lost': withSchema({ $ref: '#/components/schemas/none' }),
      'shop.circle': withSchema({ $ref: '#/components/schemas/circle' }),
      'shop.chain': withSchema({ $ref: '#/components/schemas/s0' }),
      'shop.example': withSchema({ type: 'object', required: ['a'] }, { example: {} }),
      'shop.put': { put: {} },
      'shop.mode': { post: { 'x-velahook-validation': 'loud', deprecated: 'yes', description: 5 } },
      'shop.long': { post: { description: 'x'.repeat(2_000) } },
      'shop.list': withSchema({}, { example: [] }),
    };
    const schemas = { ...chain, s1500: {}, circle: { $ref: '#/components/schemas/circle' } };
    const { results, created, refused } = await read({ openapi: '3.1.1', webhooks, components: { schemas } });
    expect([created, refused]).toEqual([1, results.length - 1]);
    const errors = results.map(({ name, errors: found }) => [name, found?.map(({ path }) => path)]);
    expect(errors).toEqual([
      ['shop.good', undefined],
      ['nodots', ['name']],
      ['crm.lead.created', ['name']],
      ['webhook.mine.made', ['name']],
      ['shop.pattern', ['schema.pattern']],
      ['shop.remote', ['schema.properties.a.$ref']],
      ['shop.away', ['shop.away']],
      ['shop.lost', ['shop.lost']],
      ['shop.circle', ['shop.circle']],
      ['shop.chain', ['shop.chain']],
      ['shop.example', ['example.a']],
      ['shop.put', ['shop.put']],
      ['shop.mode', ['x-velahook-validation', 'deprecated', 'description']],
      ['shop.long', ['description']],
      ['shop.list', ['example']],
    ]);
    expect((await own()).map(({ name }) => name)).toEqual(['shop.good']);
  });

  test('can be tried without doing it', async () => {
    const document = { openapi: '3.1.0', webhooks: { 'shop.order.paid': { post: {} } } };
    expect(await read(document, '?dryRun=true')).toMatchObject({ dryRun: true, created: 1 });
    expect(await own()).toEqual([]);
    await read(document);
    await api.ok('PATCH', '/event-types/shop.order.paid', { description: 'Mine.', validation: 'warn' });
    expect(await read(document, '?dryRun=true')).toMatchObject({ changed: 1 });
    expect(await read(document)).toMatchObject({ changed: 1 });
    // How it is validated is this workspace's, unless the document says something of it.
    expect(await own()).toMatchObject([{ description: '', validation: 'warn' }]);
  });

  test.each<[string, unknown, string[]]>([
    ['nothing', {}, ['openapi', 'webhooks']],
    ['an older version', { openapi: '3.0.3', webhooks: {} }, ['openapi']],
    [
      'too many',
      {
        openapi: '3.1.0',
        webhooks: Object.fromEntries(Array.from({ length: 1_001 }, (_, i) => [`a.b${i}`, {}])),
      },
      ['webhooks'],
    ],
  ])('is refused as a whole: %s', async (_name, document, paths) => {
    const answer = await api.call('POST', '/event-types/import', document);
    expect([answer.status, answer.body.error?.details?.errors.map(({ path }) => path)]).toEqual([422, paths]);
  });

  test('is imported with catalogue:write only', async () => {
    const reader = await running.addToken({ scopes: ['events:read'] });
    expect((await reader.call('POST', '/event-types/import', {})).status).toBe(403);
    expect((await reader.call('GET', '/event-types/export')).status).toBe(200);
  });
});
