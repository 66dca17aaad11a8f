/** What is sealed of a subscription, each by itself. */
export const SEALED_PARTS = [
  'secret',
  'privateKey',
  'previousSecret',
  'previousPrivateKey',
  'headers',
] as const;

export type SealedPart = (typeof SEALED_PARTS)[number];

/**
 * What a part is sealed with besides the key, so that it opens only where it belongs. A rotation makes a secret the
 * previous one as it is, sealed: both have the same context.
 */
export function sealContext(subscriptionId: string, part: SealedPart): string {
  switch (part) {
    case 'secret':
    case 'previousSecret':
      return subscriptionId;
    case 'privateKey':
    case 'previousPrivateKey':
      return `${subscriptionId} ed25519`;
    case 'headers':
      return `${subscriptionId} headers`;
  }
}
