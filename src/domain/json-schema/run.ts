import type { Mistake } from '../errors.ts';
import { quotable } from '../json-object.ts';
import { DEPTH_MAX, MISTAKES_MAX, STEPS_MAX } from './limits.ts';

/** Where in the data a schema is applied; text is made of it only where there is a mistake. */
export interface Place {
  readonly parent: Place | null;
  readonly key: string | number;
}

const PLAIN_NAME = /^[A-Za-z_$][A-Za-z0-9_$-]*$/;

/** `data.lead.tags[2]`; a name that is no plain word is quoted: `data["first name"]`. */
export function pathOf(place: Place): string {
  const { parent, key } = place;
  if (parent === null) return String(key);
  if (typeof key === 'number') return `${pathOf(parent)}[${key}]`;
  const name = quotable(key);
  return PLAIN_NAME.test(name) ? `${pathOf(parent)}.${name}` : `${pathOf(parent)}[${JSON.stringify(name)}]`;
}

/** There is nothing more to find out: too many mistakes, or too much work. */
export class Ended extends Error {}

/**
 * One checking of one value: counts what it costs and collects what is wrong. Work is counted, not timed, so that the
 * same event gets the same answer on every machine, however busy.
 */
export class Run {
  readonly mistakes: Mistake[] = [];
  #steps = STEPS_MAX;
  #depth = 0;
  /** Within something that need not be valid (`anyOf`, `not`, `if`): what is wrong there is not told. */
  #silent = 0;

  /** Throws {@link Ended} when there are no more steps. */
  spend(steps: number): void {
    this.#steps -= steps;
    if (this.#steps < 0) throw new Ended('It takes too many steps.');
  }

  get stepsSpent(): number {
    return STEPS_MAX - this.#steps;
  }

  get isSilent(): boolean {
    return this.#silent > 0;
  }

  /** Always false, so that a check can answer with it. */
  fail(place: Place, message: string | (() => string)): false {
    if (this.#silent > 0) return false;
    if (this.mistakes.length >= MISTAKES_MAX) throw new Ended('There are many mistakes.');
    this.mistakes.push({ path: pathOf(place), message: typeof message === 'string' ? message : message() });
    return false;
  }

  silently(test: () => boolean): boolean {
    this.#silent += 1;
    try {
      return test();
    } finally {
      this.#silent -= 1;
    }
  }

  enter(): void {
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) throw new Ended('It is nested too deep.');
    this.spend(1);
  }

  leave(): void {
    this.#depth -= 1;
  }
}

/** To put one name or index into a set. */
const SEEN_STEPS = 4;

/** What of an object or array has been evaluated, for `unevaluatedProperties` and `unevaluatedItems`. */
export class Seen {
  readonly properties = new Set<string>();
  readonly items = new Set<number>();

  add(other: Seen, run: Run): void {
    run.spend((other.properties.size + other.items.size) * SEEN_STEPS);
    for (const name of other.properties) this.properties.add(name);
    for (const index of other.items) this.items.add(index);
  }
}
