import type { LaneCondition } from '../../domain/lane.ts';

/**
 * What a slot is wanted for: an attempt of a lane in this condition, or, of a proven lane that has some in flight
 * already, a `further` one.
 */
export type SlotClass = LaneCondition | 'further';

/**
 * What part of a pool the attempts of each class may hold together. A receiver that hangs holds its slots for the
 * whole timeout, and one that always answered may begin to hang at any time. So those not known to answer, and
 * those that one lane wants beside its first, must never fill the pool, not even all together: an eighth is left
 * for the first attempts of proven lanes.
 */
const SHARE: Record<SlotClass, number> = { proven: 1, further: 1 / 2, new: 1 / 4, unhealthy: 1 / 8 };

/** A number of slots, each one attempt in flight: of the node, of a workspace or of an origin. */
export class SlotPool {
  readonly #capacity: number;
  readonly #used: Record<SlotClass, number> = { proven: 0, further: 0, new: 0, unhealthy: 0 };

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get used(): number {
    const { proven, further, unhealthy } = this.#used;
    return proven + further + this.#used.new + unhealthy;
  }

  usedBy(slotClass: SlotClass): number {
    return this.#used[slotClass];
  }

  /** How many more attempts of this class may start. */
  roomFor(slotClass: SlotClass): number {
    const share = Math.max(1, Math.floor(this.#capacity * SHARE[slotClass]));
    return Math.min(share - this.#used[slotClass], this.#capacity - this.used);
  }

  hasRoom(slotClass: SlotClass): boolean {
    return this.roomFor(slotClass) > 0;
  }

  take(slotClass: SlotClass): void {
    this.#used[slotClass] += 1;
  }

  /** Gives back a slot that was taken for this class. */
  give(slotClass: SlotClass): void {
    this.#used[slotClass] -= 1;
  }
}
