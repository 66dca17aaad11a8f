import type { JsonPath } from './json-path.ts';

export const ERASURE_ID_PREFIX = 'ers_';

/** Erasures of a workspace that run at once: each goes through all that is stored of it. */
export const ERASURES_RUNNING_MAX = 10;

export const ERASURE_STATES = ['running', 'done', 'cancelled'] as const;

export type ErasureState = (typeof ERASURE_STATES)[number];

/** A place in the order in which events were stored: by time, then as the store numbers them. */
export interface EventPosition {
  createdAt: number;
  seq: number;
}

/** How far an erasure has come. */
export interface ErasureProgress {
  /** Events looked at. */
  examined: number;
  /** Events whose payload it erased. */
  erased: number;
  /** Pending deliveries that it cancelled with them. */
  cancelled: number;
}

/** A job that erases the payloads which mention a subject. Times in milliseconds since the Unix epoch. */
export interface Erasure extends ErasureProgress {
  id: string;
  workspaceId: string;
  /** Where in `data` the subject's value is: see {@link JsonPath}. */
  path: JsonPath['text'];
  /** The JSON text of the value; null once the job has ended, since it is personal data itself. */
  sealedValue: Uint8Array | null;
  state: ErasureState;
  /** The last moment of creation of the events that are looked at. */
  until: number;
  /** Everything up to here was looked at; null at the beginning. */
  position: EventPosition | null;
  /** Grows with each step: of two nodes that make the same one, the second finds it made. */
  steps: number;
  createdAt: number;
  updatedAt: number;
  finishedAt: number | null;
}
