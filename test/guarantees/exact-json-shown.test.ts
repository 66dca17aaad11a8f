import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutOut, layOut } from '../../dashboard/src/parts/exact-json.ts';

describe('JSON as the dashboard shows it', () => {
  it('keeps digits, the order of keys, keys given twice, and how characters were written', () => {
    const text = String.raw`{"b":1.000000000000000000001,"a":[],"a":{},"n":12345678901234567890,"s":"\u00e9 \"{,}\" \\"}`;
    expect(layOut(text)).toBe(
      [
        '{',
        '  "b": 1.000000000000000000001,',
        '  "a": [],',
        '  "a": {},',
        '  "n": 12345678901234567890,',
        String.raw`  "s": "\u00e9 \"{,}\" \\"`,
        '}',
      ].join('\n'),
    );
    expect(layOut(' [ ] ')).toBe('[]');
    expect(layOut('-1e400')).toBe('-1e400');
  });

  it('leaves what is no JSON as it is', () => {
    for (const text of ['', '{', '{"a":1,}', 'hello, [world]', '"\n"']) expect(layOut(text)).toBe(text);
  });

  it('lays any value out as JSON.stringify does, however it was written', () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: 'large' }), fc.constantFrom(0, 1, 4, '\t'), (value, space) => {
        expect(layOut(JSON.stringify(value, null, space))).toBe(JSON.stringify(value, null, 2));
      }),
    );
  });

  it('finds a value by its path, as it stands in the text', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), fc.constantFrom(0, 2), (value, key, space) => {
        const text = JSON.stringify(
          { [`${key}.`]: { x: [value], data: 1 }, data: { data: value } },
          null,
          space,
        );
        expect(JSON.parse(cutOut(text, ['data', 'data']) ?? '')).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
    expect(cutOut('{"d": {"a": 1.0 , "b": [2 , 3.00]} }', ['d', 'a'])).toBe('1.0');
    expect(cutOut('{"d": {"a": 1.0 , "b": [2 , 3.00]} }', ['d', 'b'])).toBe('[2 , 3.00]');
    expect(cutOut('{"d":[{"a":1}]}', ['d', 'a'])).toBeUndefined();
    expect(cutOut('{"d":"a:1"}', ['d', 'a'])).toBeUndefined();
    expect(cutOut('{"d":{}}', ['d', 'a'])).toBeUndefined();
  });
});
