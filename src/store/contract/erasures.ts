import type { AuditEntry } from '../../domain/audit.ts';
import type { Erasure, EventPosition } from '../../domain/erasure.ts';
import type { CursorPage, CursorQuery } from './history.ts';
import type { CancelledDelivery } from './replays.ts';

/**
 * Erasing the payloads that mention a subject, while the record of their delivery stays. Of an erased event its `data`
 * is gone for good, and the response bodies of its attempts; nothing of it is pending, and nothing is made of it any
 * more: a replay is refused, a cut fan-out ends where it is, an attempt in flight is recorded without its response body.
 */
export interface ErasureStore {
  /** Stores a job that has just begun, for the events there are, unless the workspace has `runningMax` running. */
  createErasure(erasure: NewErasure, runningMax: number, audit?: AuditEntry): Promise<Erasure | 'too_many'>;
  findErasure(workspaceId: string, id: string): Promise<Erasure | undefined>;
  /** Newest first. */
  listErasures(workspaceId: string, query: CursorQuery): Promise<CursorPage<Erasure>>;
  /** A running job erases no more, and its value is forgotten. Undefined when there is none. */
  cancelErasure(
    workspaceId: string,
    id: string,
    now: number,
    audit?: AuditEntry,
  ): Promise<Erasure | undefined>;
  /** Running jobs of all workspaces, oldest first. */
  listOpenErasures(limit: number): Promise<Erasure[]>;
  /** The events that a job has still to look at, oldest first, as many as one call may read; at least one of them. */
  listErasable(erasure: Pick<Erasure, 'workspaceId' | 'until' | 'position'>): Promise<ErasablePage>;
  /**
   * One step of a job: erases what was found, and moves on; in one commit. Null, and nothing done, when the job has
   * made `steps` other than the step's already, or has ended. Where a delivery came to an event since the step was
   * planned it may do less than all of it, and stands before that event.
   */
  continueErasure(step: ErasureStep, now: number): Promise<ErasureStepCommit | null>;
}

export type NewErasure = Pick<Erasure, 'id' | 'workspaceId' | 'path' | 'createdAt'> & {
  sealedValue: Uint8Array;
};

export interface ErasablePage {
  events: ErasableEvent[];
  /** Whether the page ends with the last event of the job. */
  isLast: boolean;
}

export interface ErasableEvent {
  eventId: string;
  eventType: string;
  at: EventPosition;
  deliveryCount: number;
  /** Of `data`, which are the last before the closing brace of the body. */
  dataBytes: number;
  /** Null when it was erased before. */
  body: Uint8Array | null;
}

export interface ErasureStep {
  workspaceId: string;
  erasureId: string;
  /** How many the job had made when the step was planned. */
  steps: number;
  /** What is to be erased, in order. */
  found: readonly FoundEvent[];
  /** How many events were looked at for it. */
  examined: number;
  /** The last of them; null when nothing is left to be looked at. */
  position: EventPosition | null;
}

export interface FoundEvent {
  eventId: string;
  eventType: string;
  at: EventPosition;
  /** How many events of the step were looked at up to here, this one included. */
  examined: number;
  /** Without its `data`: what is stored in place of the body. */
  erasedBody: Uint8Array;
}

export interface ErasureStepCommit {
  /** As it is now. */
  erasure: Erasure;
  /** Those of the step that it has erased: neither gone nor erased before. */
  erased: ErasedEvent[];
}

export interface ErasedEvent {
  eventId: string;
  eventType: string;
  /** Pending deliveries that were cancelled with it. */
  cancelled: CancelledDelivery[];
}

/** One page of {@link ErasureStore.listErasable}: a few milliseconds of reading, and as many of comparing. */
export const EVENTS_EXAMINED_AT_ONCE = 200;
/** Bodies, of which a page has this much and one more at most; a single one may be larger. */
export const BYTES_EXAMINED_AT_ONCE = 512 * 1024;
