import type { Pattern } from './pattern.ts';
import type { Place, Run, Seen } from './run.ts';

/** A compiled schema: checks of which all must pass. `seen` collects what was evaluated, where somebody asks. */
export type Check = (value: unknown, place: Place, run: Run, seen: Seen | null) => boolean;

export type JsonObject = Readonly<Record<string, unknown>>;

export interface Compiler {
  /** The compiled schema; the same again for the same one, also while it is being compiled. */
  compile(schema: unknown): Check;
  /** The schema that a local reference leads to. */
  resolve(ref: string): unknown;
  /** One of the schema's patterns, which are known to be good. */
  pattern(source: string): Pattern;
}

/** Compiles one keyword; `schema` is what it is in. Undefined where there is nothing to check. */
export type Keyword = (given: never, schema: JsonObject, compiler: Compiler) => Check | undefined;

export function isObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
