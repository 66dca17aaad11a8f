import type { ReceivedRequest } from './receiver.ts';

/** What events of these tests carry. */
export interface OrderedData {
  /** Its ordering key, or null. */
  key: string | null;
  /** 0, 1, 2, …, in the order of publishing of the key. */
  n: number;
}

interface KeyState {
  /** The last that arrived. */
  n: number;
  hasSucceeded: boolean;
  /** Requests of it that are held. */
  open: number;
}

const VIOLATIONS_TOLD_MAX = 20;

/**
 * What a receiver got of each key, judged as it comes: after a success the next one, and nothing before it; after
 * anything else the same one again. So nothing overtakes, nothing is left out, and nothing comes while another one of
 * its key is held.
 */
export class OrderLedger {
  readonly violations: string[] = [];
  requests = 0;
  succeeded = 0;
  readonly #keys = new Map<string, KeyState>();

  /** How many of the key have succeeded. */
  succeededOf(path: string, key: string | null): number {
    const state = this.#keys.get(nameOf(path, key));
    return state === undefined ? 0 : state.n + (state.hasSucceeded ? 1 : 0);
  }

  /** To be called before anything is answered; answers what is to be called when it is. */
  arrived({ path, body, headers }: ReceivedRequest): {
    data: OrderedData;
    answered: (status: number) => void;
  } {
    const { data } = JSON.parse(body.toString()) as { data: OrderedData };
    const name = nameOf(path, data.key);
    const state = this.#keys.get(name) ?? { n: -1, hasSucceeded: true, open: 0 };
    this.#keys.set(name, state);
    this.requests += 1;
    const told = `${name}: attempt ${String(headers['x-webhook-attempt'])} of ${data.n}`;
    const isNext = data.n === state.n + 1;
    // A success that was not recorded, since its node died, is repeated.
    const isAgain = data.n === state.n;
    if (!isNext && !isAgain) this.#violate(`${told} after ${state.n}`);
    if (isNext && !state.hasSucceeded) this.#violate(`${told} though ${state.n} has not succeeded`);
    if (isNext && state.open > 0) this.#violate(`${told} while ${state.n} is held`);
    if (isNext) {
      state.n = data.n;
      state.hasSucceeded = false;
    }
    state.open += 1;
    return {
      data,
      answered: (status) => {
        state.open -= 1;
        if (status >= 300) return;
        this.succeeded += state.hasSucceeded ? 0 : 1;
        state.hasSucceeded = true;
      },
    };
  }

  #violate(what: string): void {
    if (this.violations.length < VIOLATIONS_TOLD_MAX) this.violations.push(what);
  }
}

function nameOf(path: string, key: string | null): string {
  return `${path} ${key ?? '(none)'}`;
}
