import type { AttemptResult } from './dispatch/attempt-order.ts';
import type { Flight } from './flight.ts';
import type { PickedDelivery } from './schedule/scheduler.ts';

/** What is in the air on this node: attempts until they end, their deliveries from their pick to their record. */
export class Flights {
  /** By attempt id. */
  readonly #attempts = new Map<string, Flight>();
  readonly #deliveries = new Set<string>();
  readonly #after: (delayMs: number, run: () => void) => () => void;
  #onLanded: (() => void) | undefined;
  #onNone: (() => void) | undefined;

  /** `after`: a timer of the engine's clock, which answers how to cancel it. */
  constructor(after: (delayMs: number, run: () => void) => () => void) {
    this.#after = after;
  }

  /** Ids of the deliveries, for whoever must leave them alone. */
  get deliveryIds(): string[] {
    return [...this.#deliveries];
  }

  has(deliveryId: string): boolean {
    return this.#deliveries.has(deliveryId);
  }

  picked(picks: readonly PickedDelivery[]): void {
    for (const { delivery } of picks) this.#deliveries.add(delivery.id);
  }

  started(flight: Flight): void {
    this.#attempts.set(flight.order.attemptId, flight);
  }

  /** The flights that the results are of; what is not known any more has no part in it. */
  ended(results: readonly AttemptResult[]): { flight: Flight; result: AttemptResult }[] {
    return results.flatMap((result) => {
      const flight = this.#attempts.get(result.attemptId);
      this.#attempts.delete(result.attemptId);
      return flight === undefined ? [] : [{ flight, result }];
    });
  }

  /** To be called when what came of ended attempts is taken care of. */
  tellLanded(): void {
    if (this.#attempts.size === 0) this.#onLanded?.();
  }

  /** The delivery's attempt is recorded, or was not made. */
  left(deliveryId: string): void {
    this.#deliveries.delete(deliveryId);
    if (this.#deliveries.size === 0) this.#onNone?.();
  }

  /** Resolves when no delivery is between its pick and its record. */
  async none(): Promise<void> {
    if (this.#deliveries.size === 0) return;
    await new Promise<void>((resolve) => (this.#onNone = resolve));
  }

  /** Waits for the attempts under way, for at most `graceMs`; answers how many are not at their end. */
  async landed(graceMs: number): Promise<number> {
    if (this.#attempts.size === 0) return 0;
    await new Promise<void>((resolve) => {
      const cancel = this.#after(graceMs, resolve);
      this.#onLanded = () => {
        cancel();
        resolve();
      };
    });
    return this.#attempts.size;
  }
}
