/**
 * What the worst schemas with the worst data cost the main thread, in milliseconds per published event: the budget of steps
 * in `src/domain/json-schema/limits.ts` is chosen by it. Beside them a usual event and the largest there may be. Run it with
 * `npm run bench:schemas`, while the machine rests.
 */
import process from 'node:process';
import { DataSchema } from '../src/domain/json-schema/data-schema.ts';
import { STEPS_MAX } from '../src/domain/json-schema/limits.ts';

const RUNS = Number(process.env['BENCH_RUNS'] ?? 31);

const many = Array.from({ length: 60_000 }, (_, i) => i);
const wide = Object.fromEntries(many.slice(0, 20_000).map((i) => [`k${i}`, i]));
const times = <T>(length: number, make: (i: number) => T): T[] => Array.from({ length }, (_, i) => make(i));
const namesOf = (length: number, make: (i: number) => string, value: object) =>
  Object.fromEntries(times(length, (i) => [make(i), value]));
/** Each of its definitions applies the one after it twice: 2^40 schemas. */
const doubling = {
  $ref: '#/$defs/d0',
  $defs: Object.fromEntries(
    times(41, (i) => {
      const next = { $ref: `#/$defs/d${i + 1}` };
      return [`d${i}`, i === 40 ? {} : { allOf: [next, next] }];
    }),
  ),
};
const record = { id: 'o-1', total: 12.5, paid: true, tags: ['a', 'b'], at: '2026-03-24T14:30:00.000Z' };
const usual = {
  required: ['items'],
  properties: {
    items: {
      type: 'array',
      items: {
        type: 'object',
        required: ['id', 'total'],
        properties: {
          id: { type: 'string', pattern: '^o-[0-9]+$' },
          total: { type: 'number', minimum: 0 },
          paid: { type: 'boolean' },
          tags: { type: 'array', items: { type: 'string', maxLength: 20 } },
          at: { type: 'string', format: 'date-time' },
        },
      },
    },
  },
};

const CASES: readonly (readonly [string, object, unknown])[] = [
  ['references that double', doubling, 1],
  ['entries that are all to be different', { allOf: times(450, () => ({ uniqueItems: true })) }, many],
  ['a closed object, again and again', { anyOf: times(450, () => ({ additionalProperties: false })) }, wide],
  [
    'long texts and a slow pattern',
    { items: { pattern: '^(a{1,9}){1,9}$' } },
    times(20, () => 'a'.repeat(10_000)),
  ],
  ['names and many patterns', { patternProperties: namesOf(60, (i) => `.*a{${i}}$`, {}) }, wide],
  [
    'names that are all looked up',
    { dependentSchemas: namesOf(450, (i) => `k${i}`, { minProperties: 1 }) },
    wide,
  ],
  [
    'what was seen, gathered again and again',
    { unevaluatedProperties: false, anyOf: times(450, () => ({ additionalProperties: true })) },
    wide,
  ],
  ['a usual event of 500 bytes', usual, { items: times(5, () => record) }],
  ['a usual event of 256 KiB', usual, { items: times(2_700, () => record) }],
];

console.log(`${STEPS_MAX} steps at most; ms of ${RUNS} runs`);
for (const [name, schema, data] of CASES) {
  // As a node that has just read the schema: what patterns remember is empty.
  const fresh = Array.from({ length: RUNS }, () => measure(new DataSchema(schema), data));
  const kept = new DataSchema(schema);
  const again = Array.from({ length: RUNS }, () => measure(kept, data));
  const { steps } = kept.check(data, 'data');
  const [first = 0] = fresh;
  console.log(
    `${name}: ${Math.round(steps)} steps; new ${shown(fresh)}, kept ${shown(again)}, the very first ${first.toFixed(2)}`,
  );
}

function measure(schema: DataSchema, data: unknown): number {
  const startedAt = performance.now();
  schema.check(data, 'data');
  return performance.now() - startedAt;
}

/** The median, and the longest. */
function shown(taken: readonly number[]): string {
  const sorted = taken.toSorted((a, b) => a - b);
  return `${(sorted[RUNS >> 1] ?? 0).toFixed(2)} (${(sorted.at(-1) ?? 0).toFixed(2)})`;
}
