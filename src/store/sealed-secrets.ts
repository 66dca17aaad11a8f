import type { SealedPart } from '../domain/sealed-parts.ts';

/** A sealed part of a subscription as it is stored. */
export interface SealedSecret {
  subscriptionId: string;
  part: SealedPart;
  sealed: Uint8Array;
}

/** The sealed parts that were sealed under one key, as far as can be told without it. */
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
  /** The parts of the first `limit` subscriptions behind `after`, in order of subscription id; empty at the end. */
  list(after: string, limit: number): Promise<SealedSecret[]>;
  /** Puts another sealing in place of the one that was read; not where it has changed since. */
  replace(before: SealedSecret, sealed: Uint8Array): Promise<void>;
  close(): Promise<void>;
}
