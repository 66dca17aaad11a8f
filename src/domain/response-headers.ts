import { printable } from './printable.ts';

/** One field of a request or a response. */
export interface HeaderField {
  /** Of a response in lower case. */
  name: string;
  value: string;
}

/** The fields of a response that are kept. */
export interface KeptHeaders {
  fields: HeaderField[];
  /** How many there were besides. */
  leftOut: number;
}

/** Honest receivers send a dozen or two. */
const FIELDS_MAX = 32;
/** In the stored form: a quarter of what is kept of a body. */
const BYTES_MAX = 4 * 1024;
/** For the line that tells how many were left out. */
const LEFT_OUT_BYTES_MAX = 8;
const NAME_CHARS_MAX = 128;
/** Content security policies are longer, and tell nothing about a failure. */
const VALUE_CHARS_MAX = 512;

/**
 * Kept of a success. All of them would make each attempt's row half as long again or more, and nobody looks for the
 * reason of a success; but how its body is to be read is told here.
 */
const KEPT_OF_SUCCESS = 'content-type';
/** Session tokens: nobody who may look at a delivery is to have them. */
const SECRET = 'set-cookie';
const MASK = '[redacted]';
const LEFT_OUT_MARK = '+';

/**
 * The form in which headers of a response are stored: a line for each, as it was on the wire, and at the end `+3` if
 * three were left out. Bounded, whatever was sent; names in lower case, values as latin1 with what cannot be seen
 * escaped, so that no value makes a second line. Undone by {@link readResponseHeaders}.
 */
export function responseHeadersText(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  isSuccess: boolean,
): string {
  let text = '';
  let bytes = 0;
  let kept = 0;
  let leftOut = 0;
  for (const name of Object.keys(headers)) {
    const value = headers[name] ?? '';
    for (const each of typeof value === 'string' ? [value] : value) {
      const isWanted = isSuccess ? name === KEPT_OF_SUCCESS : kept < FIELDS_MAX;
      const line = isWanted ? lineOf(name, each) : '';
      const lineBytes = Buffer.byteLength(line);
      if (!isWanted || bytes + lineBytes > BYTES_MAX - LEFT_OUT_BYTES_MAX) {
        leftOut += 1;
        continue;
      }
      text += line;
      bytes += lineBytes;
      kept += 1;
    }
  }
  return leftOut === 0 ? text : `${text}${LEFT_OUT_MARK}${leftOut}`;
}

export function readResponseHeaders(text: string): KeptHeaders {
  const kept: KeptHeaders = { fields: [], leftOut: 0 };
  for (const line of text.split('\n')) {
    const nameEnd = line.indexOf(': ');
    if (nameEnd > 0) kept.fields.push({ name: line.slice(0, nameEnd), value: line.slice(nameEnd + 2) });
    else if (line.startsWith(LEFT_OUT_MARK)) kept.leftOut = Number(line.slice(LEFT_OUT_MARK.length));
  }
  return kept;
}

function lineOf(name: string, value: string): string {
  const shown = name === SECRET ? MASK : printable(value, VALUE_CHARS_MAX);
  return `${printable(name, NAME_CHARS_MAX)}: ${shown}\n`;
}
