import type { ERASURE_VALUE, SealedPart } from '../domain/sealed-parts.ts';

/** A sealed part of a subscription, or the value of an erasure, as it is stored. */
export interface SealedSecret {
  /** Of the subscription or erasure. */
  ownerId: string;
  part: SealedPart | typeof ERASURE_VALUE;
  sealed: Uint8Array;
}

/** The sealed parts of subscriptions that were sealed under one key, as far as can be told without it. */
export interface Sealing {
  /** One of them. */
  sample: SealedSecret;
  count: number;
}

/**
 * All that is stored sealed, of deleted subscriptions too, for exchanging the key it is sealed with. Opened beside a
 * running server: each call is a short transaction of its own.
 */
export interface SealedSecrets {
  /** The parts of the first `limit` owners behind `after`, in order of their ids; empty at the end. */
  list(after: string, limit: number): Promise<SealedSecret[]>;
  /** Puts another sealing in place of the one that was read; not where it has changed since. */
  replace(before: SealedSecret, sealed: Uint8Array): Promise<void>;
  close(): Promise<void>;
}
