import type { Run } from './run.ts';

/** Characters that are read, written or compared for one step. */
export const CHARS_PER_STEP = 16;
/** Its name is sorted, and all of it written. */
const MEMBER_STEPS = 4;

/**
 * Text that is the same for equal JSON values, whatever the order of their keys: how `const`, `enum` and
 * `uniqueItems` compare in time linear in the data. Comparing each pair of 100,000 entries would take minutes.
 */
export function canonical(value: unknown, run?: Run): string {
  if (value === null || typeof value !== 'object') {
    run?.spend(1 + (typeof value === 'string' ? value.length / CHARS_PER_STEP : 0));
    return JSON.stringify(value);
  }
  run?.spend(1);
  if (Array.isArray(value)) return `[${value.map((each) => canonical(each, run)).join()}]`;
  const entries = Object.entries(value);
  run?.spend(entries.length * MEMBER_STEPS);
  const members = entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, each]) => `${canonical(key, run)}:${canonical(each, run)}`);
  return `{${members.join()}}`;
}

/** How deep objects and arrays are within each other; stops counting above `max`. */
export function depthOf(value: unknown, max: number): number {
  if (value === null || typeof value !== 'object') return 0;
  if (max <= 0) return 1;
  let deepest = 0;
  for (const each of Object.values(value)) {
    deepest = Math.max(deepest, depthOf(each, max - 1));
    if (deepest >= max) break;
  }
  return deepest + 1;
}
