/** What a schema may cost. Customers write schemas, and all workspaces share one process. */

/** Of its JSON text. The schemas of real webhooks are a tenth of it. */
export const SCHEMA_BYTES_MAX = 32 * 1024;
/** Schemas within a schema; each costs about 1 KiB of memory once it is compiled. */
export const SUBSCHEMAS_MAX = 1_000;
/** Objects and arrays within each other, in a schema. */
export const SCHEMA_DEPTH_MAX = 64;
/** Of all patterns together, each counted as 32 characters at least: compiling the worst takes some 10 ms per 256. */
export const PATTERN_CHARS_TOTAL_MAX = 2_048;
export const PATTERN_CHARS_COUNTED_MIN = 32;
export const PATTERN_CHARS_MAX = 256;
/** States of the compiled pattern: one character costs at most so many of them. */
export const PATTERN_SIZE_MAX = 300;
/**
 * Steps of checking one event's `data`: a step is some 50 ns, and 100 ns with code that is not warm, so that the worst
 * schema with the worst data holds the process for 12 ms, and for 20 ms at the longest (`bench/schemas.ts`). A usual event
 * takes 0.4 steps per byte, so the largest there is takes half of these.
 */
export const STEPS_MAX = 200_000;
/** Schemas applied within one another: a recursive schema on deep data. */
export const DEPTH_MAX = 500;
/** Mistakes told of at once; more would help nobody. */
export const MISTAKES_MAX = 50;
