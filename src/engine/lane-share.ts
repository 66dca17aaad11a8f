import type { LanesShared } from '../store/contract/lanes.ts';

/** A node keeps so many whatever its share is: spreading fewer gains nothing. */
const LANES_UNSHARED = 16;
/** A node may have some more than its share, or lanes that come and go would be passed around all the time. */
const SLACK = 1.25;
/** But not while another has less than this part of it: what all the others may have more would be all of its own. */
const SHORT = 0.75;
/** Lanes given to others at once: each rests for a moment until it is taken. */
const GIVEN_AT_ONCE = 100;
/** Beyond its share a node takes only what has been ready for so long: the others do not keep up, if they live. */
const LEFT_BY_OTHERS_MS = 2_000;
/** Then it gives none away for so long: a node that stands still counts as live until its lease is over. */
const KEEP_MS = 60_000;

/**
 * How many lanes are this node's part of all, as the store says each time lanes are taken. So that no node has
 * everything because it looked first, was there first, or is the only one that is published to. Pure but for its state.
 */
export class LaneShare {
  /** None while nobody has said. */
  #share = 0;
  #slack = SLACK;
  #keepsUntil = -Infinity;

  /** `share`: of {@link TakenLanes}. */
  told(shared: LanesShared | undefined): void {
    this.#share = shared?.even ?? Infinity;
    this.#slack = shared !== undefined && shared.least < shared.even * SHORT ? 1 : SLACK;
  }

  /** Lanes this node may own more, at once. Negative when it owns too many. */
  roomBeside(owned: number): number {
    return Math.max(LANES_UNSHARED, Math.ceil(this.#share * this.#slack)) - owned;
  }

  /** Lanes may be taken that are ready by then, when there is no room beside those that are owned. */
  leftBy(now: number): number {
    return now - LEFT_BY_OTHERS_MS;
  }

  /** Some were taken that others had left. `monotonic` in milliseconds. */
  othersLeftSome(monotonic: number): void {
    this.#keepsUntil = monotonic + KEEP_MS;
  }

  /** How many of the owned lanes others should have. */
  excess(owned: number, monotonic: number): number {
    if (this.roomBeside(owned) >= 0 || monotonic < this.#keepsUntil) return 0;
    return Math.min(owned - Math.max(LANES_UNSHARED, Math.ceil(this.#share)), GIVEN_AT_ONCE);
  }
}
