import type { FilterForm } from './filter.ts';

/** `inactive`: switched off by the customer; `deactivated`: by Velahook, with a reason. */
export type SubscriptionStatus = 'active' | 'inactive' | 'deactivated';

/** Why Velahook switched a subscription off. */
export type DeactivationReason = 'gone' | 'failing';

export const TIMEOUT_MS_DEFAULT = 10_000;
export const TIMEOUT_MS_MIN = 1_000;
export const TIMEOUT_MS_MAX = 30_000;
export const URL_CHARS_MAX = 2_048;
export const EVENTS_PER_SUBSCRIPTION_MAX = 100;
export const SECRET_CHARS_MAX = 256;
/** A shorter secret is accepted with a warning: a signature is worth no more than its key. */
export const SECRET_CHARS_ADVISED = 16;
export const DESCRIPTION_CHARS_MAX = 255;
/** One lane makes no more than this anyway: 50 attempts at once, to a receiver that answers in 50 ms. */
export const RATE_LIMIT_MAX = 1_000;
export const SUBSCRIPTIONS_PER_WORKSPACE_MAX = 1_000;

/** An ed25519 key pair: the public key as receivers get it (`whpk_…`), the private one (`whsk_…`) sealed. */
export interface SealedKeyPair {
  publicKey: string;
  sealedPrivateKey: Uint8Array;
}

/** What signed before a rotation, and signs beside what came after it until `endsAt`. */
export interface PreviousSigning {
  sealedSecret: Uint8Array;
  secretConfigured: boolean;
  keyPair: SealedKeyPair | null;
  endsAt: number;
}

/** Extra headers of a subscription's requests: names in clear, their values sealed together, as `headers.ts` says. */
export interface SealedHeaders {
  names: readonly string[];
  sealedValues: Uint8Array;
}

/**
 * A subscription as stored. Times in milliseconds since the Unix epoch.
 */
export interface Subscription {
  id: string;
  workspaceId: string;
  url: string;
  /** Event types and patterns (`crm.*`, `*`), as given. */
  events: readonly string[];
  status: SubscriptionStatus;
  description: string | null;
  timeoutMs: number;
  /** Attempts per second at most; null: as many as the receiver takes. */
  rateLimit: number | null;
  /** One delivery at a time of each ordering key, in the order of commit. */
  ordered: boolean;
  /** The signing key, sealed by the keyring with the subscription's id as context; never in clear here. */
  sealedSecret: Uint8Array;
  /** True when the customer gave the secret; false when we generated it. */
  secretConfigured: boolean;
  /** The last four characters of the secret. */
  secretHint: string;
  /** What signs `v1a` too, where that is wanted. */
  keyPair: SealedKeyPair | null;
  /** Set from a rotation on, and removed some time after it is over: `endsAt` decides whether it still signs. */
  previous: PreviousSigning | null;
  headers: SealedHeaders | null;
  /** Which events it wants, by their `data`: a checked filter as it was given. Null: all. */
  filter: FilterForm | null;
  /** Grows each time the subscription stops being active or is deleted: deliveries of older ones are cancelled. */
  generation: number;
  createdAt: number;
  updatedAt: number;
  deactivatedAt: number | null;
  deactivationReason: DeactivationReason | null;
  /**
   * Null of an active one. Since when nothing has reached it: since the first attempt that failed after the last success,
   * however long before it was switched off that was; where none had failed, since it was switched off, or created so.
   */
  missingSince: number | null;
}
