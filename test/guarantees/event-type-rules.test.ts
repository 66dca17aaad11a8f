import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSchema } from '../../src/domain/json-schema/check-schema.ts';
import { DataSchema } from '../../src/domain/json-schema/data-schema.ts';
import { noticeAbout } from '../../src/engine/upkeep.ts';
import { CATALOGUE, CATALOGUED_NAMES, findCatalogued } from '../../src/domain/catalogue.ts';
import { CATEGORIES } from '../../src/domain/catalogue/catalogued-type.ts';
import {
  createEventTypeJudge,
  entriesMatching,
  isEventType,
  isPattern,
  isReservedType,
  matchesPattern,
} from '../../src/domain/event-type.ts';

describe('the names of event types', () => {
  it.each(['crm.lead.created', 'customer.created', 'a.b', 'A-1.b_2.C', `a.${'b'.repeat(126)}`])(
    '%s is one',
    (name) => {
      expect(isEventType(name)).toBe(true);
      expect(isPattern(name)).toBe(false);
    },
  );

  it.each([
    '',
    'crm',
    '.crm.lead',
    'crm.lead.',
    'crm..lead',
    'crm.*',
    '*',
    'crm.lead created',
    'crm.lead\r\nX: 1',
    'crm.lead\n',
    'crm.léad',
    'crm.lead\u0000',
    'crm/lead.created',
    `a.${'b'.repeat(127)}`,
  ])('%j is none', (name) => {
    expect(isEventType(name)).toBe(false);
  });

  it.each(['*', 'crm.*', 'crm.lead.*', 'a.b.c.d.*'])('%s is a pattern', (pattern) => {
    expect(isPattern(pattern)).toBe(true);
  });

  it.each(['**', 'crm*', '*.created', 'crm.*.created', '.*', 'crm..*', 'crm.**', 'a*a*a*a*b', 'crm.* '])(
    '%j is no pattern',
    (pattern) => {
      expect(isPattern(pattern)).toBe(false);
    },
  );

  it('are judged in linear time', () => {
    const start = performance.now();
    for (const text of ['a.'.repeat(50_000), `${'a'.repeat(100_000)}*`, '.'.repeat(100_000)]) {
      isEventType(text);
      isPattern(text);
    }
    expect(performance.now() - start).toBeLessThan(20);
  });
});

describe('matching', () => {
  it.each([
    ['crm.lead.created', 'crm.lead.created', true],
    ['crm.lead.created', 'crm.lead.create', false],
    ['crm.*', 'crm.lead.created', true],
    ['crm.*', 'crmx.lead.created', false],
    ['crm.lead.*', 'crm.lead.stage.changed', true],
    ['crm.lead.*', 'crm.leads.created', false],
    ['*', 'customer.created', true],
    ['*', 'webhook.subscription.failing', false],
    ['webhook.*', 'webhook.subscription.failing', true],
    ['webhook.subscription.failing', 'webhook.subscription.failing', true],
    ['*', 'webhooks.something', true],
  ])('%s and %s: %s', (pattern, eventType, expected) => {
    expect(matchesPattern(pattern, eventType)).toBe(expected);
  });

  it('finds by index what it finds by trying', () => {
    const part = fc.constantFrom('a', 'b', 'webhook', 'crm');
    const type = fc.array(part, { minLength: 2, maxLength: 4 }).map((parts) => parts.join('.'));
    const entry = fc.oneof(
      type,
      type.map((name) => `${name}.*`),
      part.map((name) => `${name}.*`),
      fc.constant('*'),
    );
    fc.assert(
      fc.property(entry, type, (pattern, eventType) => {
        expect(entriesMatching(eventType).includes(pattern)).toBe(matchesPattern(pattern, eventType));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('an unknown event type', () => {
  const judge = createEventTypeJudge(CATALOGUED_NAMES, 'warn');
  const strict = createEventTypeJudge(CATALOGUED_NAMES, 'reject');

  it.each([
    ['crm.lead.craeted', 'crm.lead.created'],
    ['crm.lead.createdd', 'crm.lead.created'],
    ['crm.leads.creatd', 'crm.lead.created'],
    ['customer.mergd', 'customer.merged'],
    ['channels.message.status-changed', 'channels.message.status_changed'],
  ])('%s is a mistake that names %s', (name, meant) => {
    expect(judge.judgeEventType(name).mistake).toContain(`"${meant}"`);
    expect(judge.judgeEntry(name).mistake).toContain(`"${meant}"`);
  });

  it.each(['crm.lead.crated_up', 'shop.order.paid', 'customer.archived'])('%s is only warned of', (name) => {
    expect(judge.judgeEventType(name)).toEqual({ warning: expect.stringContaining(name) as string });
    expect(strict.judgeEventType(name).mistake).toContain('/api/v1/event-types');
    expect(strict.judgeEntry(name).mistake).toBeDefined();
  });

  it('is three edits away from a known one at least', () => {
    expect(judge.judgeEventType('crm.lead.createxyz').mistake).toBeUndefined();
    expect(judge.judgeEventType('crm.lead.createxy').mistake).toBeDefined();
  });

  it.each([
    ['crm.*', undefined, false],
    ['crm.lead.*', undefined, false],
    ['*', undefined, false],
    ['webhook.*', undefined, false],
    ['crm.laed.*', '"crm.lead.*"', false],
    ['crn.*', '"crm.*"', false],
    ['erp.*', undefined, true],
    ['hr.*', undefined, true],
    ['shop.*', undefined, true],
  ])('in a pattern: %s', (pattern, meant, warned) => {
    const verdict = judge.judgeEntry(pattern);
    expect(verdict.mistake?.match(/did you mean (".*")/)?.[1]).toBe(meant);
    expect(verdict.warning !== undefined).toBe(warned);
  });

  it('under webhook. can be subscribed to, not published', () => {
    expect(judge.judgeEntry('webhook.subscription.failing')).toEqual({});
    expect(judge.judgeEventType('webhook.subscription.failing').mistake).toBeDefined();
    expect(isReservedType('webhook.x')).toBe(true);
    expect(judge.judgeEntry('webhook.subscription.faling').mistake).toBeDefined();
  });

  it('is judged the same the second time, as an entry or as a type', () => {
    for (const pattern of ['*', 'crm.*']) {
      expect(judge.judgeEntry(pattern)).toEqual({});
      expect(judge.judgeEventType(pattern).mistake).toBeDefined();
      expect(judge.judgeEntry(pattern)).toEqual({});
    }
    expect(judge.judgeEventType('shop.order.paid')).toEqual(judge.judgeEventType('shop.order.paid'));
    const long = 'x'.repeat(10_000);
    expect(judge.judgeEventType(long).mistake).toBe(judge.judgeEventType(long).mistake);
  });
});

describe('the built-in catalogue', () => {
  it.each([
    ['inbox', 15],
    ['crm', 10],
    ['customer', 8],
    ['channels', 10],
    ['workflow', 5],
    ['auth', 5],
    ['broadcast', 5],
    ['scheduling', 5],
    ['webhook', 2],
  ] as const)('has for %s at least %i types', (category, least) => {
    expect(CATALOGUE.filter((type) => type.category === category).length).toBeGreaterThanOrEqual(least);
  });

  it.each([
    'inbox.conversation.created',
    'inbox.conversation.assigned',
    'inbox.message.received',
    'crm.lead.created',
    'crm.lead.stage_changed',
    'customer.created',
    'customer.merged',
    'channels.message.status_changed',
    'webhook.subscription.failing',
    'webhook.subscription.deactivated',
  ])('knows %s', (name) => {
    expect(findCatalogued(name)?.name).toBe(name);
  });

  it('names each type once, well-formed, in its own category, with an example', () => {
    expect(new Set(CATALOGUED_NAMES).size).toBe(CATALOGUED_NAMES.length);
    for (const type of CATALOGUE) {
      expect(isEventType(type.name)).toBe(true);
      expect(type.name.startsWith(`${type.category}.`)).toBe(true);
      expect(CATEGORIES).toContain(type.category);
      expect(Object.keys(type.example ?? {}).length).toBeGreaterThan(0);
      expect(type.description).toMatch(/^[A-Z].*\.$/);
    }
  });

  it.each(CATALOGUE.map(({ name, schema, example }) => ({ name, schema, example })))(
    'has a good schema of $name, with which its example is good',
    ({ schema, example }) => {
      expect(checkSchema(schema, 'schema')).toEqual([]);
      expect(new DataSchema(schema).check(example, 'data').mistakes).toEqual([]);
    },
  );

  it('describes what Velahook itself says about a subscription', () => {
    const about = { id: '65f1c700b7e4d90012ab9001', url: 'https://example.com/a', description: 'Ours' };
    const failing = { failingSince: '2026-03-23T14:30:00.000Z', failedDeliveries: 12 };
    const notices = [
      noticeAbout(about, 'evt_1', null, failing),
      noticeAbout({ ...about, description: null }, 'evt_2', 'gone'),
      noticeAbout(about, 'evt_3', 'failing', failing),
    ];
    for (const { eventType, data } of notices) {
      const schema = new DataSchema(findCatalogued(eventType)?.schema);
      expect(schema.check(JSON.parse(data), 'data').mistakes).toEqual([]);
    }
  });
});
