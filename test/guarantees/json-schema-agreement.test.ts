import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkSchema } from '../../src/domain/json-schema/check-schema.ts';
import { DataSchema } from '../../src/domain/json-schema/data-schema.ts';

/** The other implementation takes some 50 ms to compile one; 4,000 were once compared. */
const RUNS = 60;

/** Few names and values, so that schemas and data often have to do with each other. */
const name = fc.constantFrom('a', 'b', 'c', 'x y');
const scalar = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, '', 'a', 'ab', 'abc', '💩', 0, 1, 2, 1.5, -1),
  fc.integer({ min: -5, max: 5 }),
);
const data = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'data' },
    scalar,
    fc.array(tie('value'), { maxLength: 4, depthIdentifier: 'data' }),
    fc.array(fc.tuple(name, tie('value')), { maxLength: 4, depthIdentifier: 'data' }).map(toObject),
  ),
})).value;

function toObject(entries: (readonly [string, unknown])[]): object {
  // As JSON.parse makes them: `__proto__` is a name like any other.
  return JSON.parse(
    `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join()}}`,
  );
}

const count = fc.integer({ min: 0, max: 3 });
const pattern = fc.constantFrom('^a', 'b$', '[ab]{2}', '^.$', 'a|c', '^\\p{L}+$');
const types = fc.constantFrom('null', 'boolean', 'object', 'array', 'number', 'string', 'integer');

const schemas = fc.letrec<{ schema: unknown; some: unknown[]; byName: object }>((tie) => {
  const schema = tie('schema');
  const keyword = (key: string, value: fc.Arbitrary<unknown>) => fc.tuple(fc.constant(key), value);
  const names = fc.uniqueArray(name, { maxLength: 3 });
  return {
    some: fc.array(schema, { minLength: 1, maxLength: 3, depthIdentifier: 'schema' }),
    byName: fc.array(fc.tuple(name, schema), { maxLength: 3, depthIdentifier: 'schema' }).map(toObject),
    schema: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'schema' },
      fc.boolean(),
      fc
        .array(
          fc.oneof(
            keyword('type', fc.oneof(types, fc.uniqueArray(types, { minLength: 1, maxLength: 3 }))),
            keyword('enum', fc.array(data, { minLength: 1, maxLength: 3 })),
            keyword('const', data),
            ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'].map((key) =>
              keyword(key, count),
            ),
            keyword('multipleOf', fc.constantFrom(1, 2, 0.5)),
            ...['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'].map(
              (key) => keyword(key, count),
            ),
            keyword('pattern', pattern),
            keyword('uniqueItems', fc.boolean()),
            keyword('required', names),
            keyword(
              'dependentRequired',
              fc.tuple(name, names).map((entry) => toObject([entry])),
            ),
            ...['properties', 'dependentSchemas'].map((key) => keyword(key, tie('byName'))),
            keyword(
              'patternProperties',
              fc.tuple(pattern, schema).map((entry) => toObject([entry])),
            ),
            ...['additionalProperties', 'propertyNames', 'items', 'not'].map((key) => keyword(key, schema)),
            ...['unevaluatedProperties', 'unevaluatedItems'].map((key) => keyword(key, schema)),
            ...['prefixItems', 'allOf', 'anyOf', 'oneOf'].map((key) => keyword(key, tie('some'))),
            keyword('contains', schema),
            keyword('minContains', count),
            keyword('maxContains', count),
            ...['if', 'then', 'else'].map((key) => keyword(key, schema)),
            keyword('$ref', fc.constantFrom('#/$defs/one', '#/$defs/two')),
          ),
          { maxLength: 5, depthIdentifier: 'schema' },
        )
        .map(toObject),
    ),
  };
});

/** Two parts that may refer to one another, and a whole that may refer to both. */
const schema = fc
  .tuple(schemas.schema, schemas.schema, schemas.schema)
  .filter(([whole]) => typeof whole === 'object')
  .map(([whole, one, two]) => ({ ...(whole as object), $defs: { one, two } }));

describe('a JSON Schema', () => {
  test('judges any data as another implementation does', () => {
    let agreed = 0;
    fc.assert(
      fc.property(schema, fc.array(data, { minLength: 3, maxLength: 8 }), (whole, values) => {
        fc.pre(checkSchema(whole, 'schema').length === 0);
        // Ajv takes what contains has found for unevaluated, against 2020-12 (core, 11.2).
        fc.pre(!/"contains".*"unevaluatedItems"|"unevaluatedItems".*"contains"/.test(JSON.stringify(whole)));
        const ajv = new Ajv2020({
          strict: false,
          allErrors: true,
          validateFormats: false,
          logger: false,
          ownProperties: true,
        });
        const isValid = ajv.compile(whole);
        const ours = new DataSchema(whole);
        for (const value of values) {
          const { mistakes } = ours.check(value, 'data');
          expect({ value, valid: mistakes.length === 0 }).toEqual({ value, valid: isValid(value) });
          agreed += 1;
        }
      }),
      { numRuns: RUNS },
    );
    expect(agreed).toBeGreaterThan(RUNS);
  });
});
