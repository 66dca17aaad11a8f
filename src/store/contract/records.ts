import type { AttemptRecord } from '../../domain/attempt.ts';
import type { NextState, PendingDelivery } from '../../domain/delivery.ts';
import type { NewNotice } from './subscriptions.ts';

export interface RecordStore {
  /**
   * Stores attempts and their deliveries' next states, one result per record, in order; all in one commit. Each
   * is checked by itself against what is stored: see {@link RecordResult}. An attempt that is stored already, by its
   * id, is answered as the first time. Of an epoch that is not live any more, only successes of deliveries still
   * pending are stored: its lanes may have another owner by now.
   *
   * The end of an ordered delivery makes the next of its key due in the same commit. If another epoch has the lane, it
   * is told by a mark.
   */
  recordAttempts(epoch: number, records: readonly AttemptToRecord[], now: number): Promise<RecordResult[]>;
}

export interface AttemptToRecord {
  deliveryId: string;
  subscriptionId: string;
  /** As it was loaded or committed with: whether its end may make another one due. */
  orderKey?: string;
  attempt: AttemptRecord;
  next: NextState;
  /** The receiver answered 410: the subscription is deactivated in the same commit. */
  deactivation: Deactivation | null;
}

export interface Deactivation {
  /** The URL that answered. Another one, given while the attempt was in flight, has not answered 410. */
  url: string;
  /** Left when the subscription is deactivated. */
  notice: NewNotice;
}

export interface RecordResult {
  /**
   * `recorded`: attempt and next state are stored. `cancelled`: the attempt is stored; the delivery was or is
   * now cancelled. `superseded`: the delivery is finished or another attempt has this number; nothing stored.
   * A success wins over `cancelled`.
   */
  result: 'recorded' | 'cancelled' | 'superseded';
  /** Whether this record deactivated the subscription. */
  deactivated: boolean;
  /** With the record of an ordered delivery's end: the next of its key, due from now on. */
  next?: PendingDelivery;
}
