import type { Mistake } from './errors.ts';
import { quotable } from './json-object.ts';

/** More would rather be part of the URL, or of the receiver. */
const HEADERS_MAX = 16;
const HEADER_NAME_CHARS_MAX = 64;
/** The longest tokens in use are JSON web tokens of 1 to 2 KB. */
const HEADER_VALUE_CHARS_MAX = 2_048;
/** Names and values together: many servers take no more than 8 KiB of headers, ours among them. */
const HEADERS_CHARS_MAX = 6_144;
/** Shown in the place of a value. Given in that of one that is stored, it leaves it as it is. */
export const HEADER_MASK = '********';

/** RFC 9110, 5.6.2. */
const NAME_FORM = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Printable ASCII, with blanks and tabs inside: receivers differ over anything else, and line ends would be new headers. */
const VALUE_FORM = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/;

/** Set by us for every request, or of the connection and not of the request (RFC 9110, 7.6.1). */
const RESERVED: ReadonlySet<string> = new Set([
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
]);
const RESERVED_PREFIXES = ['webhook-', 'x-webhook-', 'proxy-'];

/** What is wrong with extra headers. `stored`: names, in lower case, whose values may be given masked. */
export function checkHeaders(headers: object, stored: ReadonlySet<string>): Mistake[] {
  const entries = Object.entries(headers);
  const seen = new Set<string>();
  const mistakes: Mistake[] = [];
  if (entries.length > HEADERS_MAX)
    mistakes.push({ path: 'headers', message: `must be at most ${HEADERS_MAX} headers` });
  let chars = 0;
  for (const [name, value] of entries) {
    chars += name.length + (typeof value === 'string' ? value.length : 0);
    const lower = name.toLowerCase();
    const message =
      whatIsWrong(name, value, stored.has(lower)) ?? (seen.has(lower) ? 'is given twice' : null);
    seen.add(lower);
    if (message !== null) mistakes.push({ path: `headers.${quotable(name)}`, message });
  }
  if (chars > HEADERS_CHARS_MAX)
    mistakes.push({ path: 'headers', message: `must have at most ${HEADERS_CHARS_MAX} characters together` });
  return mistakes;
}

function whatIsWrong(name: string, value: unknown, isStored: boolean): string | null {
  const lower = name.toLowerCase();
  if (!NAME_FORM.test(name) || name.length > HEADER_NAME_CHARS_MAX)
    return `is not a header's name: letters, digits and - , at most ${HEADER_NAME_CHARS_MAX}`;
  if (RESERVED.has(lower) || RESERVED_PREFIXES.some((prefix) => lower.startsWith(prefix)))
    return 'cannot be set: it is set by Velahook, or belongs to the connection';
  if (typeof value !== 'string') return 'must be a string';
  if (value === HEADER_MASK && !isStored) return 'is masked: give its value';
  if (value.length > HEADER_VALUE_CHARS_MAX || !VALUE_FORM.test(value))
    return `must be 1 to ${HEADER_VALUE_CHARS_MAX} printable ASCII characters, without blanks around them`;
  return null;
}
