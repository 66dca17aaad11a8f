import type { Subscription } from '../../domain/subscription.ts';
import type { RecordField, SubscriptionRecord } from '../subscription-record.ts';
import { CHANGING_FIELDS, columnOf, fromRecord, toRecord } from '../subscription-record.ts';

/** A subscription as {@link SUBSCRIPTION_COLUMNS} answers it. */
export type SubscriptionRow = SubscriptionRecord;

const STORED_FIELDS = ['id', 'workspaceId', 'createdAt', ...CHANGING_FIELDS] as const satisfies RecordField[];

/** Of `velahook.subscriptions s`. */
export const SUBSCRIPTION_COLUMNS = STORED_FIELDS.map((field) => `s.${columnOf(field)} AS "${field}"`).join(
  ', ',
);

/** With {@link storedValues}; made at the version that its workspace is about to have. */
export const INSERT_SUBSCRIPTION = `INSERT INTO velahook.subscriptions (made_at_version, ${STORED_FIELDS.map(columnOf).join(', ')})
SELECT subscription_version + 1, ${STORED_FIELDS.map((_, i) => `$${i + 1}`).join(', ')}
FROM velahook.workspaces WHERE id = $${STORED_FIELDS.indexOf('workspaceId') + 1}`;

/** For an UPDATE, with {@link changingValues} as its last parameters, behind `before` others. */
export function setChanging(before: number): string {
  return CHANGING_FIELDS.map((field, i) => `${columnOf(field)} = $${before + i + 1}`).join(', ');
}

/** Bytes are copied out of the memory they share with others: all of that would go with them to another thread. */
export function toSubscription(row: SubscriptionRow): Subscription {
  const fields = Object.entries(row).map(([name, value]) => [
    name,
    value instanceof Uint8Array ? new Uint8Array(value) : value,
  ]);
  return fromRecord(Object.fromEntries(fields) as SubscriptionRecord);
}

export function storedValues(subscription: Subscription): unknown[] {
  const record = toRecord(subscription);
  return STORED_FIELDS.map((field) => record[field]);
}

export function changingValues(subscription: Subscription): unknown[] {
  const record = toRecord(subscription);
  return CHANGING_FIELDS.map((field) => record[field]);
}
