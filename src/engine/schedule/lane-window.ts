import type { PendingDelivery } from '../../domain/delivery.ts';

/**
 * The earliest of one lane's unfinished deliveries of one kind, in order of `dueAt`; the rest is in the store
 * only. All that is not here and not in flight is due at `horizon` or later. Bounded, so that a backlog of a
 * million costs no memory.
 */
export class LaneWindow {
  readonly #max: number;
  #items: PendingDelivery[] = [];
  #horizon: number;
  /** Of what came and was turned away while a load was under way, which may have begun before it: the earliest. */
  #turnedAwayDueAt = Infinity;

  /** `complete`: nothing of this kind is in the store yet; otherwise all of it is still to be loaded. */
  constructor(max: number, complete: boolean) {
    this.#max = max;
    this.#horizon = complete ? Infinity : -Infinity;
  }

  get size(): number {
    return this.#items.length;
  }

  get isComplete(): boolean {
    return this.#horizon === Infinity;
  }

  /** When something not here may be due: `Infinity` when all is here. */
  get horizon(): number {
    return this.#horizon;
  }

  /** When the first here is due, or `Infinity`. */
  get nextDueAt(): number {
    return this.#items[0]?.dueAt ?? Infinity;
  }

  /** Takes a delivery in unless it belongs behind the horizon; answers those that are here no longer. */
  offer(delivery: PendingDelivery): PendingDelivery | undefined {
    if (delivery.dueAt >= this.#horizon) {
      this.#turnedAwayDueAt = Math.min(this.#turnedAwayDueAt, delivery.dueAt);
      return delivery;
    }
    this.#items.splice(this.#placeOf(delivery.dueAt), 0, delivery);
    return this.#items.length > this.#max ? this.#dropLast() : undefined;
  }

  take(): PendingDelivery | undefined {
    return this.#items.shift();
  }

  /** Takes a delivery out, wherever it is; false when it is not here. */
  remove(deliveryId: string): boolean {
    const at = this.#items.findIndex(({ id }) => id === deliveryId);
    if (at >= 0) this.#items.splice(at, 1);
    return at >= 0;
  }

  /** Something that is not here may be due: a load that begins from now on finds it, one under way may not. */
  markIncomplete(): void {
    this.#horizon = -Infinity;
    this.#turnedAwayDueAt = -Infinity;
  }

  /** To be called when a load begins. */
  beginLoad(): void {
    this.#turnedAwayDueAt = Infinity;
  }

  /**
   * Merges what a load found: `loaded` are the earliest unfinished deliveries but for those known already,
   * `lastDueAt` the latest found, known or not; `complete` says that there were no more. Answers what found no
   * room.
   */
  refill(loaded: readonly PendingDelivery[], lastDueAt: number, complete: boolean): PendingDelivery[] {
    const merged = [...this.#items, ...loaded].sort((a, b) => a.dueAt - b.dueAt);
    // Whatever came during the load and was turned away is in the store, perhaps not in what the load saw.
    this.#horizon = Math.min(complete ? Infinity : lastDueAt, this.#turnedAwayDueAt);
    this.#turnedAwayDueAt = Infinity;
    const dropped = merged.splice(this.#max);
    this.#items = merged;
    if (dropped[0]) this.#horizon = Math.min(this.#horizon, dropped[0].dueAt);
    return dropped;
  }

  /** Forgets everything here; it has to be loaded again. */
  clear(): PendingDelivery[] {
    const items = this.#items;
    this.#items = [];
    this.#horizon = -Infinity;
    return items;
  }

  #dropLast(): PendingDelivery | undefined {
    const last = this.#items.pop();
    if (last) {
      this.#horizon = Math.min(this.#horizon, last.dueAt);
      this.#turnedAwayDueAt = Math.min(this.#turnedAwayDueAt, last.dueAt);
    }
    return last;
  }

  /** Behind all that are due at the same time: equals keep their order. */
  #placeOf(dueAt: number): number {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#items[middle]?.dueAt ?? 0) <= dueAt) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
