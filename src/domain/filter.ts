import { Decimal, isExactDouble, readNumber } from './decimal.ts';
import type { Mistake } from './errors.ts';

/** A filter as it is given and shown; `docs/reference/filters.md` describes it. */
export type FilterForm = Readonly<Record<string, unknown>>;

/** Of `$and`, `$or` and `$not` within one another: enough for any rule that a person can read. */
export const FILTER_DEPTH_MAX = 5;
/** Conditions of a filter: each may have to look at {@link VALUES_LOOKED_AT_MAX} values of every event. */
export const FILTER_CONDITIONS_MAX = 20;
/** Values of one `$in` or `$nin`. */
export const FILTER_LIST_MAX = 100;
const FILTER_STRING_CHARS_MAX = 256;
/** As JSON: the filters of a workspace are kept in memory on every node that takes its events. */
const FILTER_CHARS_MAX = 4_096;
const FILTER_PATH_NAMES_MAX = 10;
/** No number needs more; it bounds what comparing costs. */
const NUMBER_CHARS_MAX = 100;
const EXPONENT_MAX = 1_000;

/** What a value may be compared with. */
export type FilterValue = string | number | boolean | null | Decimal;

/** Finds a value in one step, however many there are. */
export class ValueSet {
  readonly #values: ReadonlySet<unknown>;

  constructor(values: readonly FilterValue[]) {
    this.#values = new Set(values.map(keyOf));
  }

  /** `value`: a scalar or a {@link Decimal}; nothing else is in a set. */
  has(value: unknown): boolean {
    return this.#values.has(keyOf(value));
  }
}

/** Strings are marked, so that none is taken for a number's key. */
function keyOf(value: unknown): unknown {
  if (typeof value === 'string') return `"${value}`;
  return value instanceof Decimal ? value.key : value;
}

export type Comparison = '$gt' | '$gte' | '$lt' | '$lte';

/** What one value must be like. */
export type FilterTest =
  | { kind: 'in'; values: ValueSet }
  | { kind: 'compare'; by: Comparison; value: string | number | Decimal }
  | { kind: 'startsWith' | 'endsWith'; text: string };

/** A filter read and checked. */
export type Filter =
  { kind: 'all' | 'any'; of: readonly Filter[] } | { kind: 'not'; of: Filter } | FilterField;

/** What is asked of the values at a path. */
export interface FilterField {
  kind: 'field';
  /** As given. */
  path: string;
  names: readonly string[];
  /** Some one value must pass all of these; there are none where only the rest is asked. */
  tests: readonly FilterTest[];
  /** No value may be one of these. */
  none: ValueSet | null;
  /** Whether there must be something at the path, or must not. */
  exists: boolean | null;
}

export type FilterReading = { ok: true; filter: Filter } | { ok: false; mistakes: readonly Mistake[] };

/** Reads a filter; `at` is where it stands in the request, for the mistakes' paths. All mistakes at once. */
export function readFilter(form: unknown, at = 'filter'): FilterReading {
  const reader = new Reader();
  if (JSON.stringify(form).length > FILTER_CHARS_MAX)
    return { ok: false, mistakes: [{ path: at, message: `must be at most ${FILTER_CHARS_MAX} characters` }] };
  const filter = reader.readAll(form, at, 1);
  if (reader.conditions > FILTER_CONDITIONS_MAX)
    reader.mistake(at, `must have at most ${FILTER_CONDITIONS_MAX} conditions`);
  return reader.mistakes.length > 0 ? { ok: false, mistakes: reader.mistakes } : { ok: true, filter };
}

/** The names of a dotted path; a backslash takes away a dot's meaning, or its own. */
function namesOf(path: string): string[] {
  const names = [''];
  for (let i = 0; i < path.length; i++) {
    let letter = path[i] ?? '';
    if (letter === '.') {
      names.push('');
      continue;
    }
    if (letter === '\\' && i + 1 < path.length) letter = path[++i] ?? '';
    names[names.length - 1] += letter;
  }
  return names;
}

const OPERATORS = [
  '$eq',
  '$ne',
  '$in',
  '$nin',
  '$gt',
  '$gte',
  '$lt',
  '$lte',
  '$startsWith',
  '$endsWith',
  '$exists',
] as const;
type Operator = (typeof OPERATORS)[number];
const OPERATOR_WORDS: ReadonlySet<string> = new Set(OPERATORS);

/** A field while its operators are read. */
interface OpenField {
  tests: FilterTest[];
  none: FilterValue[];
  exists: boolean | null;
}

class Reader {
  readonly mistakes: Mistake[] = [];
  conditions = 0;

  mistake(path: string, message: string): void {
    this.mistakes.push({ path, message });
  }

  readAll(form: unknown, at: string, depth: number): Filter {
    const members = this.#membersOf(form, at);
    if (depth > FILTER_DEPTH_MAX) {
      this.mistake(at, `is nested deeper than ${FILTER_DEPTH_MAX} levels`);
      return { kind: 'all', of: [] };
    }
    const of = members.map(([name, value]) => this.#readMember(name, value, `${at}.${name}`, depth));
    const [only] = of;
    return of.length === 1 && only ? only : { kind: 'all', of };
  }

  #readMember(name: string, value: unknown, at: string, depth: number): Filter {
    if (name === '$not') return { kind: 'not', of: this.readAll(value, at, depth + 1) };
    if (name === '$and' || name === '$or') {
      const kind = name === '$and' ? 'all' : 'any';
      if (!Array.isArray(value) || value.length === 0) {
        this.mistake(at, 'must be a list of filters');
        return { kind, of: [] };
      }
      return { kind, of: value.map((each, i) => this.readAll(each, `${at}[${i}]`, depth + 1)) };
    }
    if (name.startsWith('$')) this.mistake(at, 'is not known: $and, $or and $not are; write \\$ for a name');
    return this.#readField(name, value, at);
  }

  #readField(path: string, value: unknown, at: string): Filter {
    const names = namesOf(path);
    if (names.includes('')) this.mistake(at, 'is not a path: names with dots between them');
    if (names.length > FILTER_PATH_NAMES_MAX)
      this.mistake(at, `must have at most ${FILTER_PATH_NAMES_MAX} names`);
    if (path.length > FILTER_STRING_CHARS_MAX)
      this.mistake(at, `must have at most ${FILTER_STRING_CHARS_MAX} characters`);
    const field: OpenField = { tests: [], none: [], exists: null };
    if (isObject(value) && !('$number' in value)) {
      for (const [name, operand] of this.#membersOf(value, at)) this.#readOperator(field, name, operand, at);
    } else if (Array.isArray(value)) {
      this.mistake(at, 'is a list: write {"$in": […]} for any of several values');
    } else {
      this.#readOperator(field, '$eq', value, at, at);
    }
    const none = field.none.length > 0 ? new ValueSet(field.none) : null;
    return { ...field, kind: 'field', path, names, none };
  }

  #readOperator(
    field: OpenField,
    name: string,
    operand: unknown,
    fieldAt: string,
    at = `${fieldAt}.${name}`,
  ): void {
    this.conditions += 1;
    if (!isOperator(name)) return this.mistake(at, `is not known: ${OPERATORS.join(', ')} are`);
    switch (name) {
      case '$eq':
        field.tests.push({ kind: 'in', values: new ValueSet([this.#readValue(operand, at)]) });
        break;
      case '$in':
        field.tests.push({ kind: 'in', values: new ValueSet(this.#readValues(operand, at)) });
        break;
      case '$ne':
        field.none.push(this.#readValue(operand, at));
        break;
      case '$nin':
        field.none.push(...this.#readValues(operand, at));
        break;
      case '$exists':
        if (typeof operand === 'boolean') field.exists = operand;
        else this.mistake(at, 'must be true or false');
        break;
      case '$startsWith':
      case '$endsWith': {
        const text = this.#readValue(operand, at);
        if (typeof text !== 'string') return this.mistake(at, 'must be a string');
        field.tests.push({ kind: name === '$startsWith' ? 'startsWith' : 'endsWith', text });
        break;
      }
      default: {
        const value = this.#readValue(operand, at);
        if (value === null || typeof value === 'boolean')
          return this.mistake(at, 'must be a number or a string');
        field.tests.push({ kind: 'compare', by: name, value });
      }
    }
  }

  #readValues(operand: unknown, at: string): FilterValue[] {
    if (!Array.isArray(operand) || operand.length === 0 || operand.length > FILTER_LIST_MAX) {
      this.mistake(at, `must be a list of 1 to ${FILTER_LIST_MAX} values`);
      return [];
    }
    return operand.map((each, i) => this.#readValue(each, `${at}[${i}]`));
  }

  #readValue(value: unknown, at: string): FilterValue {
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value === 'string') {
      if (value.length > FILTER_STRING_CHARS_MAX)
        this.mistake(at, `must have at most ${FILTER_STRING_CHARS_MAX} characters`);
      return value;
    }
    if (typeof value === 'number') {
      if (!isExactDouble(value))
        this.mistake(at, 'has more digits than are kept: write {"$number": "…"} with the digits in quotes');
      return value;
    }
    if (isObject(value) && '$number' in value) return this.#readNumber(value, at);
    this.mistake(at, 'must be a string, a number, true, false or null');
    return null;
  }

  #readNumber(value: Readonly<Record<string, unknown>>, at: string): FilterValue {
    const text = value['$number'];
    const isShort = typeof text === 'string' && text.length <= NUMBER_CHARS_MAX;
    const number = isShort ? readNumber(text) : undefined;
    const exponent = number instanceof Decimal ? Math.abs(number.exponent) : 0;
    if (number !== undefined && Object.keys(value).length === 1 && exponent <= EXPONENT_MAX) return number;
    this.mistake(at, `must be {"$number": "…"} with a number of at most ${NUMBER_CHARS_MAX} characters`);
    return null;
  }

  #membersOf(form: unknown, at: string): [string, unknown][] {
    const members = isObject(form) ? Object.entries(form) : [];
    if (members.length === 0) this.mistake(at, 'must be a JSON object with at least one condition');
    return members;
  }
}

function isOperator(name: string): name is Operator {
  return OPERATOR_WORDS.has(name);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
