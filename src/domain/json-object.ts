import { isUtf8 } from 'node:buffer';
import { invalid, Refusal } from './errors.ts';
import type { JsonMember } from './json-members.ts';
import { duplicateKeys, JSON_DEPTH_MAX, scanMembers } from './json-members.ts';

/** What a message quotes of a name that a client made up. */
const QUOTED_CHARS_MAX = 64;

/**
 * Checks that the bytes are one JSON object in UTF-8 whose fields are each given once, and tells where the
 * fields' values are. Refuses with what to do about it otherwise: parsers differ over invalid bytes and over
 * which of two equal fields counts, and such differences have been used to get past checks.
 */
export function readJsonObject(bytes: Uint8Array, depthMax = JSON_DEPTH_MAX): readonly JsonMember[] {
  if (bytes.length === 0) throw new Refusal('BAD_REQUEST', 'The body is empty; send a JSON object.');
  if (startsWithByteOrderMark(bytes)) {
    throw new Refusal('BAD_REQUEST', 'The body starts with a byte order mark; send plain UTF-8 without one.');
  }
  if (!isUtf8(bytes)) throw new Refusal('BAD_REQUEST', 'The body is not valid UTF-8.');
  const scan = scanMembers(bytes, depthMax);
  if (scan.kind === 'fault') {
    throw new Refusal(
      'BAD_REQUEST',
      `The body is not valid JSON: ${scan.message}, at byte ${scan.position}.`,
    );
  }
  if (scan.kind === 'other') throw invalid([{ path: 'body', message: 'must be a JSON object' }]);
  const duplicates = duplicateKeys(scan.members);
  if (duplicates.length > 0) {
    const names = duplicates.map((key) => `"${quotable(key)}"`).join(', ');
    throw new Refusal('BAD_REQUEST', `Given more than once: ${names}. Give each field once.`);
  }
  return scan.members;
}

/** A client's own word, cut to what a message can carry. */
export function quotable(text: string): string {
  return text.length <= QUOTED_CHARS_MAX ? text : `${text.slice(0, QUOTED_CHARS_MAX)}…`;
}

function startsWithByteOrderMark(bytes: Uint8Array): boolean {
  const [first, second, third] = bytes;
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return isUtf16 || (first === 0xef && second === 0xbb && third === 0xbf);
}
