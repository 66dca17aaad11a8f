import { matches } from './value-keywords.ts';
import type { Check, Compiler, JsonObject, Keyword } from './node.ts';
import { isObject } from './node.ts';
import type { Place, Run } from './run.ts';

/** To list a name of an object; of a large one each is looked up in a table. */
const NAME_STEPS = 3;

/** What the names of an object cost is paid before they are looked at: listing them is the work. */
function namesOf(value: JsonObject, run: Run): string[] {
  const names = Object.keys(value);
  run.spend(names.length * NAME_STEPS);
  return names;
}

function required(names: readonly string[]): Check {
  return (value, place, run) => {
    if (!isObject(value)) return true;
    run.spend(names.length);
    let isGood = true;
    for (const name of names) {
      if (!Object.hasOwn(value, name)) isGood = run.fail({ parent: place, key: name }, 'is required');
    }
    return isGood;
  };
}

function dependentRequired(byName: Readonly<Record<string, readonly string[]>>): Check {
  const dependents = Object.entries(byName).map(([name, names]) => ({ name, check: required(names) }));
  return (value, place, run) => {
    if (!isObject(value)) return true;
    run.spend(dependents.length);
    let isGood = true;
    for (const { name, check } of dependents)
      if (Object.hasOwn(value, name) && !check(value, place, run, null)) isGood = false;
    return isGood;
  };
}

function countOfProperties(isGood: (count: number, bound: number) => boolean, words: string): Keyword {
  return ((bound: number): Check =>
    (value, place, run) => {
      if (!isObject(value)) return true;
      const { length } = namesOf(value, run);
      return isGood(length, bound) || run.fail(place, `must have ${words} ${bound} properties`);
    }) as Keyword;
}

function propertyNames(given: unknown, _schema: JsonObject, compiler: Compiler): Check {
  const check = compiler.compile(given);
  return (value, place, run) => {
    if (!isObject(value)) return true;
    let isGood = true;
    for (const name of namesOf(value, run)) {
      // What is wrong with a name is told of its property.
      if (!check(name, { parent: place, key: name }, run, null)) isGood = false;
    }
    return isGood;
  };
}

/** Which schemas a property's value must satisfy: that of its name, of the patterns it matches, or of all others. */
type FindChecks = (name: string, run: Run) => readonly Check[];

/** `properties`, `patternProperties` and `additionalProperties` are one check: the last is about what the others left. */
function createFindChecks(schema: JsonObject, compiler: Compiler): FindChecks {
  const { properties = {}, patternProperties = {}, additionalProperties } = schema;
  const byName = new Map(
    Object.entries(properties as JsonObject).map(([name, each]) => [name, compiler.compile(each)]),
  );
  const byPattern = Object.entries(patternProperties as JsonObject).map(([source, each]) => ({
    pattern: compiler.pattern(source),
    check: compiler.compile(each),
  }));
  const others = additionalProperties === undefined ? [] : [compiler.compile(additionalProperties)];
  return (name, run) => {
    const found = byPattern.filter(({ pattern }) => matches(pattern, name, run)).map(({ check }) => check);
    const named = byName.get(name);
    if (named !== undefined) found.push(named);
    return found.length > 0 ? found : others;
  };
}

export function propertiesCheck(schema: JsonObject, compiler: Compiler): Check | undefined {
  const { properties, patternProperties, additionalProperties } = schema;
  if (properties === undefined && patternProperties === undefined && additionalProperties === undefined)
    return undefined;
  const findChecks = createFindChecks(schema, compiler);
  return (value, place, run, seen) => {
    if (!isObject(value)) return true;
    let isGood = true;
    for (const name of namesOf(value, run)) {
      const checks = findChecks(name, run);
      if (checks.length > 0) seen?.properties.add(name);
      const at: Place = { parent: place, key: name };
      for (const check of checks) if (!check(value[name], at, run, null)) isGood = false;
      if (!isGood && run.isSilent) return false;
    }
    return isGood;
  };
}

/** To be checked when everything else that is about the same value has been. */
export function unevaluatedProperties(given: unknown, compiler: Compiler): Check {
  const check = compiler.compile(given);
  return (value, place, run, seen) => {
    if (!isObject(value) || seen === null) return true;
    let isGood = true;
    for (const name of namesOf(value, run)) {
      if (seen.properties.has(name)) continue;
      if (!check(value[name], { parent: place, key: name }, run, null)) isGood = false;
      seen.properties.add(name);
    }
    return isGood;
  };
}

/** Keywords about the members of an object, but those that depend on one another. */
export const OBJECT_KEYWORDS: Readonly<Record<string, Keyword>> = {
  required,
  dependentRequired,
  minProperties: countOfProperties((count, bound) => count >= bound, 'at least'),
  maxProperties: countOfProperties((count, bound) => count <= bound, 'at most'),
  propertyNames,
};
