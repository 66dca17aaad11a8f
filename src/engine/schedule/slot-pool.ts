import type { LaneCondition } from '../../domain/lane.ts';

/**
 * What part of a pool the lanes of each condition may hold together. A receiver that hangs holds its slot for
 * the whole timeout, so those known or not known to answer must never be able to fill the pool.
 */
const SHARE: Record<LaneCondition, number> = { proven: 1, new: 1 / 2, unhealthy: 1 / 4 };

/** A number of slots, each one attempt in flight: of the node, of a workspace or of an origin. */
export class SlotPool {
  readonly #capacity: number;
  readonly #used: Record<LaneCondition, number> = { proven: 0, new: 0, unhealthy: 0 };

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get used(): number {
    return this.#used.proven + this.#used.new + this.#used.unhealthy;
  }

  get free(): number {
    return this.#capacity - this.used;
  }

  usedBy(condition: LaneCondition): number {
    return this.#used[condition];
  }

  hasRoom(condition: LaneCondition): boolean {
    const share = Math.max(1, Math.floor(this.#capacity * SHARE[condition]));
    return this.used < this.#capacity && this.#used[condition] < share;
  }

  take(condition: LaneCondition): void {
    this.#used[condition] += 1;
  }

  /** Gives back a slot that was taken under this condition. */
  give(condition: LaneCondition): void {
    this.#used[condition] -= 1;
  }
}
