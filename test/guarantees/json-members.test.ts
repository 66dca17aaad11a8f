import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  duplicateKeys,
  JSON_DEPTH_MAX,
  JSON_MEMBERS_MAX,
  scanMembers,
} from '../../src/domain/json-members.ts';

const bytesOf = (text: string): Buffer => Buffer.from(text, 'utf8');

function membersOf(text: string) {
  const scan = scanMembers(bytesOf(text));
  if (scan.kind !== 'object') throw new Error(`not an object: ${JSON.stringify(scan)}`);
  return scan.members.map(({ key, start, end }) => [key, bytesOf(text).toString('utf8', start, end)]);
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('the members of a JSON object', () => {
  it('are cut out with the very bytes they came in', () => {
    const text =
      ' {"a" : 12345678901234567890 ,\n"b":1.10,"c":\t1E400,"d":-0,"e":"\\u00e9ü\\/","f":{ "x":1,"x" : 2 },"g":[ ]\r\n} ';
    expect(membersOf(text)).toEqual([
      ['a', '12345678901234567890'],
      ['b', '1.10'],
      ['c', '1E400'],
      ['d', '-0'],
      ['e', '"\\u00e9ü\\/"'],
      ['f', '{ "x":1,"x" : 2 }'],
      ['g', '[ ]'],
    ]);
  });

  it('are only those of the outermost object', () => {
    expect(membersOf('{"a":{"b":{"c":[{"d":1}]}},"e":[{"f":2}]}').map(([key]) => key)).toEqual(['a', 'e']);
    expect(membersOf('{}')).toEqual([]);
  });

  it('are known by their names, however these are escaped', () => {
    const scan = scanMembers(bytesOf('{"event\\u0054ype":1,"eventType":2,"\\u005f_proto__":3}'));
    if (scan.kind !== 'object') throw new Error('not an object');
    expect(duplicateKeys(scan.members)).toEqual(['eventType']);
    expect(scan.members[2]?.key).toBe('__proto__');
    expect(({} as Record<string, unknown>)['3']).toBeUndefined();
  });

  it('are those JSON.parse finds, for any object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(3), (object, spaces) => {
        const text = JSON.stringify(object, null, spaces);
        const found = membersOf(text).map(([key, value]) => [key, JSON.parse(String(value))]);
        const parsed = JSON.parse(text) as Record<string, unknown>;
        // Integer-like keys come first in a JavaScript object, and -0 is kept by neither side's text.
        expect(new Map(found as [string, unknown][])).toEqual(new Map(Object.entries(parsed)));
      }),
      { numRuns: 300 },
    );
  });
});

describe('what is no JSON', () => {
  it.each([
    ['', 0],
    ['   ', 3],
    ['nul', 0],
    ['{a:1}', 1],
    ["{'a':1}", 1],
    ['{"a":1,}', 7],
    ['[1,]', 3],
    ['{"a":NaN}', 5],
    ['{"a":1}}', 7],
    ['{"a":1} {"b":2}', 8],
    ['{"a":1 // why\n}', 7],
    ['{"a" 1}', 5],
    ['{"a":01}', 6],
    ['{"a":+1}', 5],
    ['{"a":1.}', 7],
    ['{"a":.5}', 5],
    ['{"a":1e}', 7],
    ['{"a":-}', 6],
    ['{"a":"\n"}', 6],
    ['{"a":"\\x41"}', 6],
    ['{"a":"\\u12g4"}', 6],
    ['{"a":"', 6],
    ['{"a":[1', 7],
    ['{"a":tru}', 5],
    ['{"a":1}\u0000', 7],
    ['\ufeff{}', 0],
  ])('%j is refused at byte %i', (text, position) => {
    expect(scanMembers(bytesOf(text))).toMatchObject({ kind: 'fault', position });
    expect(parses(text)).toBe(false);
  });

  it('is what JSON.parse refuses, for any text near JSON', () => {
    const PIECES =
      '{ } [ ] , : "a" " \\ 1 - 0 . e + true null u "b": \\u00e9 12.5E-3 false {} [] "\\n"'.split(' ');
    const piece = fc.constantFrom(...PIECES, ' ', '\t');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        expect([text, scanMembers(bytesOf(text)).kind !== 'fault']).toEqual([text, parses(text)]);
      }),
      { numRuns: 20_000 },
    );
  });

  it('is what JSON.parse refuses, for any JSON with a byte changed', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.integer({ min: 0x20, max: 0x7e }), (json, at, letter) => {
        const position = json.length === 0 ? 0 : at % json.length;
        const text = json.slice(0, position) + String.fromCharCode(letter) + json.slice(position + 1);
        expect([text, scanMembers(bytesOf(text)).kind !== 'fault']).toEqual([text, parses(text)]);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('limits', () => {
  it(`nesting of ${JSON_DEPTH_MAX} levels is taken, one more is not`, () => {
    const nested = (depth: number) => '['.repeat(depth - 1) + '{}' + ']'.repeat(depth - 1);
    expect(scanMembers(bytesOf(nested(JSON_DEPTH_MAX))).kind).toBe('other');
    expect(scanMembers(bytesOf(nested(JSON_DEPTH_MAX + 1)))).toMatchObject({ kind: 'fault' });
  });

  it.each([
    '['.repeat(100_000),
    '{"a":'.repeat(50_000),
    `{"a":"${'x'.repeat(1_000_000)}`,
    '{"a":1'.repeat(50_000),
  ])('a hostile text is refused within milliseconds', (text) => {
    const bytes = bytesOf(text);
    const start = performance.now();
    expect(scanMembers(bytes).kind).toBe('fault');
    expect(performance.now() - start).toBeLessThan(50);
  });

  it('more fields than any request has are refused, inside a value they are not', () => {
    const object = JSON.stringify(Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`k${n}`, n])));
    expect(scanMembers(bytesOf(object))).toMatchObject({
      kind: 'fault',
      message: expect.stringContaining(String(JSON_MEMBERS_MAX)) as string,
    });
    expect(membersOf(`{"data":${object}}`)).toEqual([['data', object]]);
  });

  it('a megabyte of anything is scanned in linear time', () => {
    const kinds = [
      `{"a":"${'x'.repeat(1_000_000)}"}`,
      `{"a":${'1'.repeat(1_000_000)}}`,
      `{"a":[${'0,'.repeat(500_000)}0]}`,
      `{"${'k'.repeat(1_000_000)}":1}`,
      `{"a":{${Array.from({ length: 100_000 }, (_, n) => `"k${n}":1`).join(',')}}}`,
      `{"a":"${'\\u0041'.repeat(160_000)}"}`,
    ];
    for (const text of kinds) {
      const bytes = bytesOf(text);
      const start = performance.now();
      expect(scanMembers(bytes).kind).toBe('object');
      expect(performance.now() - start).toBeLessThan(500);
    }
  });
});
