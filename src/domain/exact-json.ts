/** A value of a JSON text: an object is a map, a number that a double might change is its text. */
export type ExactValue =
  string | number | boolean | null | NumberText | readonly ExactValue[] | ReadonlyMap<string, ExactValue>;

/** A number as it is written; reading it is left to whoever wants it, since nearly nobody does. */
export class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A number of so few characters is what its double says, unless it has an exponent. */
const PLAIN_NUMBER_CHARS_MAX = 15;

const SPACE = 0x20;
const BACKSLASH = 0x5c;

/**
 * Reads a JSON text that was checked to be one (`scanMembers`, which also bounds how deep it is nested), without
 * rounding its numbers. Of a name given twice the last one counts. Linear in time. `JSON.parse` can show a reviver the
 * text of each number, too, but takes twenty times as long: a tenth of a second for an event full of numbers.
 */
export function readExactly(json: string): ExactValue {
  return new Reader(json).value();
}

class Reader {
  readonly #json: string;
  #at = 0;

  constructor(json: string) {
    this.#json = json;
  }

  value(): ExactValue {
    this.#skipSpace();
    switch (this.#json[this.#at]) {
      case '{':
        return this.#object();
      case '[':
        return this.#list();
      case '"':
        return this.#string();
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  #object(): ExactValue {
    const members = new Map<string, ExactValue>();
    while (this.#next('}')) {
      const name = this.#string();
      this.#skipSpace();
      // The colon.
      this.#at += 1;
      members.set(name, this.value());
    }
    return members;
  }

  #list(): ExactValue {
    const values: ExactValue[] = [];
    while (this.#next(']')) values.push(this.value());
    return values;
  }

  /** Past the opening bracket or a comma, to the next value or name; false when the closing bracket is passed. */
  #next(close: string): boolean {
    this.#skipSpace();
    if (this.#json[this.#at] !== close) {
      this.#at += 1;
      this.#skipSpace();
      if (this.#json[this.#at] !== close) return true;
    }
    this.#at += 1;
    return false;
  }

  #string(): string {
    const start = this.#at;
    let end = this.#json.indexOf('"', start + 1);
    let isEscaped = false;
    // A quote behind an odd number of backslashes is one of the string's own.
    while (this.#backslashesBefore(end) % 2 === 1) {
      isEscaped = true;
      end = this.#json.indexOf('"', end + 1);
    }
    if (end === -1) throw new Error(`Not JSON: the string at character ${start} does not end.`);
    this.#at = end + 1;
    const text = this.#json.slice(start + 1, end);
    return isEscaped || text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text;
  }

  #backslashesBefore(at: number): number {
    let first = at;
    while (this.#json.charCodeAt(first - 1) === BACKSLASH) first -= 1;
    return at - first;
  }

  /** Up to what ends a value. */
  #number(): ExactValue {
    const start = this.#at;
    while (isOfNumber(this.#json.charCodeAt(this.#at))) this.#at += 1;
    if (this.#at === start) throw new Error(`Not JSON, at character ${start}.`);
    const text = this.#json.slice(start, this.#at);
    const isPlain = text.length <= PLAIN_NUMBER_CHARS_MAX && !/[eE]/.test(text);
    return isPlain ? Number(text) : new NumberText(text);
  }

  #word<Value>(text: string, value: Value): Value {
    this.#at += text.length;
    return value;
  }

  #skipSpace(): void {
    // Nothing else that may stand here has so small a code.
    while (this.#json.charCodeAt(this.#at) <= SPACE) this.#at += 1;
  }
}

/** Digits, sign, point and exponent. */
function isOfNumber(code: number): boolean {
  return (code >= 0x2b && code <= 0x39 && code !== 0x2c && code !== 0x2f) || code === 0x45 || code === 0x65;
}
