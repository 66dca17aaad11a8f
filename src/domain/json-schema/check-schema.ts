import type { Mistake } from '../errors.ts';
import { depthOf } from './canonical.ts';
import type { Form } from './keyword-forms.ts';
import { DIALECT, KEYWORD_FORMS, SAME_VALUE_KEYWORDS, TYPE_NAMES } from './keyword-forms.ts';
import {
  MISTAKES_MAX,
  PATTERN_CHARS_COUNTED_MIN,
  PATTERN_CHARS_TOTAL_MAX,
  SCHEMA_BYTES_MAX,
  SCHEMA_DEPTH_MAX,
  SUBSCHEMAS_MAX,
} from './limits.ts';
import type { JsonObject } from './node.ts';
import { isObject } from './node.ts';
import { compilePattern } from './pattern.ts';
import { isLocalPointer, normalPointer, pointerTo } from './pointer.ts';
import type { Place } from './run.ts';
import { pathOf } from './run.ts';

/**
 * What is wrong with a schema given by a customer: nothing, or all of it, by paths under `name`. One that passes is
 * JSON Schema 2020-12 in one document, within the limits, its patterns linear, and its references end.
 */
export function checkSchema(schema: unknown, name: string): Mistake[] {
  const place: Place = { parent: null, key: name };
  if (!isObject(schema)) return [{ path: name, message: 'must be a JSON Schema: a JSON object' }];
  if (depthOf(schema, SCHEMA_DEPTH_MAX + 1) > SCHEMA_DEPTH_MAX)
    return [{ path: name, message: `must be nested at most ${SCHEMA_DEPTH_MAX} deep` }];
  if (Buffer.byteLength(JSON.stringify(schema)) > SCHEMA_BYTES_MAX)
    return [{ path: name, message: `must be at most ${SCHEMA_BYTES_MAX} bytes of JSON` }];
  const walk = new Walk();
  walk.schema(schema, place, '#');
  walk.references();
  if (walk.subschemas > SUBSCHEMAS_MAX)
    walk.mistakes.unshift({ path: name, message: `must have at most ${SUBSCHEMAS_MAX} schemas in it` });
  if (walk.patternChars > PATTERN_CHARS_TOTAL_MAX) {
    const message = `must have shorter patterns, or fewer: at most ${PATTERN_CHARS_TOTAL_MAX} characters of them`;
    walk.mistakes.unshift({ path: name, message });
  }
  return walk.mistakes.slice(0, MISTAKES_MAX);
}

/** Goes through a schema once, and keeps what is needed to look at its references. */
class Walk {
  readonly mistakes: Mistake[] = [];
  subschemas = 0;
  patternChars = 0;
  /** By pointer: which other schemas each one applies to the same value. */
  readonly #leadsTo = new Map<string, string[]>();
  readonly #references: { from: string; place: Place; to: string }[] = [];

  schema(given: unknown, place: Place, pointer: string): void {
    this.subschemas += 1;
    this.#leadsTo.set(pointer, []);
    if (typeof given === 'boolean') return;
    if (!isObject(given)) return this.#wrong(place, 'must be a schema: a JSON object, or true or false');
    if (this.subschemas > SUBSCHEMAS_MAX) return;
    for (const [keyword, value] of Object.entries(given)) {
      const form = Object.hasOwn(KEYWORD_FORMS, keyword) ? KEYWORD_FORMS[keyword] : undefined;
      if (form === undefined) continue;
      const at: Place = { parent: place, key: keyword };
      if (form.startsWith('schema')) this.#schemasIn(form, value, at, pointer, keyword);
      else if (form === 'reference') this.#reference(value, at, pointer);
      else if (form === 'pattern') this.#pattern(value, at);
      else {
        const message = wrongWith(form, value);
        if (message !== undefined) this.#wrong(at, message);
      }
    }
  }

  /** To be called when all of the schema has been seen. */
  references(): void {
    for (const { place, to } of this.#references)
      if (!this.#leadsTo.has(to)) this.#wrong(place, 'must lead to a schema in this document');
    const done = new Set<string>();
    for (const pointer of this.#leadsTo.keys()) this.#refuseCircles(pointer, done, new Set());
  }

  #schemasIn(form: Form, value: unknown, place: Place, pointer: string, keyword: string): void {
    const below = pointerTo(pointer, keyword);
    const one = (each: unknown, at: Place, name: string): void => {
      if (SAME_VALUE_KEYWORDS.has(keyword)) this.#leadsTo.get(pointer)?.push(name);
      this.schema(each, at, name);
    };
    if (form === 'schema') return one(value, place, below);
    if (form === 'schemas') {
      if (!Array.isArray(value) || value.length === 0)
        return this.#wrong(place, 'must be a list of at least one schema');
      value.forEach((each, index) =>
        one(each, { parent: place, key: index }, pointerTo(below, String(index))),
      );
      return;
    }
    if (!isObject(value)) return this.#wrong(place, 'must be a JSON object of schemas by name');
    for (const [name, each] of Object.entries(value)) {
      const at: Place = { parent: place, key: name };
      if (form === 'schemasByPattern') this.#pattern(name, at);
      one(each, at, pointerTo(below, name));
    }
  }

  #reference(value: unknown, place: Place, from: string): void {
    if (typeof value !== 'string' || !isLocalPointer(value))
      return this.#wrong(
        place,
        'must lead to a part of this schema, such as #/$defs/address; nothing is fetched',
      );
    const to = normalPointer(value);
    this.#leadsTo.get(from)?.push(to);
    this.#references.push({ from, place, to });
  }

  #pattern(value: unknown, place: Place): void {
    if (typeof value !== 'string') return this.#wrong(place, 'must be a regular expression');
    this.patternChars += Math.max(value.length, PATTERN_CHARS_COUNTED_MIN);
    if (this.patternChars > PATTERN_CHARS_TOTAL_MAX) return;
    const compiled = compilePattern(value);
    if (typeof compiled === 'string') this.#wrong(place, compiled);
  }

  /** Each schema is gone through once; one that is come back to while it is open applies itself to the same value. */
  #refuseCircles(pointer: string, done: Set<string>, open: Set<string>): void {
    if (done.has(pointer)) return;
    open.add(pointer);
    for (const next of this.#leadsTo.get(pointer) ?? []) {
      if (open.has(next)) this.#refuseCircle(pointer, next);
      else this.#refuseCircles(next, done, open);
    }
    open.delete(pointer);
    done.add(pointer);
  }

  #refuseCircle(from: string, to: string): void {
    const [first] = this.#references;
    const closing = this.#references.find((each) => each.from === from && each.to === to) ?? first;
    const message = 'leads back to itself without going deeper into the data: checking would never end';
    if (closing !== undefined) this.#wrong(closing.place, message);
  }

  #wrong(place: Place, message: string): void {
    if (this.mistakes.length < MISTAKES_MAX) this.mistakes.push({ path: pathOf(place), message });
  }
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function areNames(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((each) => typeof each === 'string') &&
    new Set(value).size === value.length
  );
}

function areTypes(value: unknown): boolean {
  if (!Array.isArray(value)) return TYPE_NAMES.has(value);
  return value.length > 0 && areNames(value) && value.every((each) => TYPE_NAMES.has(each));
}

const FORM_RULES: Readonly<Partial<Record<Form, readonly [(value: unknown) => boolean, string]>>> = {
  type: [areTypes, `must be one of ${[...TYPE_NAMES].join(', ')}, or a list of them`],
  number: [(value) => typeof value === 'number', 'must be a number'],
  positive: [(value) => typeof value === 'number' && value > 0, 'must be a number above 0'],
  count: [isCount, 'must be a whole number from 0'],
  boolean: [(value) => typeof value === 'boolean', 'must be true or false'],
  string: [(value) => typeof value === 'string', 'must be a string'],
  list: [Array.isArray, 'must be a list'],
  choices: [(value) => Array.isArray(value) && value.length > 0, 'must be a list of at least one value'],
  names: [areNames, 'must be a list of distinct names'],
  namesByName: [
    (value) => isObject(value) && Object.values(value as JsonObject).every(areNames),
    'must be a JSON object of lists of distinct names',
  ],
  dialect: [(value) => value === DIALECT || value === `${DIALECT}#`, `must be ${DIALECT}`],
  refused: [() => false, 'is not supported: refer to parts of this schema by $ref and a JSON Pointer'],
};

function wrongWith(form: Form, value: unknown): string | undefined {
  const [isGood, message] = FORM_RULES[form] ?? [() => true, ''];
  return isGood(value) ? undefined : message;
}
