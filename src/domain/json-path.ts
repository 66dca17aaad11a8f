/** Longer than any path somebody would write; it bounds what is stored and shown. */
export const PATH_CHARS_MAX = 256;
/** Deeper than any `data` met in practice. */
export const PATH_STEPS_MAX = 16;

/** One step down: to a field of an object, or to each entry of an array. */
export type JsonStep = { kind: 'field'; name: string } | { kind: 'each' };

/**
 * Places in a JSON text, as a small part of JSONPath (RFC 9535) says them: `$.customer.id`, `$.lines[*].email`,
 * `$['odd name']`.
 */
export interface JsonPath {
  text: string;
  steps: readonly JsonStep[];
}

/** One step: `.name`, `['any name']` or `[*]`. A name in quotes has no quote, backslash or control character. */
const STEP = /\.([^\s.[\]'"*\\\p{Cc}]+)|\['([^'\\\p{Cc}]+)'\]|\[\*\]/uy;

/** What is said of a path that is not one. */
export const PATH_RULE =
  `must be a path such as $.customer.id, $.lines[*].email or $['odd name'], ` +
  `of at most ${PATH_CHARS_MAX} characters and ${PATH_STEPS_MAX} steps`;

/** The path that the text is, or undefined when it breaks {@link PATH_RULE}. */
export function parseJsonPath(text: string): JsonPath | undefined {
  if (text.length > PATH_CHARS_MAX || !text.startsWith('$')) return undefined;
  const steps: JsonStep[] = [];
  STEP.lastIndex = 1;
  while (STEP.lastIndex < text.length) {
    const step = STEP.exec(text);
    if (step === null) return undefined;
    const [, plain, quoted] = step;
    const name = plain ?? quoted;
    steps.push(name === undefined ? { kind: 'each' } : { kind: 'field', name });
  }
  return steps.length === 0 || steps.length > PATH_STEPS_MAX ? undefined : { text, steps };
}
