import { compareNumbers, Decimal, readNumber } from './decimal.ts';
import type { ExactValue } from './exact-json.ts';
import { NumberText, readExactly } from './exact-json.ts';
import type { Comparison, Filter, FilterField, FilterTest } from './filter.ts';

/**
 * Of the lists on the way of one path in one event, so many values are looked at; those behind count as if they were not
 * there. It bounds what an event can cost whatever is in it: the thousand subscriptions of a workspace, with filters that
 * have as many conditions as they may, take some 50 ms of everybody's time with it, and 200 with four times as many.
 */
export const VALUES_LOOKED_AT_MAX = 250;

/** An event's `data` as filters look at it; what a path leads to is found once for all filters. */
export class FilterData {
  readonly #data: ExactValue;
  readonly #valuesAt = new Map<string, readonly FoundValue[]>();
  /** Values handed out so far, to all filters: what they have cost. */
  looks = 0;

  /** `json`: a JSON object. */
  constructor(json: string) {
    this.#data = readExactly(json);
  }

  /** What the path leads to: a list along the way stands for each of its values, one at the end for itself as well. */
  valuesAt(path: string, names: readonly string[]): readonly FoundValue[] {
    let found = this.#valuesAt.get(path);
    if (found === undefined) {
      found = new Walk(this.#data).to(names);
      this.#valuesAt.set(path, found);
    }
    this.looks += found.length + 1;
    return found;
  }
}

/** What is found at a path: numbers are read. */
type FoundValue = Exclude<ExactValue, NumberText> | Decimal;

/** One way through one event. */
class Walk {
  #values: readonly ExactValue[];
  #room = VALUES_LOOKED_AT_MAX;

  constructor(data: ExactValue) {
    this.#values = [data];
  }

  to(names: readonly string[]): readonly FoundValue[] {
    for (const name of names) this.#values = this.#values.flatMap((value) => this.#step(value, name));
    const found = this.#values.flatMap((value) => (isList(value) ? [value, ...this.#some(value)] : [value]));
    return found.map((value) => (value instanceof NumberText ? (readNumber(value.text) ?? null) : value));
  }

  #step(value: ExactValue, name: string): readonly ExactValue[] {
    if (!isList(value)) return memberOf(value, name);
    const at = /^\d{1,9}$/.test(name) ? value.slice(Number(name), Number(name) + 1) : [];
    return [...at, ...this.#some(value).flatMap((each) => memberOf(each, name))];
  }

  /** As many values of a list as may still be looked at. */
  #some(list: readonly ExactValue[]): readonly ExactValue[] {
    const some = list.slice(0, this.#room);
    this.#room -= some.length;
    return some;
  }
}

function memberOf(value: ExactValue, name: string): readonly ExactValue[] {
  const member = value instanceof Map ? (value as ReadonlyMap<string, ExactValue>).get(name) : undefined;
  return member === undefined ? [] : [member];
}

/** Whether the event's `data` is as the filter wants it. */
export function matches(filter: Filter, data: FilterData): boolean {
  switch (filter.kind) {
    case 'all':
      return filter.of.every((each) => matches(each, data));
    case 'any':
      return filter.of.some((each) => matches(each, data));
    case 'not':
      return !matches(filter.of, data);
    case 'field':
      return whyNot(filter, data) === null;
  }
}

/** One condition that an event did not meet. */
export interface Unmet {
  /** The path, or `$or`, `$not`. */
  path: string;
  message: string;
}

/** Why an event does not match; empty when it does. */
export function explain(filter: Filter, data: FilterData): Unmet[] {
  if (matches(filter, data)) return [];
  switch (filter.kind) {
    case 'all':
      return filter.of.flatMap((each) => explain(each, data));
    case 'any':
      return [
        { path: '$or', message: 'none of its filters matches' },
        ...filter.of.flatMap((each) => explain(each, data)),
      ];
    case 'not':
      return [{ path: '$not', message: 'what must not match does' }];
    case 'field':
      return [{ path: filter.path, message: whyNot(filter, data) ?? '' }];
  }
}

/** Null when the field is as it is wanted. */
function whyNot({ path, names, tests, none, exists }: FilterField, data: FilterData): string | null {
  const values = data.valuesAt(path, names);
  if (exists !== null && values.length > 0 !== exists) return exists ? 'is missing' : 'is there';
  if (none !== null && values.some((value) => none.has(value))) return 'has a value that it must not have';
  if (tests.length === 0 || values.some((value) => tests.every((test) => passes(value, test)))) return null;
  return values.length === 0 ? 'is missing' : 'has no value as wanted';
}

function passes(value: FoundValue, test: FilterTest): boolean {
  switch (test.kind) {
    case 'in':
      return test.values.has(value);
    case 'compare':
      return isOrdered(test.by, compare(value, test.value));
    case 'startsWith':
      return typeof value === 'string' && value.startsWith(test.text);
    case 'endsWith':
      return typeof value === 'string' && value.endsWith(test.text);
  }
}

function isOrdered(by: Comparison, order: number | undefined): boolean {
  if (order === undefined) return false;
  if (order === 0) return by === '$gte' || by === '$lte';
  return order > 0 ? by === '$gt' || by === '$gte' : by === '$lt' || by === '$lte';
}

/** Numbers with numbers, exactly; text with text, by code units, as ISO dates sort. Undefined for anything else. */
function compare(value: FoundValue, wanted: string | number | Decimal): number | undefined {
  if (typeof value === 'string' && typeof wanted === 'string') {
    if (value === wanted) return 0;
    return value < wanted ? -1 : 1;
  }
  if (typeof wanted === 'string' || !(typeof value === 'number' || value instanceof Decimal))
    return undefined;
  return compareNumbers(value, wanted);
}

/** `Array.isArray` does not tell readonly lists from the rest. */
function isList(value: ExactValue): value is readonly ExactValue[] {
  return Array.isArray(value);
}
