import { describe, expect, test } from 'vitest';
import { parseJsonPath } from '../../src/domain/json-path.ts';
import { mentions, readSubjectValue, subjectOf, SUBJECT_VALUE_CHARS_MAX } from '../../src/domain/subject.ts';

function isMentioned(data: string, value: string, at = '$.id'): boolean {
  const path = parseJsonPath(at);
  const read = readSubjectValue(value);
  if (path === undefined || read === undefined) throw new Error('This is no subject.');
  return mentions(Buffer.from(data), subjectOf(path, read));
}

describe('data mentions a subject', () => {
  test.each([
    ['a string', '{"id":"Ada"}', '"Ada"'],
    [
      'a string, however it is escaped',
      String.raw`{"\u0069d":"\u0041d\u0061 \"\/"}`,
      String.raw`"Ada \u0022/"`,
    ],
    ['a string beyond the basic plane', String.raw`{"id":"\ud83d\ude00"}`, '"😀"'],
    ['a string that is half a character', String.raw`{"id":"\ud83d"}`, String.raw`"\uD83D"`],
    ['a whole number', '{"id":42}', '42'],
    ['a number that is written in another way', '{"id":42.0}', '42'],
    ['a number with an exponent', '{"id":4.2E1}', '42'],
    ['zero, with a sign', '{"id":-0.0}', '0'],
    ['a number of more digits than a double has', '{"id":9007199254740993}', '9007199254740993'],
    ['the same, with a fraction', '{"id":9007199254740993.10}', '9007199254740993.1'],
    ['the first of two fields with equal names', '{"id":"Ada","id":"Bob"}', '"Ada"'],
    ['the last of them', '{"id":"Bob","id":"Ada"}', '"Ada"'],
  ])('by %s', (_, data, value) => {
    expect(isMentioned(data, value)).toBe(true);
  });

  test.each([
    ['another string', '{"id":"Ada "}', '"Ada"'],
    ['another case', '{"id":"ada"}', '"Ada"'],
    ['the same letters, composed in another way', '{"id":"A\u030a"}', '"\u00c5"'],
    ['a number for a string', '{"id":42}', '"42"'],
    ['a string for a number', '{"id":"42"}', '42'],
    ['a number that is the same double only', '{"id":9007199254740992}', '9007199254740993'],
    ['the opposite', '{"id":-42}', '42'],
    ['a list with it', '{"id":["Ada"]}', '"Ada"'],
    ['an object with it', '{"id":{"id":"Ada"}}', '"Ada"'],
    ['its name somewhere else', '{"of":{"id":"Ada"}}', '"Ada"'],
    ['no value at all', '{"id":null}', '"null"'],
  ])('not by %s', (_, data, value) => {
    expect(isMentioned(data, value)).toBe(false);
  });

  test('by any entry of a list, at any depth of the path', () => {
    const data = '{"lines":[{"to":[{"mail":"x"},1,{"mail":"ada@example.com"}]},{"to":[]}]}';
    expect(isMentioned(data, '"ada@example.com"', '$.lines[*].to[*].mail')).toBe(true);
    expect(isMentioned(data, '"bob@example.com"', '$.lines[*].to[*].mail')).toBe(false);
    expect(isMentioned('{"ids":[1,2,3.0]}', '3', '$.ids[*]')).toBe(true);
    expect(isMentioned('{"od.d":{"":1,"a":"x"}}', '"x"', "$['od.d'].a")).toBe(true);
  });

  test('and a value is a string or a number, neither empty nor endless', () => {
    const longest = 'x'.repeat(SUBJECT_VALUE_CHARS_MAX);
    for (const json of ['true', 'null', '{}', '[]', '""', `"${longest}x"`, `1${'0'.repeat(1_024)}`])
      expect([json, readSubjectValue(json)]).toEqual([json, undefined]);
    // Beyond what an exponent is read to exactly: another such number would be equal.
    expect(readSubjectValue('1e99999999999999999999')).toBeUndefined();
    expect(readSubjectValue(`"${longest}"`)).toBe(longest);
    expect(readSubjectValue('-1.50')).toBe(-1.5);
  });
});
