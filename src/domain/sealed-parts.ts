/** What is sealed of a subscription, each by itself. */
export const SEALED_PARTS = [
  'secret',
  'privateKey',
  'previousSecret',
  'previousPrivateKey',
  'headers',
] as const;

export type SealedPart = (typeof SEALED_PARTS)[number];

/** What is sealed of an erasure that runs: the value it looks for. */
export const ERASURE_VALUE = 'erasureValue';

/**
 * What a part is sealed with besides the key, so that it opens only where it belongs: with its subscription or its
 * erasure. A rotation makes a secret the previous one as it is, sealed: both have the same context.
 */
export function sealContext(ownerId: string, part: SealedPart | typeof ERASURE_VALUE): string {
  switch (part) {
    case 'secret':
    case 'previousSecret':
      return ownerId;
    case 'privateKey':
    case 'previousPrivateKey':
      return `${ownerId} ed25519`;
    case 'headers':
      return `${ownerId} headers`;
    case ERASURE_VALUE:
      return `${ownerId} value`;
  }
}
