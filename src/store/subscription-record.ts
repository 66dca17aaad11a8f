import type { FilterForm } from '../domain/filter.ts';
import type { SealedKeyPair, Subscription } from '../domain/subscription.ts';

/** A subscription as a row: a field per column, lists and the filter as JSON text. */
export interface SubscriptionRecord extends Pick<
  Subscription,
  | 'id'
  | 'workspaceId'
  | 'url'
  | 'status'
  | 'description'
  | 'timeoutMs'
  | 'rateLimit'
  | 'ordered'
  | 'sealedSecret'
  | 'secretConfigured'
  | 'secretHint'
  | 'generation'
  | 'createdAt'
  | 'updatedAt'
  | 'deactivatedAt'
  | 'deactivationReason'
  | 'missingSince'
> {
  events: string;
  publicKey: string | null;
  sealedPrivateKey: Uint8Array | null;
  previousSealedSecret: Uint8Array | null;
  previousSecretConfigured: boolean | null;
  previousPublicKey: string | null;
  previousSealedPrivateKey: Uint8Array | null;
  rotationEndsAt: number | null;
  headerNames: string | null;
  sealedHeaders: Uint8Array | null;
  filter: string | null;
}

export type RecordField = keyof SubscriptionRecord;

/** What a change may write; the column of each is its name in snake case. */
export const CHANGING_FIELDS = [
  'url',
  'events',
  'status',
  'description',
  'timeoutMs',
  'rateLimit',
  'ordered',
  'sealedSecret',
  'secretConfigured',
  'secretHint',
  'publicKey',
  'sealedPrivateKey',
  'previousSealedSecret',
  'previousSecretConfigured',
  'previousPublicKey',
  'previousSealedPrivateKey',
  'rotationEndsAt',
  'headerNames',
  'sealedHeaders',
  'filter',
  'generation',
  'updatedAt',
  'deactivatedAt',
  'deactivationReason',
  'missingSince',
] as const satisfies readonly RecordField[];

export function columnOf(field: RecordField): string {
  return field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

export function toRecord(subscription: Subscription): SubscriptionRecord {
  const { events, keyPair, previous, headers, filter, ...same } = subscription;
  return {
    ...same,
    events: JSON.stringify(events),
    publicKey: keyPair?.publicKey ?? null,
    sealedPrivateKey: keyPair?.sealedPrivateKey ?? null,
    previousSealedSecret: previous?.sealedSecret ?? null,
    previousSecretConfigured: previous?.secretConfigured ?? null,
    previousPublicKey: previous?.keyPair?.publicKey ?? null,
    previousSealedPrivateKey: previous?.keyPair?.sealedPrivateKey ?? null,
    rotationEndsAt: previous?.endsAt ?? null,
    headerNames: headers && JSON.stringify(headers.names),
    sealedHeaders: headers?.sealedValues ?? null,
    filter: filter && JSON.stringify(filter),
  };
}

export function fromRecord(record: SubscriptionRecord): Subscription {
  const {
    events,
    publicKey,
    sealedPrivateKey,
    previousSealedSecret,
    previousSecretConfigured,
    previousPublicKey,
    previousSealedPrivateKey,
    rotationEndsAt,
    headerNames,
    sealedHeaders,
    filter,
    ...same
  } = record;
  return {
    ...same,
    events: JSON.parse(events) as string[],
    keyPair: keyPairOf(publicKey, sealedPrivateKey),
    previous:
      previousSealedSecret && rotationEndsAt !== null
        ? {
            sealedSecret: previousSealedSecret,
            secretConfigured: previousSecretConfigured === true,
            keyPair: keyPairOf(previousPublicKey, previousSealedPrivateKey),
            endsAt: rotationEndsAt,
          }
        : null,
    headers:
      headerNames !== null && sealedHeaders
        ? { names: JSON.parse(headerNames) as string[], sealedValues: sealedHeaders }
        : null,
    filter: filter === null ? null : (JSON.parse(filter) as FilterForm),
  };
}

function keyPairOf(publicKey: string | null, sealedPrivateKey: Uint8Array | null): SealedKeyPair | null {
  return publicKey !== null && sealedPrivateKey ? { publicKey, sealedPrivateKey } : null;
}
