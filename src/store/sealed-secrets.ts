/** A signing secret as it is stored; its id is the context it was sealed with. */
export interface SealedSecret {
  subscriptionId: string;
  sealed: Uint8Array;
}

/** The signing secrets that were sealed under one key, as far as can be told without it. */
export interface Sealing {
  /** One of them. */
  sample: SealedSecret;
  count: number;
}

/**
 * All stored signing secrets, those of deleted subscriptions too, for exchanging the key they are sealed with. Opened
 * beside a running server: each call is a short transaction of its own.
 */
export interface SealedSecrets {
  /** In order of subscription id, behind `after`. */
  list(after: string, limit: number): Promise<SealedSecret[]>;
  /** Puts another sealing in place of the one that was read; not where it has changed since. */
  replace(before: SealedSecret, sealed: Uint8Array): Promise<void>;
  close(): Promise<void>;
}
