import type { Check, Compiler, JsonObject, Keyword } from './node.ts';
import { isObject } from './node.ts';
import type { Place, Run } from './run.ts';
import { Seen } from './run.ts';

function compileAll(given: readonly unknown[], compiler: Compiler): Check[] {
  return given.map((each) => compiler.compile(each));
}

/** Tries a schema that need not be satisfied; what it has seen counts only if it is. */
function attempt(check: Check, value: unknown, place: Place, run: Run, seen: Seen | null): boolean {
  const own = seen === null ? null : new Seen();
  const isGood = run.silently(() => check(value, place, run, own));
  if (isGood && own !== null) seen?.add(own, run);
  return isGood;
}

function reference(ref: string, _schema: JsonObject, compiler: Compiler): Check {
  // Looked up when it is used: a schema may refer to one that is being compiled.
  let target: Check | undefined;
  return (value, place, run, seen) => {
    target ??= compiler.compile(compiler.resolve(ref));
    return target(value, place, run, seen);
  };
}

function allOf(given: readonly unknown[], _schema: JsonObject, compiler: Compiler): Check {
  const all = compileAll(given, compiler);
  return (value, place, run, seen) => {
    let isGood = true;
    for (const check of all) {
      if (!check(value, place, run, seen)) isGood = false;
      if (!isGood && run.isSilent) return false;
    }
    return isGood;
  };
}

function anyOf(given: readonly unknown[], _schema: JsonObject, compiler: Compiler): Check {
  const all = compileAll(given, compiler);
  return (value, place, run, seen) => {
    let isGood = false;
    for (const check of all) {
      isGood = attempt(check, value, place, run, seen) || isGood;
      // With somebody asking what was seen, each alternative has a say.
      if (isGood && seen === null) return true;
    }
    return isGood || run.fail(place, `must satisfy one of the ${all.length} schemas of anyOf at least`);
  };
}

function oneOf(given: readonly unknown[], _schema: JsonObject, compiler: Compiler): Check {
  const all = compileAll(given, compiler);
  return (value, place, run, seen) => {
    let satisfied = 0;
    for (const check of all) {
      if (attempt(check, value, place, run, seen)) satisfied += 1;
      if (satisfied > 1) break;
    }
    if (satisfied === 1) return true;
    const found = satisfied === 0 ? 'none' : 'more';
    return run.fail(
      place,
      `must satisfy exactly one of the ${all.length} schemas of oneOf; it satisfies ${found}`,
    );
  };
}

function not(given: unknown, _schema: JsonObject, compiler: Compiler): Check {
  const check = compiler.compile(given);
  return (value, place, run) => {
    // What is seen in here is forgotten, but must be known to what asks in here.
    const isGood = run.silently(() => check(value, place, run, null));
    return !isGood || run.fail(place, 'must not satisfy the schema of not');
  };
}

function condition(given: unknown, schema: JsonObject, compiler: Compiler): Check {
  const check = compiler.compile(given);
  const { then: thenGiven, else: elseGiven } = schema;
  const onTrue = thenGiven === undefined ? undefined : compiler.compile(thenGiven);
  const onFalse = elseGiven === undefined ? undefined : compiler.compile(elseGiven);
  return (value, place, run, seen) => {
    const next = attempt(check, value, place, run, seen) ? onTrue : onFalse;
    return next === undefined || next(value, place, run, seen);
  };
}

function dependentSchemas(given: JsonObject, _schema: JsonObject, compiler: Compiler): Check {
  const dependents = Object.entries(given).map(([name, each]) => ({ name, check: compiler.compile(each) }));
  return (value, place, run, seen) => {
    if (!isObject(value)) return true;
    run.spend(dependents.length);
    let isGood = true;
    for (const { name, check } of dependents)
      if (Object.hasOwn(value, name) && !check(value, place, run, seen)) isGood = false;
    return isGood;
  };
}

/** Keywords that apply schemas to the same value. */
export const LOGIC_KEYWORDS: Readonly<Record<string, Keyword>> = {
  $ref: reference,
  allOf,
  anyOf,
  oneOf,
  not,
  if: condition,
  dependentSchemas,
};
