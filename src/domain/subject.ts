import { Decimal, readNumber } from './decimal.ts';
import type { JsonPath } from './json-path.ts';
import { findPlaces } from './json-places.ts';

/** Longer than any name, address or id of somebody. */
export const SUBJECT_VALUE_CHARS_MAX = 1_024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** A string, or a number as {@link readNumber} reads it: without rounding. */
export type SubjectValue = string | number | Decimal;

/** Whom an event may be about: a value at a place in its `data`. See {@link subjectOf}. */
export interface Subject {
  path: JsonPath;
  value: SubjectValue;
  /** What a text without escapes has in it that mentions the subject. */
  needles: readonly Buffer[];
}

export function subjectOf(path: JsonPath, value: SubjectValue): Subject {
  const last = path.steps.at(-1);
  const names = last?.kind === 'field' ? [last.name] : [];
  const texts = typeof value === 'string' ? [...names, value] : names;
  return { path, value, needles: texts.map((text) => Buffer.from(text)) };
}

/** What is said of a value that cannot be looked for. */
export const SUBJECT_VALUE_RULE = `must be a string or a number of at most ${SUBJECT_VALUE_CHARS_MAX} characters, not empty`;

/** Reads the JSON text of a value; undefined when it breaks {@link SUBJECT_VALUE_RULE}. */
export function readSubjectValue(json: string): SubjectValue | undefined {
  const value = readScalar(json);
  if (value === undefined || value === '') return undefined;
  const chars = typeof value === 'string' ? value.length : json.length;
  if (chars > SUBJECT_VALUE_CHARS_MAX) return undefined;
  // Such an exponent was rounded: two numbers that are not equal would be.
  const isExact = !(value instanceof Decimal) || Number.isSafeInteger(value.exponent);
  return isExact ? value : undefined;
}

/**
 * Whether the JSON text has the value at one of the places that the path leads to. Strings are equal when their
 * characters are, however they are escaped; numbers when their values are, however they are written and however many
 * digits they have; a string never equals a number. Of fields with equal names all count. Linear in time: a millisecond
 * or two for 64 KiB, and next to nothing for most texts, which have not got the name or the value in them at all.
 */
export function mentions(data: Uint8Array, { path, value, needles }: Subject): boolean {
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (!needles.every((needle) => text.includes(needle)) && !text.includes(BACKSLASH)) return false;
  const { places } = findPlaces(data, [path]);
  return places.some(({ start, end }) => isEqual(valueAt(data, start, end), value));
}

function valueAt(data: Uint8Array, start: number, end: number): SubjectValue | undefined {
  return readScalar(Buffer.from(data.buffer, data.byteOffset + start, end - start).toString('utf8'));
}

/** Undefined for whatever is neither a string nor a number. */
function readScalar(json: string): SubjectValue | undefined {
  return json.charCodeAt(0) === QUOTE ? (JSON.parse(json) as string) : readNumber(json);
}

function isEqual(a: SubjectValue | undefined, b: SubjectValue): boolean {
  return a instanceof Decimal && b instanceof Decimal ? a.key === b.key : a === b;
}
