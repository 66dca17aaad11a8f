import { canonical } from './canonical.ts';
import type { Check, Compiler, JsonObject, Keyword } from './node.ts';

/** To look a text up among those before it, and to keep it. */
const REMEMBERING_STEPS = 8;

function countOfItems(isGood: (count: number, bound: number) => boolean, words: string): Keyword {
  return ((bound: number): Check =>
    (value, place, run) =>
      !Array.isArray(value) ||
      isGood(value.length, bound) ||
      run.fail(place, `must have ${words} ${bound} entries`)) as Keyword;
}

function uniqueItems(given: boolean): Check | undefined {
  if (!given) return undefined;
  return (value, place, run) => {
    if (!Array.isArray(value)) return true;
    const firstAt = new Map<string, number>();
    for (const [index, each] of value.entries()) {
      run.spend(REMEMBERING_STEPS);
      const text = canonical(each, run);
      const first = firstAt.get(text);
      if (first !== undefined) return run.fail({ parent: place, key: index }, `repeats entry ${first}`);
      firstAt.set(text, index);
    }
    return true;
  };
}

/** `prefixItems` and `items` are one check: the second is about what the first left. */
export function itemsCheck(schema: JsonObject, compiler: Compiler): Check | undefined {
  const { prefixItems = [], items } = schema;
  const prefix = (prefixItems as readonly unknown[]).map((each) => compiler.compile(each));
  const rest = items === undefined ? undefined : compiler.compile(items);
  if (prefix.length === 0 && rest === undefined) return undefined;
  return (value, place, run, seen) => {
    if (!Array.isArray(value)) return true;
    let isGood = true;
    const count = rest === undefined ? Math.min(prefix.length, value.length) : value.length;
    for (let index = 0; index < count; index++) {
      run.spend(1);
      seen?.items.add(index);
      const check = prefix[index] ?? rest;
      if (check && !check(value[index], { parent: place, key: index }, run, null)) isGood = false;
      if (!isGood && run.isSilent) return false;
    }
    return isGood;
  };
}

/** `contains`, with its bounds. */
export function containsCheck(schema: JsonObject, compiler: Compiler): Check | undefined {
  if (schema['contains'] === undefined) return undefined;
  const check = compiler.compile(schema['contains']);
  const least = (schema['minContains'] as number | undefined) ?? 1;
  const most = (schema['maxContains'] as number | undefined) ?? Infinity;
  return (value, place, run, seen) => {
    if (!Array.isArray(value)) return true;
    let count = 0;
    for (const [index, each] of value.entries()) {
      run.spend(1);
      if (!run.silently(() => check(each, place, run, null))) continue;
      seen?.items.add(index);
      count += 1;
    }
    if (count < least) return run.fail(place, `must have at least ${least} entries that the schema asks for`);
    return count <= most || run.fail(place, `must have at most ${most} entries of the kind it counts`);
  };
}

/** To be checked when everything else that is about the same value has been. */
export function unevaluatedItems(given: unknown, compiler: Compiler): Check {
  const check = compiler.compile(given);
  return (value, place, run, seen) => {
    if (!Array.isArray(value) || seen === null) return true;
    let isGood = true;
    for (const [index, each] of value.entries()) {
      run.spend(1);
      if (seen.items.has(index)) continue;
      if (!check(each, { parent: place, key: index }, run, null)) isGood = false;
      seen.items.add(index);
    }
    return isGood;
  };
}

/** Keywords about the entries of an array, but those that depend on one another. */
export const ARRAY_KEYWORDS: Readonly<Record<string, Keyword>> = {
  minItems: countOfItems((count, bound) => count >= bound, 'at least'),
  maxItems: countOfItems((count, bound) => count <= bound, 'at most'),
  uniqueItems,
};
