import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkSchema } from '../../src/domain/json-schema/check-schema.ts';
import { DataSchema } from '../../src/domain/json-schema/data-schema.ts';
import { STEPS_MAX } from '../../src/domain/json-schema/limits.ts';
import { compilePattern } from '../../src/domain/json-schema/pattern.ts';

type Mistake = readonly [path: string, message: string];

/** As it comes from a client: `__proto__` is a name like any other. */
function mistakesOf(schema: unknown, data: unknown): Mistake[] {
  expect(checkSchema(schema, 'schema')).toEqual([]);
  return new DataSchema(schema).check(data, 'data').mistakes.map(({ path, message }) => [path, message]);
}

function mistakesIn(schema: unknown): Mistake[] {
  return checkSchema(schema, 'schema').map(({ path, message }) => [path, message]);
}

function nested(depth: number, make: (inner: unknown) => unknown, inner: unknown = {}): unknown {
  return Array.from({ length: depth }).reduce((value) => make(value), inner);
}

describe('what a schema finds', () => {
  test.each<[string, object, unknown, Mistake[]]>([
    ['a missing field', { required: ['a', 'b'] }, { b: 1 }, [['data.a', 'is required']]],
    ['a field too many', { additionalProperties: false }, { a: 1 }, [['data.a', 'is not allowed']]],
    ['another type', { type: ['string', 'null'] }, 5, [['data', 'must be a string or null']]],
    ['another value', { enum: ['a', { b: [1] }] }, 'c', [['data', 'must be one of "a", {"b":[1]}']]],
    [
      'a repetition',
      { uniqueItems: true },
      [{ a: 1, b: 2 }, 1, { b: 2, a: 1 }],
      [['data[2]', 'repeats entry 0']],
    ],
    [
      'something deep in it',
      { properties: { a: { items: { properties: { 'x y': { minimum: 3 } } } } } },
      { a: [{}, { 'x y': 2 }] },
      [['data.a[1]["x y"]', 'must be at least 3']],
    ],
    [
      'one of many alternatives',
      { oneOf: [{ type: 'number' }, { minimum: 1 }] },
      5,
      [['data', expect.anything()]],
    ],
    [
      'characters, as Unicode counts them',
      { maxLength: 2 },
      '💩💩💩',
      [['data', 'must have at most 2 characters']],
    ],
    ['a fraction, as people count', { multipleOf: 0.01 }, 4.351, [['data', 'must be a multiple of 0.01']]],
    [
      'a name that every object has',
      { required: ['toString', '__proto__'] },
      {},
      [
        ['data.toString', 'is required'],
        ['data.__proto__', 'is required'],
      ],
    ],
    [
      'what nothing has seen',
      { properties: { a: true }, unevaluatedProperties: false },
      { a: 1, b: 2 },
      [['data.b', 'is not allowed']],
    ],
  ])('%s', (_name, schema, data, mistakes) => {
    expect(mistakesOf(schema, data)).toEqual(mistakes);
  });

  test('a name such as __proto__ is a name like any other', () => {
    const schema: unknown = JSON.parse(
      '{"properties":{"__proto__":{"type":"string"},"constructor":{"type":"string"}}}',
    );
    expect(mistakesOf(schema, JSON.parse('{"__proto__":1,"constructor":2}'))).toHaveLength(2);
    expect(mistakesOf(schema, {})).toEqual([]);
  });

  test('a tree of any depth that refers to itself', () => {
    const tree = { properties: { children: { items: { $ref: '#' } }, n: { type: 'integer' } } };
    const data = nested(30, (inner) => ({ children: [inner] }), { n: 'x' });
    expect(mistakesOf(tree, data)).toEqual([
      [`data${'.children[0]'.repeat(30)}.n`, 'must be a whole number'],
    ]);
  });

  test.each([
    ['date', '2024-02-29', '2023-02-29'],
    ['date', '2026-12-31', '2026-13-01'],
    ['time', '23:59:59.123+02:00', '24:00:00Z'],
    ['date-time', '2026-03-24t14:30:00z', '2026-03-24 14:30:00Z'],
    ['date-time', '2026-03-24T14:30:00.000Z', '2026-02-30T14:30:00.000Z'],
    ['email', 'ada.lovelace+x@example.com', 'ada@'],
    ['email', "o'hara@example.co.uk", 'a b@example.com'],
    ['hostname', 'a-b.example', '-a.example'],
    ['ipv4', '127.0.0.1', '127.0.0.256'],
    ['ipv4', '255.255.255.255', '1.2.3'],
    ['ipv6', '::ffff:127.0.0.1', '127.0.0.1'],
    ['uri', 'urn:isbn:1', '/relative'],
    ['uri', 'https://example.com/?q=1', 'https://exa mple.com/'],
    ['uuid', '2EB8AA08-aa98-11ea-b4aa-73b441d16380', '2eb8aa08aa9811eab4aa73b441d16380'],
  ])('format %s: %s is one, %s is none', (format, good, bad) => {
    expect(mistakesOf({ format }, good)).toEqual([]);
    expect(mistakesOf({ format }, bad)).toHaveLength(1);
    expect(mistakesOf({ format }, 5)).toEqual([]);
  });

  test('a format nobody knows is a remark', () => {
    expect(mistakesOf({ format: 'colour' }, 'x')).toEqual([]);
    expect(mistakesOf({ format: 'constructor' }, 'x')).toEqual([]);
  });

  test('no more than fifty mistakes', () => {
    expect(
      mistakesOf(
        { items: { type: 'string' } },
        Array.from({ length: 1_000 }, (_, i) => i),
      ),
    ).toHaveLength(50);
  });
});

describe('a schema is refused', () => {
  test.each<[string, unknown, string, RegExp]>([
    ['that is no object', true, 'schema', /JSON object/],
    [
      'of another dialect',
      { $schema: 'http://json-schema.org/draft-07/schema#' },
      'schema.$schema',
      /2020-12/,
    ],
    [
      'that would have to be fetched',
      { $ref: 'https://example.com/s.json' },
      'schema.$ref',
      /nothing is fetched/,
    ],
    ['with an id of its own', { $defs: { a: { $id: 'urn:x' } } }, 'schema.$defs.a.$id', /not supported/],
    ['with dynamic references', { $dynamicRef: '#x' }, 'schema.$dynamicRef', /not supported/],
    ['that refers to nothing', { $ref: '#/$defs/none' }, 'schema.$ref', /lead to a schema/],
    ['that refers to what is no schema', { $ref: '#/enum/0', enum: [{}] }, 'schema.$ref', /lead to a schema/],
    ['that is itself at once', { $ref: '#' }, 'schema.$ref', /never end/],
    [
      'that leads in a circle',
      { anyOf: [{ $ref: '#/$defs/a' }], $defs: { a: { not: { $ref: '#' } } } },
      'schema.$defs.a.not.$ref',
      /never end/,
    ],
    ['with the lists of older drafts', { items: [{}] }, 'schema.items', /must be a schema/],
    ['with a wrong bound', { minLength: -1 }, 'schema.minLength', /whole number from 0/],
    ['with a wrong type', { type: ['string', 'text'] }, 'schema.type', /must be one of/],
    ['with names twice', { required: ['a', 'a'] }, 'schema.required', /distinct/],
    ['with a misplaced schema', { properties: { a: 5 } }, 'schema.properties.a', /must be a schema/],
    ['that looks ahead', { pattern: '^(?=.*a)' }, 'schema.pattern', /look-around/],
    ['that looks back', { pattern: '(a)\\1' }, 'schema.pattern', /backreferences/],
    ['that refers back by name', { pattern: '(?<x>a)\\k<x>' }, 'schema.pattern', /backreferences/],
    ['with a notation of others', { pattern: '\\Aa' }, 'schema.pattern', /ECMA-262/],
    ['with a huge pattern', { pattern: '(a{1,30}){1,30}' }, 'schema.pattern', /too large/],
    [
      'with a bad name pattern',
      { patternProperties: { '(': {} } },
      'schema.patternProperties["("]',
      /regular/,
    ],
    ['too deep', nested(70, (not) => ({ not })), 'schema', /deep/],
    ['too long', { description: 'x'.repeat(33_000) }, 'schema', /bytes/],
    ['of too many parts', { allOf: Array.from({ length: 1_001 }, () => ({})) }, 'schema', /1000 schemas/],
    [
      'of too many patterns',
      { allOf: Array.from({ length: 70 }, () => ({ pattern: 'a' })) },
      'schema',
      /patterns/,
    ],
  ])('%s', (_name, schema, path, message) => {
    const [first] = mistakesIn(schema);
    expect(first).toEqual([path, expect.stringMatching(message)]);
  });

  test('never because of a keyword that nobody knows', () => {
    expect(mistakesIn({ 'x-owner': 5, nullable: true, if: true })).toEqual([]);
  });
});

describe('no schema holds up the process:', () => {
  /** What it took, counted; the answer is a mistake if it was too much. */
  function stepsOf(schema: unknown, data: unknown): number {
    expect(checkSchema(schema, 'schema')).toEqual([]);
    const { steps, mistakes } = new DataSchema(schema).check(data, 'data');
    if (steps > STEPS_MAX) expect(mistakes).not.toEqual([]);
    return steps;
  }

  const many = Array.from({ length: 60_000 }, (_, i) => i);
  const wide = Object.fromEntries(many.slice(0, 20_000).map((i) => [`k${i}`, i]));
  /** Each of its definitions applies the one after it twice: 2^40 schemas. */
  const doubling = {
    $ref: '#/$defs/d0',
    $defs: Object.fromEntries(
      Array.from({ length: 41 }, (_, i) => {
        const next = { $ref: `#/$defs/d${i + 1}` };
        return [`d${i}`, i === 40 ? {} : { allOf: [next, next] }];
      }),
    ),
  };
  /** Twice as many at each level of the data. */
  const branching = {
    anyOf: [
      { properties: { a: { $ref: '#' } }, required: ['z'] },
      { properties: { a: { $ref: '#' } }, required: ['y'] },
    ],
  };

  test.each<[string, object, unknown]>([
    ['references that double', doubling, 1],
    ['alternatives that double with the depth of data', branching, nested(100, (a) => ({ a }))],
    [
      'many schemas for many entries',
      { items: { allOf: Array.from({ length: 450 }, () => ({ not: {} })) } },
      many,
    ],
    [
      'entries that are all to be different',
      { allOf: Array.from({ length: 450 }, () => ({ uniqueItems: true })) },
      many,
    ],
    [
      'a closed object tried again and again',
      { anyOf: Array.from({ length: 450 }, () => ({ additionalProperties: false })) },
      wide,
    ],
    [
      'long texts and a slow pattern',
      { items: { pattern: '^(a{1,9}){1,9}$' } },
      Array.from({ length: 20 }, () => 'a'.repeat(10_000)),
    ],
    [
      'names and many patterns',
      { patternProperties: Object.fromEntries(many.slice(0, 60).map((i) => [`.*a{${i}}$`, {}])) },
      wide,
    ],
    [
      'names that are all looked up',
      {
        dependentSchemas: Object.fromEntries(many.slice(0, 450).map((i) => [`k${i}`, { minProperties: 1 }])),
      },
      wide,
    ],
    [
      'what has been seen, gathered again and again',
      {
        unevaluatedProperties: false,
        anyOf: Array.from({ length: 450 }, () => ({ additionalProperties: true })),
      },
      wide,
    ],
    ['large values to compare with', { allOf: Array.from({ length: 500 }, (_, i) => ({ const: i })) }, wide],
  ])('%s', (_name, schema, data) => {
    // One step more than allowed costs at most what one look at all of the data does.
    expect(stepsOf(schema, data)).toBeLessThan(3 * STEPS_MAX);
  });

  test('a pattern that would backtrack for ever matches in linear time', () => {
    const pattern = compilePattern('^(a+)+$');
    if (typeof pattern === 'string') throw new Error(pattern);
    expect(pattern.test('a'.repeat(100_000))).toBe(true);
    expect(pattern.test(`${'a'.repeat(100_000)}!`)).toBe(false);
  });

  test('any text for a pattern is taken or refused, and means what it means in JavaScript', () => {
    const piece = fc.constantFrom(
      'a',
      'b',
      '.',
      '*',
      '+',
      '?',
      '(',
      ')',
      '[',
      ']',
      '^',
      '$',
      '|',
      '\\',
      'd',
      'w',
      'k',
      '<x>',
      '{2}',
      '-',

      '1',
      'u{61}',
      'p{L}',
      '(?:',
      '(?<x>',
      '(?=',
      '(?<!',
      '(?i:',
      '💩',
      '/',
    );
    const source = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
    const text = fc.array(fc.constantFrom('a', 'b', '1', '-', '/', '💩', 'A', 'é', '<x>', 'k'), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(source, fc.array(text, { minLength: 4, maxLength: 4 }), (written, texts) => {
        const pattern = compilePattern(written);
        if (typeof pattern === 'string') return;
        const native = new RegExp(written, 'u');
        for (const each of texts.map((pieces) => pieces.join('')))
          expect([each, pattern.test(each)]).toEqual([each, native.test(each)]);
      }),
      { numRuns: 3_000 },
    );
  });
});
