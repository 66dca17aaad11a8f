import type { Mistake } from '../errors.ts';
import { ARRAY_KEYWORDS, containsCheck, itemsCheck, unevaluatedItems } from './array-keywords.ts';
import { LOGIC_KEYWORDS } from './logic-keywords.ts';
import { findByPointer } from './pointer.ts';
import type { Check, Compiler, JsonObject } from './node.ts';
import { OBJECT_KEYWORDS, propertiesCheck, unevaluatedProperties } from './object-keywords.ts';
import { compilePattern } from './pattern.ts';
import type { Pattern } from './pattern.ts';
import type { Place } from './run.ts';
import { Ended, Run, Seen } from './run.ts';
import { VALUE_KEYWORDS } from './value-keywords.ts';

const KEYWORDS: readonly (readonly [
  string,
  (given: unknown, schema: JsonObject, c: Compiler) => Check | undefined,
])[] = Object.entries({
  ...VALUE_KEYWORDS,
  ...OBJECT_KEYWORDS,
  ...ARRAY_KEYWORDS,
  ...LOGIC_KEYWORDS,
}) as never;

/** What checking a value found, and what it cost. */
export interface DataVerdict {
  mistakes: Mistake[];
  steps: number;
}

/**
 * A JSON Schema (2020-12) ready to check data with: `checkSchema` has found nothing wrong with it. Checking never
 * takes more than {@link STEPS_MAX} steps, whatever schema and data are; then that is the mistake. Mistakes are told
 * by paths under `name`.
 */
export class DataSchema {
  readonly #check: Check;

  constructor(schema: unknown) {
    this.#check = createCompiler(schema).compile(schema);
  }

  check(value: unknown, name: string): DataVerdict {
    const run = new Run();
    const place: Place = { parent: null, key: name };
    try {
      this.#check(value, place, run, null);
    } catch (error) {
      if (!(error instanceof Ended)) throw error;
      if (run.mistakes.length === 0)
        run.mistakes.push({
          path: name,
          message: `is too much to be checked with its schema: ${error.message}`,
        });
    }
    return { mistakes: run.mistakes, steps: run.stepsSpent };
  }
}

function createCompiler(root: unknown): Compiler {
  const compiled = new Map<unknown, Check>();
  const patterns = new Map<string, Pattern>();
  const compiler: Compiler = {
    compile(schema) {
      if (schema === true) return () => true;
      if (schema === false) return (_value, place, run) => run.fail(place, 'is not allowed');
      const known = compiled.get(schema);
      if (known !== undefined) return known;
      const check = compileObject(schema as JsonObject, compiler);
      compiled.set(schema, check);
      return check;
    },
    resolve: (ref) => findByPointer(root, ref),
    pattern(source) {
      const known = patterns.get(source) ?? compilePattern(source);
      if (typeof known === 'string') throw new Error(`A pattern that was not checked: ${known}`);
      patterns.set(source, known);
      return known;
    },
  };
  return compiler;
}

function compileObject(schema: JsonObject, compiler: Compiler): Check {
  const checks = KEYWORDS.flatMap(([name, keyword]) =>
    Object.hasOwn(schema, name) ? (keyword(schema[name], schema, compiler) ?? []) : [],
  );
  for (const make of [propertiesCheck, itemsCheck, containsCheck]) {
    const check = make(schema, compiler);
    if (check !== undefined) checks.push(check);
  }
  const { unevaluatedProperties: otherProperties, unevaluatedItems: otherItems } = schema;
  // Last: they are about what nothing else has seen.
  if (otherProperties !== undefined) checks.push(unevaluatedProperties(otherProperties, compiler));
  if (otherItems !== undefined) checks.push(unevaluatedItems(otherItems, compiler));
  const asksWhatWasSeen = otherProperties !== undefined || otherItems !== undefined;
  return (value, place, run, outer) => {
    run.enter();
    const seen = asksWhatWasSeen ? new Seen() : outer;
    let isGood = true;
    for (const check of checks) {
      if (check(value, place, run, seen)) continue;
      isGood = false;
      if (run.isSilent) break;
    }
    if (isGood && outer !== null && seen !== null && seen !== outer) outer.add(seen, run);
    run.leave();
    return isGood;
  };
}
