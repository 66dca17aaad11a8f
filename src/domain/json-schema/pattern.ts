import { RE2JS } from 're2js';
import { PATTERN_CHARS_MAX, PATTERN_SIZE_MAX } from './limits.ts';

/** A regular expression that takes time linear in the text, whatever it says. */
export interface Pattern {
  /** How many states a character may have to be compared with. */
  readonly size: number;
  /** Whether it matches anywhere in the text. */
  test(text: string): boolean;
}

/** `\k` as an escape, not after another backslash. */
const NAMED_BACKREFERENCE = /(?<!\\)(?:\\\\)*\\k/;

/**
 * Compiles a pattern of a schema; answers what is wrong with it otherwise. It must be what ECMA-262 takes with the
 * flag `u`, and be regular: look-around and backreferences are what backtracking is for, and backtracking can take
 * exponential time (`^(a+)+$`).
 */
export function compilePattern(source: string): Pattern | string {
  if (source.length > PATTERN_CHARS_MAX)
    return `must be a pattern of at most ${PATTERN_CHARS_MAX} characters`;
  try {
    // Only parsed, never run: RE2 has notations of its own, which would mean something else everywhere else.
    void new RegExp(source, 'u');
  } catch (error) {
    return `must be a regular expression of ECMA-262 with the flag u: ${reasonOf(error)}`;
  }
  if (NAMED_BACKREFERENCE.test(source)) return 'must not use backreferences: they can take exponential time';
  try {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(source));
    const size = compiled.programSize();
    if (size > PATTERN_SIZE_MAX) return 'is too large a pattern: repeat less often, or fewer things';
    return { size, test: (text) => compiled.test(text) };
  } catch (error) {
    return `must be a pattern without look-around, backreferences and large repetitions: ${reasonOf(error)}`;
  }
}

function reasonOf(error: unknown): string {
  const { message } = error as Error;
  return message.slice(message.lastIndexOf(': ') + 2);
}
