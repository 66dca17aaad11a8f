import type { SQLInputValue } from 'node:sqlite';
import type { Subscription } from '../../domain/subscription.ts';
import type { RecordField, SubscriptionRecord } from '../subscription-record.ts';
import { CHANGING_FIELDS, columnOf, fromRecord, toRecord } from '../subscription-record.ts';

/** True and false are 1 and 0. */
type BooleanField = 'ordered' | 'secretConfigured' | 'previousSecretConfigured';

/** A subscription as {@link SUBSCRIPTION_COLUMNS} answers it. */
export type SubscriptionRow = Omit<SubscriptionRecord, BooleanField> & {
  ordered: number;
  secretConfigured: number;
  previousSecretConfigured: number | null;
};

const STORED_FIELDS = ['id', 'createdAt', ...CHANGING_FIELDS] as const satisfies RecordField[];

/** Of `subscriptions s JOIN workspaces w`. */
export const SUBSCRIPTION_COLUMNS = `w.id AS workspaceId, ${STORED_FIELDS.map(
  (field) => `s.${columnOf(field)} AS ${field}`,
).join(', ')}`;

/** Its parameters: the workspace's seq, the version it is made at, then {@link storedValues}. */
export const INSERT_SUBSCRIPTION = `INSERT INTO subscriptions (workspace_seq, made_at_version, ${STORED_FIELDS.map(columnOf).join(', ')})
  VALUES (?, ?, ${STORED_FIELDS.map(() => '?').join(', ')})`;

/** For an UPDATE, with {@link changingValues}. */
export const SET_CHANGING = CHANGING_FIELDS.map((field) => `${columnOf(field)} = ?`).join(', ');

export function toSubscription({
  ordered,
  secretConfigured,
  previousSecretConfigured: previous,
  ...same
}: SubscriptionRow): Subscription {
  return fromRecord({
    ...same,
    ordered: ordered === 1,
    secretConfigured: secretConfigured === 1,
    previousSecretConfigured: previous === null ? null : previous === 1,
  });
}

export function storedValues(subscription: Subscription): SQLInputValue[] {
  return valuesOf(subscription, STORED_FIELDS);
}

export function changingValues(subscription: Subscription): SQLInputValue[] {
  return valuesOf(subscription, CHANGING_FIELDS);
}

function valuesOf(subscription: Subscription, fields: readonly RecordField[]): SQLInputValue[] {
  const record = toRecord(subscription);
  return fields.map((field) => {
    const value = record[field];
    return typeof value === 'boolean' ? Number(value) : value;
  });
}
