import type { JsonPath } from './json-path.ts';
import { findPlaces } from './json-places.ts';

/** A dozen is common; each is looked for in every response. */
export const REDACTION_PATHS_MAX = 32;

/** What stands where something was taken out. */
const REDACTED = Buffer.from('"[redacted]"');

/**
 * Takes out what the paths lead to in a response body, before it is kept. What cannot be read as JSON is taken out as
 * well, from there to the end: nobody can say what is in it. Answers at most `bytesMax` bytes.
 */
export function redactBody(body: Uint8Array, paths: readonly JsonPath[], bytesMax: number): Uint8Array {
  if (body.length === 0 || paths.length === 0) return body;
  const { places, faultAt } = findPlaces(body, paths);
  const cuts =
    faultAt === null || faultAt >= body.length ? places : [...places, { start: faultAt, end: body.length }];
  if (cuts.length === 0) return body;
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const { start, end } of cuts.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    // Inside what is out already.
    if (end <= at) continue;
    parts.push(body.subarray(at, Math.max(at, start)), REDACTED);
    at = end;
  }
  parts.push(body.subarray(at));
  return Buffer.concat(parts).subarray(0, bytesMax);
}
