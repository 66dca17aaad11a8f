import { KEYWORD_FORMS } from '../../domain/json-schema/keyword-forms.ts';
import { SUBSCHEMAS_MAX } from '../../domain/json-schema/limits.ts';
import type { JsonObject } from '../../domain/json-schema/node.ts';
import { isObject } from '../../domain/json-schema/node.ts';
import {
  findByPointer,
  isLocalPointer,
  lastNameOf,
  normalPointer,
  pointerTo,
} from '../../domain/json-schema/pointer.ts';

/** A part of a document, and where it is. */
export interface Located {
  value: unknown;
  pointer: string;
}

/** References to references; a longer chain is a circle. */
const HOPS_MAX = 20;

/** Why a part of a document cannot be used; a message for whoever sent it. */
export class Unusable extends Error {}

/** The member, or undefined when there is none. */
export function memberOf({ value, pointer }: Located, key: string): Located | undefined {
  if (!isObject(value) || !Object.hasOwn(value, key)) return undefined;
  return { value: value[key], pointer: pointerTo(pointer, key) };
}

/** What it refers to if it is a reference (a `$ref` and nothing that counts beside it), else itself. */
export function follow(document: unknown, located: Located): Located {
  let at = located;
  for (let hop = 0; hop < HOPS_MAX; hop++) {
    if (!isObject(at.value) || typeof at.value['$ref'] !== 'string') return at;
    const ref = at.value['$ref'];
    if (!isLocalPointer(ref))
      throw new Unusable(`refers to ${ref}: only parts of this document are looked at`);
    const value = findByPointer(document, ref);
    if (value === undefined) throw new Unusable(`refers to ${ref}, which is not in this document`);
    at = { value, pointer: normalPointer(ref) };
  }
  throw new Unusable('refers to itself');
}

/**
 * A schema of a document as one that stands by itself: references to what is in it lead there still, whatever else they
 * lead to comes along in `$defs`. Throws {@link Unusable} when that is too much; any other fault is left as it is, for
 * `checkSchema` to find.
 */
export function bundle(document: unknown, { value, pointer }: Located): unknown {
  const bundler = new Bundler(document, pointer);
  const schema = bundler.copy(value);
  const more = bundler.definitions();
  if (!isObject(schema) || Object.keys(more).length === 0) return schema;
  return { ...schema, $defs: { ...(schema['$defs'] as JsonObject | undefined), ...more } };
}

class Bundler {
  readonly #document: unknown;
  readonly #base: string;
  /** By where they were: what they are called in `$defs`. */
  readonly #names = new Map<string, string>();
  readonly #taken: Set<string>;
  #copied = 0;

  constructor(document: unknown, base: string) {
    this.#document = document;
    this.#base = base;
    const root = findByPointer(document, base);
    const own = isObject(root) && isObject(root['$defs']) ? Object.keys(root['$defs']) : [];
    this.#taken = new Set(own);
  }

  copy(schema: unknown): unknown {
    this.#copied += 1;
    if (this.#copied > SUBSCHEMAS_MAX)
      throw new Unusable(`has more than ${SUBSCHEMAS_MAX} schemas, with all that it refers to`);
    if (!isObject(schema)) return schema;
    // As entries: an assignment to `__proto__` would be none.
    return Object.fromEntries(
      Object.entries(schema).map(([keyword, value]) => [keyword, this.#copyKeyword(keyword, value)]),
    );
  }

  /** What was referred to, one after the other: a chain of references may be longer than the stack. */
  definitions(): JsonObject {
    const copied: [string, unknown][] = [];
    // The map grows while it is gone through.
    for (const [pointer, name] of this.#names)
      copied.push([name, this.copy(findByPointer(this.#document, pointer))]);
    return Object.fromEntries(copied);
  }

  #copyKeyword(keyword: string, value: unknown): unknown {
    const form = Object.hasOwn(KEYWORD_FORMS, keyword) ? KEYWORD_FORMS[keyword] : undefined;
    if (form === 'reference') return this.#rewrite(value);
    if (form === 'schema') return this.copy(value);
    if (form === 'schemas') return Array.isArray(value) ? value.map((each) => this.copy(each)) : value;
    const isByName = form === 'schemasByName' || form === 'schemasByPattern';
    if (!isByName || !isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, this.copy(each)]));
  }

  #rewrite(ref: unknown): unknown {
    if (typeof ref !== 'string' || !isLocalPointer(ref)) return ref;
    const pointer = normalPointer(ref);
    if (pointer === this.#base) return '#';
    // As it is written, where it can be: what was exported comes back as it was.
    if (ref.startsWith(`${this.#base}/`)) return `#${ref.slice(this.#base.length)}`;
    if (pointer.startsWith(`${this.#base}/`)) return `#${pointer.slice(this.#base.length)}`;
    if (findByPointer(this.#document, pointer) === undefined) return ref;
    const name = this.#names.get(pointer) ?? this.#newName(pointer);
    this.#names.set(pointer, name);
    return pointerTo('#/$defs', name);
  }

  #newName(pointer: string): string {
    const last = lastNameOf(pointer);
    let name = last;
    for (let n = 2; this.#taken.has(name); n++) name = `${last}${n}`;
    this.#taken.add(name);
    return name;
  }
}
