/** Deeper JSON is refused: nothing real comes near it, and receivers' parsers recurse. */
export const JSON_DEPTH_MAX = 128;
/** The largest request has a dozen fields; past this the sender is not talking to us. */
export const JSON_MEMBERS_MAX = 256;

/** Where a value is: positions are bytes of the text; `end` is the first one after. */
export interface JsonSpan {
  start: number;
  end: number;
}

/** One member of the outermost object. */
export interface JsonMember extends JsonSpan {
  key: string;
}

export type JsonScan =
  | { kind: 'object'; members: JsonMember[] }
  /** Valid JSON, but not an object. */
  | { kind: 'other' }
  /** Not JSON: what was wrong at which byte. */
  | { kind: 'fault'; position: number; message: string };

/**
 * Reads a JSON text (RFC 8259, strictly; valid UTF-8 is the caller's to check) once and tells where the members
 * of its outermost object are, so that a value can be cut out with the very bytes it came in and nothing is parsed
 * twice. Linear in time, without recursion; the text's values are not built.
 */
export function scanMembers(json: Uint8Array, depthMax = JSON_DEPTH_MAX): JsonScan {
  const scanner = new Scanner(json, depthMax);
  try {
    return scanner.scan();
  } catch (fault) {
    if (fault instanceof ScanFault) {
      return { kind: 'fault', position: fault.position, message: fault.message };
    }
    throw fault;
  }
}

/**
 * Where the elements of a JSON array are; `max` + 1 of them at most, which says that there are too many. Undefined
 * when the text, which is known to be valid JSON, is no array. As {@link scanMembers} otherwise.
 */
export function scanElements(
  json: Uint8Array,
  max: number,
  depthMax = JSON_DEPTH_MAX,
): JsonSpan[] | undefined {
  return new Scanner(json, depthMax).scanElements(max);
}

/** Keys that occur more than once, each named once. */
export function duplicateKeys(members: readonly JsonMember[]): string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { key } of members) {
    if (seen.has(key)) twice.add(key);
    seen.add(key);
  }
  return [...twice];
}

class ScanFault extends Error {
  readonly position: number;

  constructor(position: number, message: string) {
    super(message);
    this.position = position;
  }
}

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const UPPER_E = 0x45;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const LOWER_E = 0x65;
const LOWER_U = 0x75;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** What may follow a backslash, apart from `u`. */
const ESCAPES = new Set([...'"\\/bfnrt'].map((letter) => letter.charCodeAt(0)));

const LITERALS = ['true', 'false', 'null'].map((word) =>
  Uint8Array.from(word, (letter) => letter.charCodeAt(0)),
);

/** One pass over one text. A class for speed: its fields stay in place while the methods share the position. */
class Scanner {
  readonly #json: Uint8Array;
  readonly #members: JsonMember[] = [];
  /** One entry per open container: what closes it. */
  readonly #closers: Uint8Array;
  /** Not while elements are scanned, whose members are somebody else's. */
  #recordsMembers = true;
  #depth = 0;
  #at = 0;

  constructor(json: Uint8Array, depthMax: number) {
    this.#json = json;
    this.#closers = new Uint8Array(depthMax);
  }

  scan(): JsonScan {
    this.#skipSpace();
    const isObject = this.#json[this.#at] === OPEN_BRACE;
    this.#scanValues();
    this.#skipSpace();
    if (this.#at < this.#json.length) this.#fail('nothing may follow the value');
    return isObject ? { kind: 'object', members: this.#members } : { kind: 'other' };
  }

  scanElements(max: number): JsonSpan[] | undefined {
    this.#skipSpace();
    if (this.#json[this.#at] !== OPEN_BRACKET) return undefined;
    const elements: JsonSpan[] = [];
    this.#recordsMembers = false;
    this.#at += 1;
    this.#skipSpace();
    if (this.#json[this.#at] === CLOSE_BRACKET) return elements;
    while (elements.length <= max) {
      this.#skipSpace();
      const start = this.#at;
      this.#scanValues();
      elements.push({ start, end: this.#at });
      this.#skipSpace();
      if (this.#json[this.#at] !== COMMA) break;
      this.#at += 1;
    }
    return elements;
  }

  /** Reads one whole value: each round reads a scalar or opens a container, then closes what ends there. */
  #scanValues(): void {
    for (;;) {
      this.#skipSpace();
      const byte = this.#json[this.#at];
      if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        if (this.#openContainer(byte)) continue;
      } else {
        this.#scanScalar(byte);
      }
      if (!this.#scanToNextValue()) return;
    }
  }

  /** True when a value comes next; false when the container was empty and is closed again. */
  #openContainer(opener: number): boolean {
    const depthMax = this.#closers.length;
    if (this.#depth === depthMax) this.#fail(`nested deeper than ${depthMax} levels`);
    const closer = opener === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET;
    this.#closers[this.#depth] = closer;
    this.#depth += 1;
    this.#at += 1;
    this.#skipSpace();
    if (this.#json[this.#at] === closer) {
      this.#at += 1;
      this.#depth -= 1;
      return false;
    }
    if (closer === CLOSE_BRACE) this.#scanKey();
    return true;
  }

  /** After a value: closes containers until one goes on. False when the outermost value has ended. */
  #scanToNextValue(): boolean {
    while (this.#depth > 0) {
      if (this.#depth === 1) this.#endMember();
      this.#skipSpace();
      const closer = this.#closers[this.#depth - 1];
      const byte = this.#json[this.#at];
      if (byte === COMMA) {
        this.#at += 1;
        this.#skipSpace();
        if (closer === CLOSE_BRACE) this.#scanKey();
        return true;
      }
      if (byte !== closer) this.#fail(closer === CLOSE_BRACE ? 'expected , or }' : 'expected , or ]');
      this.#at += 1;
      this.#depth -= 1;
    }
    return false;
  }

  /** Reads a key and its colon; a key of the outermost object starts a member. */
  #scanKey(): void {
    const start = this.#at;
    if (this.#json[start] !== QUOTE) this.#fail('expected a field name in double quotes');
    const escaped = this.#scanString();
    const end = this.#at;
    this.#skipSpace();
    if (this.#json[this.#at] !== COLON) this.#fail('expected : after the field name');
    this.#at += 1;
    if (this.#depth !== 1 || !this.#recordsMembers) return;
    if (this.#members.length === JSON_MEMBERS_MAX) this.#fail(`more than ${JSON_MEMBERS_MAX} fields`);
    this.#skipSpace();
    this.#members.push({ key: this.#textBetween(start, end, escaped), start: this.#at, end: -1 });
  }

  #endMember(): void {
    const member = this.#members.at(-1);
    if (member !== undefined && member.end === -1) member.end = this.#at;
  }

  #scanScalar(byte: number | undefined): void {
    if (byte === QUOTE) this.#scanString();
    else if (byte === MINUS || isDigit(byte)) this.#scanNumber();
    else this.#scanLiteral();
  }

  /** From the opening quote to after the closing one; answers whether there were escapes. */
  #scanString(): boolean {
    const json = this.#json;
    let escaped = false;
    let at = this.#at + 1;
    for (;;) {
      const byte = json[at];
      if (byte === QUOTE) break;
      if (byte === undefined || byte < SPACE) {
        this.#at = at;
        this.#fail(byte === undefined ? 'a string does not end' : 'a control character in a string');
      }
      if (byte === BACKSLASH) {
        escaped = true;
        at += this.#measureEscape(at);
      } else {
        at += 1;
      }
    }
    this.#at = at + 1;
    return escaped;
  }

  #measureEscape(at: number): number {
    const letter = this.#json[at + 1];
    if (letter !== undefined && ESCAPES.has(letter)) return 2;
    const isUnicode = letter === LOWER_U && [2, 3, 4, 5].every((ahead) => isHexDigit(this.#json[at + ahead]));
    if (isUnicode) return 6;
    this.#at = at;
    return this.#fail('an unknown escape in a string');
  }

  #scanNumber(): void {
    if (this.#json[this.#at] === MINUS) this.#at += 1;
    if (this.#json[this.#at] === ZERO) this.#at += 1;
    else this.#scanDigits();
    if (this.#json[this.#at] === DOT) {
      this.#at += 1;
      this.#scanDigits();
    }
    if (this.#json[this.#at] === LOWER_E || this.#json[this.#at] === UPPER_E) {
      this.#at += 1;
      if (this.#json[this.#at] === PLUS || this.#json[this.#at] === MINUS) this.#at += 1;
      this.#scanDigits();
    }
  }

  #scanDigits(): void {
    if (!isDigit(this.#json[this.#at])) this.#fail('expected a digit');
    while (isDigit(this.#json[this.#at])) this.#at += 1;
  }

  #scanLiteral(): void {
    const word = LITERALS.find((letters) =>
      letters.every((letter, ahead) => this.#json[this.#at + ahead] === letter),
    );
    if (word === undefined) this.#fail('expected a value');
    this.#at += word.length;
  }

  #skipSpace(): void {
    const json = this.#json;
    let at = this.#at;
    while (isSpace(json[at])) at += 1;
    this.#at = at;
  }

  #textBetween(start: number, end: number, escaped: boolean): string {
    const bytes = this.#json;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString();
    return escaped ? (JSON.parse(text) as string) : text.slice(1, -1);
  }

  #fail(message: string): never {
    const atEnd = this.#at >= this.#json.length;
    throw new ScanFault(this.#at, atEnd ? 'the text ends too early' : message);
  }
}

function isSpace(byte: number | undefined): boolean {
  return byte === SPACE || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === TAB;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

function isHexDigit(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const lower = byte | 0x20;
  return isDigit(byte) || (lower >= 0x61 && lower <= 0x66);
}
