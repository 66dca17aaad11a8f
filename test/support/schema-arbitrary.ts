import * as fc from 'fast-check';

/** The part of JSON Schema that the routes' schemas are written in. */
export interface JsonSchema {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  patternProperties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
  examples?: unknown[];
  default?: unknown;
}

/** Long strings and lists cost time and find nothing that a bound just passed would not. */
const CHARS_TRIED_MAX = 300;
const ITEMS_TRIED_MAX = 6;
const DEPTH_MAX = 6;

/** Values a schema allows, as far as its keywords are known here; what it says nothing about is any JSON. */
export function valuesOf(schema: JsonSchema, depth = 0): fc.Arbitrary<unknown> {
  const { const: only, enum: words, anyOf, oneOf, examples, type } = schema;
  if (only !== undefined) return fc.constant(only);
  if (words !== undefined) return fc.constantFrom(...words);
  const choices = anyOf ?? oneOf;
  if (choices !== undefined) return fc.oneof(...choices.map((each) => valuesOf(each, depth)));
  const generated = fc.oneof(...[type ?? 'any'].flat().map((each) => valuesOfType(each, schema, depth)));
  if (examples === undefined) return generated;
  // What is made up follows the schema and is refused for its meaning, most of the time.
  return fc.oneof(generated, { weight: 3, arbitrary: fc.constantFrom(...examples) });
}

/** Values a schema allows, with something in them replaced, left out or added: most are wrong. */
export function nearValuesOf(schema: JsonSchema): fc.Arbitrary<unknown> {
  return fc
    .tuple(valuesOf(schema), fc.nat(), fc.constantFrom('replace', 'remove', 'add'), hostileValue())
    .map(([value, at, how, other]) => spoil(value, at, how, other));
}

function valuesOfType(type: string, schema: JsonSchema, depth: number): fc.Arbitrary<unknown> {
  switch (type) {
    case 'object':
      return objectsOf(schema, depth + 1);
    case 'array':
      return listsOf(schema, depth + 1);
    case 'string':
      return stringsOf(schema);
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -1_000, max: schema.maximum ?? 1_000_000 });
    case 'number':
      return fc.double({ min: schema.minimum ?? -1e6, max: schema.maximum ?? 1e6, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function objectsOf(schema: JsonSchema, depth: number): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties } = schema;
  const known = Object.fromEntries(
    Object.entries(properties).map(([name, each]) => [name, valuesOf(each, depth)]),
  );
  const named = fc.record(known, { requiredKeys: required.filter((name) => name in known) });
  if (additionalProperties === false || depth > DEPTH_MAX) return named;
  const rest =
    typeof additionalProperties === 'object'
      ? valuesOf(additionalProperties, depth)
      : fc.jsonValue({ maxDepth: 1 });
  const patterns = Object.values(schema.patternProperties ?? {});
  const others = fc.dictionary(
    fc.string({ maxLength: 12 }),
    patterns.length > 0 ? valuesOf(patterns[0] ?? {}, depth) : rest,
    { maxKeys: 3 },
  );
  return fc.tuple(others, named).map(([more, own]) => ({ ...more, ...own }));
}

function listsOf(schema: JsonSchema, depth: number): fc.Arbitrary<unknown> {
  const { items = {}, minItems = 0, maxItems = ITEMS_TRIED_MAX, uniqueItems = false } = schema;
  const size = { minLength: minItems, maxLength: Math.max(minItems, Math.min(maxItems, ITEMS_TRIED_MAX)) };
  const values = valuesOf(items, depth);
  return uniqueItems
    ? fc.uniqueArray(values, { ...size, selector: (each) => JSON.stringify(each) })
    : fc.array(values, size);
}

function stringsOf(schema: JsonSchema): fc.Arbitrary<string> {
  const { pattern, format, minLength = 0, maxLength = CHARS_TRIED_MAX } = schema;
  if (format === 'date-time')
    return fc
      .date({ min: new Date('1990-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString());
  const most = Math.max(minLength, Math.min(maxLength, CHARS_TRIED_MAX));
  if (pattern !== undefined)
    return fc
      .stringMatching(new RegExp(pattern, 'u'))
      .filter((text) => text.length >= minLength && text.length <= maxLength);
  return fc.oneof(
    fc.string({ minLength, maxLength: most }),
    fc.string({ unit: 'grapheme', minLength, maxLength: most }).filter((text) => text.length <= maxLength),
  );
}

/** What breaks programs: other types, bounds, prototypes, half a surrogate, NUL, long text. */
function hostileValue(): fc.Arbitrary<unknown> {
  return fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom<unknown>(
      null,
      '',
      0,
      -1,
      1e308,
      2 ** 53,
      true,
      [],
      {},
      '\u0000',
      '\ud800',
      '__proto__',
      'constructor',
      '../../etc/passwd',
      "' OR 1=1 --",
      'x'.repeat(5_000),
      { __proto__: null, toString: 1 },
    ),
  );
}

/** One place of a value, chosen by a number, spoiled. */
function spoil(value: unknown, at: number, how: string, other: unknown): unknown {
  if (typeof value !== 'object' || value === null) return other;
  const names = Object.keys(value);
  if (names.length === 0 || how === 'add')
    return Array.isArray(value) ? [...(value as unknown[]), other] : { ...value, [`x${at % 7}`]: other };
  const name = names[at % names.length] ?? '';
  const inner = (value as Record<string, unknown>)[name];
  const isDeeper = typeof inner === 'object' && inner !== null && at % 2 === 0;
  const spoiled = isDeeper ? spoil(inner, Math.floor(at / 2), how, other) : other;
  const copy: Record<string, unknown> = { ...(value as Record<string, unknown>), [name]: spoiled };
  if (!isDeeper && how === 'remove') Reflect.deleteProperty(copy, name);
  return Array.isArray(value) ? Object.values(copy) : copy;
}
