import { JSON_DEPTH_MAX } from './json-members.ts';
import type { JsonPath } from './json-path.ts';

/** Bytes of a JSON text; `end` is the first one after. */
export interface Place {
  start: number;
  end: number;
}

export interface FoundPlaces {
  /** Where the values are that a path leads to; one may be inside another, which then comes after it. */
  places: Place[];
  /** The first byte that is not to be understood as JSON, which may be the end of a text that was cut; or null. */
  faultAt: number | null;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const SPACE = 0x20;

/** What a number, `true`, `false` or `null` is made of. */
const SCALAR = new Set([...'+-.0123456789Eabdeflnrstu'].map((letter) => letter.charCodeAt(0)));

class Fault extends Error {}

/**
 * Finds the values that paths lead to in a JSON text, by their positions, so that they can be compared or taken out
 * without parsing: a parser changes big integers and keeps only the last of equal fields. All of equal fields are found.
 *
 * A text that is cut off, or becomes something else, is read as far as it goes: a value that was begun then goes to the
 * end. Linear in time; nested no deeper than {@link JSON_DEPTH_MAX}, where it counts as not understood. Scalars are not
 * checked: whoever must know that it is JSON has asked before.
 */
export function findPlaces(json: Uint8Array, paths: readonly JsonPath[]): FoundPlaces {
  return new Walk(json).find(paths);
}

class Walk {
  readonly #json: Uint8Array;
  readonly #places: Place[] = [];
  #at = 0;
  #depth = 0;

  constructor(json: Uint8Array) {
    this.#json = json;
  }

  find(paths: readonly JsonPath[]): FoundPlaces {
    try {
      this.#readValue(paths);
      this.#skipSpace();
      return { places: this.#places, faultAt: this.#at < this.#json.length ? this.#at : null };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return { places: this.#places, faultAt: this.#at };
    }
  }

  /** `live`: the paths that have led here and go on. */
  #readValue(live: readonly JsonPath[]): void {
    this.#skipSpace();
    const byte = this.#json[this.#at];
    if (byte === OPEN_BRACE) this.#readContainer(CLOSE_BRACE, live);
    else if (byte === OPEN_BRACKET) this.#readContainer(CLOSE_BRACKET, live);
    else if (byte === QUOTE) this.#readString();
    else this.#readScalar();
  }

  #readContainer(closer: number, live: readonly JsonPath[]): void {
    if (this.#depth === JSON_DEPTH_MAX) throw new Fault();
    this.#at += 1;
    this.#skipSpace();
    if (this.#json[this.#at] !== closer) {
      this.#depth += 1;
      do {
        const name = closer === CLOSE_BRACE ? this.#readName() : undefined;
        this.#readChild(name, live);
        this.#skipSpace();
      } while (this.#takes(COMMA));
      this.#depth -= 1;
    }
    if (!this.#takes(closer)) throw new Fault();
  }

  /** `name` is undefined for an entry of an array. */
  #readChild(name: string | undefined, live: readonly JsonPath[]): void {
    const goesOn: JsonPath[] = [];
    let isPlace = false;
    for (const path of live) {
      const step = path.steps[this.#depth - 1];
      const leadsHere = step?.kind === 'field' ? step.name === name : name === undefined;
      if (!leadsHere) continue;
      if (path.steps.length === this.#depth) isPlace = true;
      else goesOn.push(path);
    }
    this.#skipSpace();
    const place = { start: this.#at, end: this.#json.length };
    if (isPlace) this.#places.push(place);
    this.#readValue(goesOn);
    place.end = this.#at;
  }

  #readName(): string {
    this.#skipSpace();
    const start = this.#at;
    if (this.#json[start] !== QUOTE) throw new Fault();
    this.#readString();
    const name = textOf(this.#json.subarray(start, this.#at));
    this.#skipSpace();
    if (name === undefined || !this.#takes(COLON)) throw new Fault();
    return name;
  }

  #readString(): void {
    const json = this.#json;
    let at = this.#at + 1;
    while (at < json.length && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1;
    this.#at = Math.min(at + 1, json.length);
    if (at >= json.length) throw new Fault();
  }

  #readScalar(): void {
    const start = this.#at;
    while (SCALAR.has(this.#json[this.#at] ?? 0)) this.#at += 1;
    if (this.#at === start) throw new Fault();
  }

  #takes(byte: number): boolean {
    if (this.#json[this.#at] !== byte) return false;
    this.#at += 1;
    return true;
  }

  #skipSpace(): void {
    const json = this.#json;
    // Whatever else is below a space is not understood where it stands.
    while (json[this.#at] === SPACE || isBreak(json[this.#at])) this.#at += 1;
  }
}

function isBreak(byte: number | undefined): boolean {
  return byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

/** The text of a JSON string with its quotes; undefined when it is none. */
function textOf(string: Uint8Array): string | undefined {
  const text = Buffer.from(string.buffer, string.byteOffset, string.byteLength).toString('utf8');
  if (!text.includes('\\')) return text.slice(1, -1);
  try {
    return JSON.parse(text) as string;
  } catch {
    return undefined;
  }
}
