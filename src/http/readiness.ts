import type { Engine } from '../engine/engine.ts';
import type { Clock } from '../lib/clock.ts';
import type { Store } from '../store/store.ts';

/** A probe commits and flushes: however often somebody asks, the store is asked once in so long. */
const REMEMBERED_MS = 1_000;
/** A store that takes longer to commit one write is not ready for anybody's. */
const PROBE_MS_MAX = 3_000;

/** Whether the store takes writes, asked at most once a second, and this node counts among those that share it. */
export class Readiness {
  readonly #store: Pick<Store, 'probe'>;
  readonly #engine: Pick<Engine, 'isLive'>;
  readonly #clock: Clock;
  #asked: { at: number; answer: Promise<boolean> } | undefined;

  constructor(store: Pick<Store, 'probe'>, engine: Pick<Engine, 'isLive'>, clock: Clock) {
    this.#store = store;
    this.#engine = engine;
    this.#clock = clock;
  }

  /** Never rejects, and never takes much longer than {@link PROBE_MS_MAX}. */
  async isReady(): Promise<boolean> {
    return this.#engine.isLive() && this.#takesWrites();
  }

  #takesWrites(): Promise<boolean> {
    const at = this.#clock.monotonic();
    if (this.#asked === undefined || at - this.#asked.at >= REMEMBERED_MS) {
      this.#asked = { at, answer: this.#probe() };
    }
    return this.#asked.answer;
  }

  async #probe(): Promise<boolean> {
    const late = Promise.withResolvers<boolean>();
    const cancel = this.#clock.after(PROBE_MS_MAX, () => late.resolve(false));
    const probe = this.#store.probe(this.#clock.now()).then(
      () => true,
      () => false,
    );
    try {
      return await Promise.race([probe, late.promise]);
    } finally {
      cancel();
    }
  }
}
