import type { PendingDelivery } from '../../domain/delivery.ts';

/**
 * The ordering keys of a lane of which a delivery is being attempted, or is attempted and not recorded: no other of
 * the key is attempted meanwhile, whatever the store says. It says that another is next when one was cancelled whose
 * attempt is still in flight.
 */
export class KeyTurns {
  /** By key, what waits for its turn; hardly ever anything. */
  readonly #busy = new Map<string, PendingDelivery[]>();

  /** Its turn begins, until {@link end}. */
  begin({ orderKey }: PendingDelivery): void {
    if (orderKey !== undefined) this.#busy.set(orderKey, []);
  }

  /** Keeps a delivery whose key is busy until that is over; false when it need not wait. */
  keep(delivery: PendingDelivery): boolean {
    if (delivery.orderKey === undefined) return false;
    const waiting = this.#busy.get(delivery.orderKey);
    waiting?.push(delivery);
    return waiting !== undefined;
  }

  /** Takes out a delivery that was kept; false when it is not here. */
  remove(deliveryId: string): boolean {
    for (const waiting of this.#busy.values()) {
      const at = waiting.findIndex(({ id }) => id === deliveryId);
      if (at >= 0) waiting.splice(at, 1);
      if (at >= 0) return true;
    }
    return false;
  }

  /** Answers those that were kept. */
  end({ orderKey }: PendingDelivery): PendingDelivery[] {
    if (orderKey === undefined) return [];
    const waiting = this.#busy.get(orderKey) ?? [];
    this.#busy.delete(orderKey);
    return waiting;
  }
}
