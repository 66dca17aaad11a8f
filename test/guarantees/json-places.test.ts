import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JSON_DEPTH_MAX } from '../../src/domain/json-members.ts';
import type { JsonPath } from '../../src/domain/json-path.ts';
import { parseJsonPath, PATH_STEPS_MAX } from '../../src/domain/json-path.ts';
import { findPlaces } from '../../src/domain/json-places.ts';
import { redactBody } from '../../src/domain/redaction.ts';

const bytesOf = (text: string): Buffer => Buffer.from(text, 'utf8');

function path(text: string): JsonPath {
  const parsed = parseJsonPath(text);
  if (parsed === undefined) throw new Error(`no path: ${text}`);
  return parsed;
}

function valuesAt(json: string, ...paths: string[]): string[] {
  const { places } = findPlaces(bytesOf(json), paths.map(path));
  return places.map(({ start, end }) => bytesOf(json).toString('utf8', start, end));
}

function redacted(json: string, ...paths: string[]): string {
  return Buffer.from(redactBody(bytesOf(json), paths.map(path), 1_000)).toString('utf8');
}

describe('a path', () => {
  test.each([
    ['$.a', ['a']],
    ['$.customer.id', ['customer', 'id']],
    ['$.lines[*].e-mail', ['lines', null, 'e-mail']],
    [`$['odd name'].x`, ['odd name', 'x']],
    [`$['*'][*]['a.b']`, ['*', null, 'a.b']],
    ['$.größe', ['größe']],
  ])('is read: %s', (text, steps) => {
    expect(path(text).steps.map((step) => (step.kind === 'each' ? null : step.name))).toEqual(steps);
  });

  test.each([
    '',
    '$',
    'a.b',
    '$.',
    '$..a',
    '$.a.',
    '$[0]',
    '$.a[*',
    `$['a`,
    `$['a'b']`,
    '$.a b',
    '$.*',
    '$.a\u0000',
  ])('is refused: %j', (text) => expect(parseJsonPath(text)).toBeUndefined());

  test('is bounded in length and depth', () => {
    expect(parseJsonPath(`$${'.a'.repeat(PATH_STEPS_MAX)}`)).toBeDefined();
    expect(parseJsonPath(`$${'.a'.repeat(PATH_STEPS_MAX + 1)}`)).toBeUndefined();
    expect(parseJsonPath(`$.${'a'.repeat(255)}`)).toBeUndefined();
  });
});

describe('the values that paths lead to', () => {
  test('are found with their bytes, in objects and arrays, all of equal fields', () => {
    const json = '{"a":{"b":12345678901234567890,"b" : "x","c":[{"b":1.0},{"b":[ ]},2]},"b":0}';
    expect(valuesAt(json, '$.a.b')).toEqual(['12345678901234567890', '"x"']);
    expect(valuesAt(json, '$.a.c[*].b')).toEqual(['1.0', '[ ]']);
    expect(valuesAt(json, '$.a.c[*]', '$.a.c[*].b')).toEqual(['{"b":1.0}', '1.0', '{"b":[ ]}', '[ ]', '2']);
    expect(valuesAt(json, '$.a.c.b', '$.x', '$[*]')).toEqual([]);
  });

  test('are found however names are escaped', () => {
    expect(valuesAt('{"\\u0061\\/":{"__proto__":1}}', `$['a/'].__proto__`)).toEqual(['1']);
  });

  test('are those that a parser finds, whatever the JSON and the path', () => {
    const name = fc.constantFrom('a', 'b', 'é"\\', '0');
    const step = fc.oneof(name, fc.constant(null));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'medium' },
        fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null)),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(value, fc.array(step, { minLength: 1, maxLength: 4 }), fc.nat(3), (json, steps, indent) => {
        const text = JSON.stringify(json, null, indent);
        const asked = { text: '', steps: steps.map((each) => stepOf(each)) };
        const { places, faultAt } = findPlaces(bytesOf(text), [asked]);
        const found = places.map(
          ({ start, end }) => JSON.parse(bytesOf(text).toString('utf8', start, end)) as unknown,
        );
        expect(faultAt).toBeNull();
        expect(found).toEqual(lookUp(json, steps));
      }),
    );
  });

  test('of hostile text are looked for without an end to the stack', () => {
    const deep = '['.repeat(1_000_000);
    expect(findPlaces(bytesOf(deep), [path('$[*]')]).faultAt).toBe(JSON_DEPTH_MAX);
  });
});

describe('what is redacted', () => {
  test('is taken out, whatever it is, and the rest stays as it was', () => {
    expect(redacted('{"a": {"b":1},"c":[1, {"b":"x"}] }', '$.a', '$.a.b', '$.c[*].b')).toBe(
      '{"a": "[redacted]","c":[1, {"b":"[redacted]"}] }',
    );
    expect(redacted('{"b":1}', '$.a')).toBe('{"b":1}');
  });

  test('goes to the end where the text was cut in it', () => {
    expect(redacted('{"a":1,"mail":"someb', '$.mail')).toBe('{"a":1,"mail":"[redacted]"');
    expect(redacted('{"a":1,"who":{"x":[1,{"mail":"so', '$.who')).toBe('{"a":1,"who":"[redacted]"');
    expect(redacted('{"a":1,"b":"cut he', '$.mail')).toBe('{"a":1,"b":"cut he');
  });

  test('is all that cannot be read as JSON', () => {
    expect(redacted('<html>somebody</html>', '$.mail')).toBe('"[redacted]"');
    expect(redacted('{"a":1} somebody', '$.mail')).toBe('{"a":1} "[redacted]"');
    expect(redacted('{"a":1,}', '$.mail')).toBe('{"a":1,"[redacted]"');
  });

  test('takes no more room than there is', () => {
    const many = `[${Array(200).fill('1').join()}]`;
    expect(redacted(many, '$[*]')).toHaveLength(1_000);
  });

  test('leaves no trace of the value, wherever the text is cut', () => {
    const json = `{"id":7,"lines":[{"mail":"canary"},{"mail":["canary"]}],"mail":"\\u0063anary"}`;
    for (let end = 1; end <= json.length; end++) {
      const kept = redacted(json.slice(0, end), '$.lines[*].mail', '$.mail');
      expect(kept).not.toMatch(/c?anar|"c/);
    }
  });
});

function stepOf(step: string | null): JsonPath['steps'][number] {
  return step === null ? { kind: 'each' } : { kind: 'field', name: step };
}

/** As a parser's user would. */
function lookUp(value: unknown, [step, ...rest]: readonly (string | null)[]): unknown[] {
  if (step === undefined) return [value];
  if (typeof value !== 'object' || value === null || Array.isArray(value) !== (step === null)) return [];
  if (step === null) return (value as unknown[]).flatMap((each) => lookUp(each, rest));
  return Object.hasOwn(value, step) ? lookUp((value as Record<string, unknown>)[step], rest) : [];
}
