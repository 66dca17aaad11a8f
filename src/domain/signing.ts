import type { Subscription } from './subscription.ts';

/** What is sealed of a subscription, opened. Never logged, never shown. */
export interface OpenedSubscription {
  secret: string;
  /** Of its key pair. */
  privateKey: string | null;
  previous: { secret: string; privateKey: string | null } | null;
  /** Extra headers: names and values in turn. */
  headers: readonly string[];
}

/** What an attempt is signed with. */
export interface Signing {
  /** Each makes a `v1` signature, the newest first. */
  secrets: readonly string[];
  /** Each makes a `v1a` signature, the newest first. */
  privateKeys: readonly string[];
  /** Makes `X-Webhook-Signature`; null where no secret was configured. */
  bodySecret: string | null;
}

/**
 * Pure. While a rotation runs both secrets sign, so that a receiver may change over when it likes; `X-Webhook-Signature`
 * has room for one, and stays with the secret its receivers know until the rotation is over.
 */
export function signingAt(
  { secretConfigured, previous }: Pick<Subscription, 'secretConfigured' | 'previous'>,
  opened: OpenedSubscription,
  now: number,
): Signing {
  const { secret, privateKey } = opened;
  const old = previous && previous.endsAt > now ? opened.previous : null;
  const known = previous?.secretConfigured === true && old ? old.secret : secret;
  return {
    secrets: old ? [secret, old.secret] : [secret],
    privateKeys: [privateKey, old?.privateKey].filter((key) => typeof key === 'string'),
    bodySecret: secretConfigured ? known : null,
  };
}
