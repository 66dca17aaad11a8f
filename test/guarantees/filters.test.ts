import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareNumbers, Decimal, readNumber } from '../../src/domain/decimal.ts';
import { readExactly } from '../../src/domain/exact-json.ts';
import { explain, FilterData, matches, VALUES_LOOKED_AT_MAX } from '../../src/domain/filter-match.ts';
import {
  FILTER_CONDITIONS_MAX,
  FILTER_DEPTH_MAX,
  FILTER_LIST_MAX,
  readFilter,
} from '../../src/domain/filter.ts';

function judge(filter: object, data: string): boolean {
  const read = readFilter(filter);
  if (!read.ok) throw new Error(JSON.stringify(read.mistakes));
  return matches(read.filter, new FilterData(data));
}

function mistakesOf(filter: unknown): string[] {
  const read = readFilter(filter);
  return read.ok ? [] : read.mistakes.map(({ path }) => path);
}

const DATA = JSON.stringify({
  stage: 'won',
  value: 1250.5,
  isNew: true,
  note: null,
  tags: ['vip', 'eu'],
  customer: { id: 7, name: 'Zoë', 'a.b': 'dotted', $x: 1 },
  lines: [
    { sku: 'A-1', qty: 2 },
    { sku: 'B-2', qty: 9, free: true },
  ],
});

describe('a filter', () => {
  test.each<[object, boolean]>([
    [{ stage: 'won' }, true],
    [{ stage: 'lost' }, false],
    [{ stage: { $ne: 'lost' } }, true],
    [{ stage: { $in: ['lost', 'won'] } }, true],
    [{ stage: { $nin: ['lost', 'won'] } }, false],
    [{ stage: { $startsWith: 'w', $endsWith: 'n' } }, true],
    [{ stage: { $startsWith: 'w', $endsWith: 'x' } }, false],
    [{ stage: { $gte: 'won', $lt: 'x' } }, true],
    [{ value: { $gt: 1250, $lte: 1250.5 } }, true],
    [{ value: { $gt: 1250.5 } }, false],
    [{ value: { $gt: '1' } }, false],
    [{ value: '1250.5' }, false],
    [{ isNew: true }, true],
    [{ isNew: 'true' }, false],
    [{ isNew: 1 }, false],
    [{ note: null }, true],
    [{ missing: null }, false],
    [{ missing: { $ne: 'x' } }, true],
    [{ missing: { $exists: false } }, true],
    [{ note: { $exists: true } }, true],
    [{ customer: { $exists: true } }, true],
    [{ tags: 'eu' }, true],
    [{ tags: { $ne: 'eu' } }, false],
    [{ 'tags.1': 'eu' }, true],
    [{ 'tags.0': 'eu' }, false],
    [{ 'customer.name': 'Zoë' }, true],
    [{ 'customer.a\\.b': 'dotted' }, true],
    [{ 'customer.a.b': 'dotted' }, false],
    [{ 'customer.\\$x': 1 }, true],
    [{ 'lines.sku': 'B-2' }, true],
    // One value must pass all: no line has between 3 and 8.
    [{ 'lines.qty': { $gt: 2, $lt: 9 } }, false],
    [{ 'lines.qty': { $gt: 2 } }, true],
    [{ stage: 'won', value: { $gt: 9_999 } }, false],
    [{ $or: [{ stage: 'lost' }, { value: { $gt: 1_000 } }] }, true],
    [{ $and: [{ stage: 'won' }, { $not: { tags: 'us' } }] }, true],
    [{ $not: { $or: [{ stage: 'won' }, { stage: 'lost' }] } }, false],
    [{ 'constructor.name': { $exists: true } }, false],
    [{ __proto__x: 1, '__proto__.isAdmin': { $exists: true } }, false],
    [{ 'stage.length': { $exists: true } }, false],
    [{ 'tags.length': { $exists: true } }, false],
  ])('%j: %s', (filter, expected) => {
    expect(judge(filter, DATA)).toBe(expected);
  });

  test('says what is not met', () => {
    const read = readFilter({ stage: 'lost', missing: 1, $not: { tags: 'vip' }, value: { $gt: 1 } });
    expect(read.ok && explain(read.filter, new FilterData(DATA)).map(({ path }) => path)).toEqual([
      'stage',
      'missing',
      '$not',
    ]);
  });

  test('looks at names as they are, whatever objects inherit', () => {
    expect(judge({ '__proto__.a': 1 }, '{"__proto__":{"a":1}}')).toBe(true);
    expect(judge({ a: 2 }, '{"a":1,"a":2}')).toBe(true);
    expect(judge({ a: '"\\\n' }, String.raw`{"x":"\\","a":"\"\\\n"}`)).toBe(true);
  });
});

describe('numbers', () => {
  const BIG = '12345678901234567890';

  test.each<[object, string, boolean]>([
    [{ n: { $number: BIG } }, `{"n":${BIG}}`, true],
    [{ n: { $number: BIG } }, `{"n":${BIG}.0}`, true],
    [{ n: { $number: BIG } }, '{"n":12345678901234567891}', false],
    [{ n: { $gt: { $number: BIG } } }, '{"n":12345678901234567891}', true],
    [{ n: { $in: [1, { $number: BIG }] } }, `{"n":1234567890123456789e1}`, true],
    [{ n: { $ne: { $number: BIG } } }, `{"n":${BIG}}`, false],
    [{ n: 9_007_199_254_740_991 }, '{"n":9007199254740991.4}', false],
    [{ n: { $gt: 9_007_199_254_740_991 } }, '{"n":9007199254740991.4}', true],
    [{ n: 0.1 }, '{"n":0.1000000000000000055511151231257827}', false],
    [{ n: 0.1 }, '{"n":0.100000000000000000000}', true],
    [{ n: { $lt: 1 } }, '{"n":-1e400}', true],
    [{ n: { $gt: 1 } }, '{"n":1e99999999999999999999999}', true],
    [{ n: { $lt: 1, $gt: 0 } }, '{"n":1e-400}', true],
    [{ n: 0 }, '{"n":-0.0e5}', true],
  ])('%j of %s: %s', (filter, data, expected) => {
    expect(judge(filter, data)).toBe(expected);
  });

  test('that a filter cannot hold exactly are refused', () => {
    expect(mistakesOf({ n: Number(BIG), m: { $gt: 0.12345678901234566 }, o: 9_007_199_254_740_992 })).toEqual(
      ['filter.n', 'filter.m.$gt', 'filter.o'],
    );
    for (const text of ['', '1 ', '0x1', 'NaN', '1e99999', '1'.repeat(101), ' 1', '--1'])
      expect([text, mistakesOf({ n: { $number: text } })]).toEqual([text, ['filter.n']]);
  });

  test('compare as the numbers that they are', () => {
    const digits = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n });
    const exponent = fc.integer({ min: -30, max: 30 });
    fc.assert(
      fc.property(digits, exponent, digits, exponent, (a, p, b, q) => {
        const [left, right] = [readNumber(`${a}e${p}`), readNumber(`${b}e${q}`)];
        const lift = (n: bigint, power: number): bigint => n * 10n ** BigInt(power + 30);
        const [x, y] = [lift(a, p), lift(b, q)];
        const order = Math.sign(compareNumbers(left ?? NaN, right ?? NaN));
        expect(order).toBe(x === y ? 0 : x < y ? -1 : 1);
        // Equal ones are of one kind, so that a set finds them.
        if (x === y) expect(left).toEqual(right);
      }),
    );
  });

  test('that are plain are read as JSON.parse reads them', () => {
    const plain = (value: unknown): unknown =>
      value instanceof Map
        ? Object.fromEntries([...value].map(([name, member]) => [name, plain(member)]))
        : Array.isArray(value)
          ? value.map(plain)
          : value;
    const text = fc
      .json({ noUnicodeString: false } as object)
      .filter((json) => !/\d[eE.\d]{14}|\de/.test(json));
    fc.assert(
      fc.property(text, fc.nat(3), (json, indent) => {
        const spaced = JSON.stringify(JSON.parse(json), null, indent);
        expect(plain(readExactly(spaced))).toEqual(JSON.parse(spaced));
      }),
    );
  });
});

describe('no filter', () => {
  test('is deeper, longer or larger than it may be', () => {
    const nested = (depth: number): object => (depth === 1 ? { a: 1 } : { $not: nested(depth - 1) });
    expect(mistakesOf(nested(FILTER_DEPTH_MAX))).toEqual([]);
    expect(mistakesOf(nested(FILTER_DEPTH_MAX + 1))).toHaveLength(1);
    const fields = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, i]));
    expect(mistakesOf(fields(FILTER_CONDITIONS_MAX))).toEqual([]);
    expect(mistakesOf(fields(FILTER_CONDITIONS_MAX + 1))).toEqual(['filter']);
    expect(mistakesOf({ a: { $in: Array(FILTER_LIST_MAX).fill(1) } })).toEqual([]);
    expect(mistakesOf({ a: { $in: Array(FILTER_LIST_MAX + 1).fill(1) } })).toEqual(['filter.a.$in']);
    expect(mistakesOf({ a: 'x'.repeat(257) })).toEqual(['filter.a']);
    expect(mistakesOf({ [Array(11).fill('a').join('.')]: 1 })).toHaveLength(1);
    expect(mistakesOf({ a: { $in: Array(90).fill('x'.repeat(100)) } })).toEqual(['filter']);
  });

  test.each<[unknown, string]>([
    [{}, 'filter'],
    [[], 'filter'],
    [{ $or: [] }, 'filter.$or'],
    [{ $or: [{}] }, 'filter.$or[0]'],
    [{ $and: { a: 1 } }, 'filter.$and'],
    [{ $not: null }, 'filter.$not'],
    [{ $where: 'x' }, 'filter.$where'],
    [{ a: {} }, 'filter.a'],
    [{ a: { $regex: '(a+)+$' } }, 'filter.a.$regex'],
    [{ a: [1, 2] }, 'filter.a'],
    [{ a: { $eq: { b: 1 } } }, 'filter.a.$eq'],
    [{ a: { $gt: true } }, 'filter.a.$gt'],
    [{ a: { $exists: 1 } }, 'filter.a.$exists'],
    [{ a: { $startsWith: 1 } }, 'filter.a.$startsWith'],
    [{ a: { $in: [] } }, 'filter.a.$in'],
    [{ 'a..b': 1 }, 'filter.a..b'],
    [{ '': 1 }, 'filter.'],
  ])('is %j', (filter, path) => {
    expect(mistakesOf(filter)).toContain(path);
  });

  const operators = fc.constantFrom('$eq', '$in', '$nin', '$gt', '$exists', '$startsWith', '$number', '$x');
  const names = fc.oneof(
    fc.constantFrom('$and', '$or', '$not', '__proto__', 'constructor', 'a', 'a.a', 'a.0', '\\'),
    fc.string(),
  );
  const condition = fc.dictionary(operators, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });
  const hostile = (depth: number): fc.Arbitrary<Record<string, unknown>> => {
    const leaf = fc.oneof(condition, fc.jsonValue({ maxDepth: 1 }));
    if (depth === 1) return fc.dictionary(names, leaf, { maxKeys: 4 });
    const deeper = hostile(depth - 1);
    const value: fc.Arbitrary<unknown> = fc.oneof(leaf, deeper, fc.array(deeper, { maxLength: 3 }));
    return fc.dictionary(names, value, { maxKeys: 4 });
  };

  test('of whatever shape throws, or looks at more than its bound, in any event', () => {
    fc.assert(
      fc.property(hostile(FILTER_DEPTH_MAX + 1), fc.json(), (form, json) => {
        const read = readFilter(form);
        if (!read.ok) {
          expect(read.mistakes.length).toBeGreaterThan(0);
          return;
        }
        const data = new FilterData(`{"a":${json}}`);
        const verdict = matches(read.filter, data);
        expect(explain(read.filter, data).length === 0).toBe(verdict);
        expect(data.looks).toBeLessThanOrEqual(
          3 * FILTER_CONDITIONS_MAX * (FILTER_DEPTH_MAX + 1) * (2 * VALUES_LOOKED_AT_MAX + 2),
        );
      }),
    );
  });

  test('looks at more of an event than its bound, however its lists are nested', () => {
    const lists = (depth: number): unknown =>
      depth === 0 ? { a: 1 } : Array.from({ length: 60 }, () => ({ a: lists(depth - 1) }));
    const data = new FilterData(JSON.stringify({ a: lists(3), flat: Array(60_000).fill(1) }));
    const names = Object.fromEntries(
      Array.from({ length: 9 }, (_, i) => [
        Array(i + 1)
          .fill('a')
          .join('.'),
        { $ne: 2 },
      ]),
    );
    const read = readFilter({ ...names, flat: { $ne: 2 }, 'flat.0': { $ne: 2 } });
    expect(read.ok && matches(read.filter, data)).toBe(true);
    expect(data.looks).toBeLessThan(11 * (2 * VALUES_LOOKED_AT_MAX + 2));
  });

  test('makes work of a number that is long', () => {
    const zeros = '0'.repeat(200_000);
    for (const text of [`1${zeros}1`, `0.${zeros}1`, `1e${'9'.repeat(200_000)}`]) {
      const number = readNumber(text);
      expect(number).toBeInstanceOf(Decimal);
      expect(compareNumbers(number ?? 0, 5)).not.toBe(0);
    }
  });
});
