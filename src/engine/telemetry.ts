import type { AttemptOutcome } from '../domain/attempt.ts';
import type { DeliveryState } from '../domain/delivery.ts';

/** What the engine logs through; a pino logger is one. */
export interface EngineLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What the engine counts. */
export interface EngineMetrics {
  eventsCommitted(stored: number, duplicates: number, conflicts: number): void;
  attemptEnded(outcome: AttemptOutcome, durationMs: number): void;
  attemptNotMade(): void;
  deliveryEnded(state: DeliveryState, count: number): void;
  recordsCommitted(count: number): void;
}
