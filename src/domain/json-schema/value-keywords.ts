import { canonical, CHARS_PER_STEP } from './canonical.ts';
import { findFormat, FORMATTED_CHARS_MAX } from './format.ts';
import type { Check, Compiler, JsonObject, Keyword } from './node.ts';
import { isObject } from './node.ts';
import type { Pattern } from './pattern.ts';
import type { Run } from './run.ts';

/** States of a pattern that are compared with characters for one step. */
const PATTERN_STATES_PER_STEP = 16;
/** A host name is taken apart and each of its labels matched. */
const FORMATTED_CHARS_PER_STEP = 2;
/** What a message shows of the values that are allowed. */
const SHOWN_CHARS_MAX = 200;

const TYPES: Readonly<Record<string, { is: (value: unknown) => boolean; words: string }>> = {
  null: { is: (value) => value === null, words: 'null' },
  boolean: { is: (value) => typeof value === 'boolean', words: 'true or false' },
  string: { is: (value) => typeof value === 'string', words: 'a string' },
  number: { is: (value) => typeof value === 'number', words: 'a number' },
  integer: { is: Number.isInteger, words: 'a whole number' },
  array: { is: Array.isArray, words: 'a list' },
  object: { is: isObject, words: 'a JSON object' },
};

function type(given: string | readonly string[]): Check {
  const types = [given].flat().flatMap((name) => TYPES[name] ?? []);
  const message = `must be ${types.map(({ words }) => words).join(' or ')}`;
  return (value, place, run) => types.some(({ is }) => is(value)) || run.fail(place, message);
}

function oneOfThese(given: readonly unknown[]): Check {
  const allowed = new Set(given.map((each) => canonical(each)));
  const hasStructure = given.some((each) => each !== null && typeof each === 'object');
  // Nothing large is written down to be compared with words.
  const isAllowed = (value: unknown, run: Run): boolean =>
    (hasStructure || value === null || typeof value !== 'object') && allowed.has(canonical(value, run));
  const shown = [...allowed].join(', ');
  const message =
    shown.length > SHOWN_CHARS_MAX
      ? `must be one of the ${allowed.size} values of the schema`
      : `must be ${allowed.size > 1 ? 'one of ' : ''}${shown}`;
  return (value, place, run) => isAllowed(value, run) || run.fail(place, message);
}

function limit(isGood: (value: number, bound: number) => boolean, words: string): Keyword {
  return ((bound: number): Check =>
    (value, place, run) =>
      typeof value !== 'number' ||
      isGood(value, bound) ||
      run.fail(place, `must be ${words} ${bound}`)) as Keyword;
}

/** `0.3` is a multiple of `0.1`, as people count, though their quotient is not a whole number. */
function isMultiple(value: number, divisor: number): boolean {
  const quotient = value / divisor;
  if (!Number.isFinite(quotient)) return Number.isInteger(value) && Number.isInteger(1 / divisor);
  return Math.abs(quotient - Math.round(quotient)) <= Math.abs(quotient) * Number.EPSILON * 2;
}

function length(isGood: (length: number, bound: number) => boolean, words: string): Keyword {
  return ((bound: number): Check =>
    (value, place, run) => {
      if (typeof value !== 'string') return true;
      return (
        isGood(countCharacters(value, run), bound) ||
        run.fail(place, `must have ${words} ${bound} characters`)
      );
    }) as Keyword;
}

/** As Unicode counts: those outside the basic plane are two units of a JavaScript string. */
function countCharacters(text: string, run: Run): number {
  run.spend(text.length / CHARS_PER_STEP);
  let count = text.length;
  for (let i = 1; i < text.length; i++) if (isPair(text.charCodeAt(i - 1), text.charCodeAt(i))) count -= 1;
  return count;
}

function isPair(first: number, second: number): boolean {
  return first >= 0xd800 && first <= 0xdbff && second >= 0xdc00 && second <= 0xdfff;
}

export function matches(pattern: Pattern, text: string, run: Run): boolean {
  run.spend(1 + (text.length * pattern.size) / PATTERN_STATES_PER_STEP);
  return pattern.test(text);
}

function pattern(source: string, _schema: JsonObject, compiler: Compiler): Check {
  const compiled = compiler.pattern(source);
  return (value, place, run) =>
    typeof value !== 'string' || matches(compiled, value, run) || run.fail(place, `must match ${source}`);
}

function format(name: string): Check | undefined {
  const known = findFormat(name);
  if (known === undefined) return undefined;
  return (value, place, run) => {
    if (typeof value !== 'string') return true;
    run.spend(2 + Math.min(value.length, FORMATTED_CHARS_MAX) / FORMATTED_CHARS_PER_STEP);
    return known.is(value) || run.fail(place, `must be ${known.words}`);
  };
}

/** Keywords about a value by itself. */
export const VALUE_KEYWORDS: Readonly<Record<string, Keyword>> = {
  type,
  enum: oneOfThese,
  const: (value) => oneOfThese([value]),
  minimum: limit((value, bound) => value >= bound, 'at least'),
  maximum: limit((value, bound) => value <= bound, 'at most'),
  exclusiveMinimum: limit((value, bound) => value > bound, 'more than'),
  exclusiveMaximum: limit((value, bound) => value < bound, 'less than'),
  multipleOf: limit(isMultiple, 'a multiple of'),
  minLength: length((count, bound) => count >= bound, 'at least'),
  maxLength: length((count, bound) => count <= bound, 'at most'),
  pattern,
  format,
};
