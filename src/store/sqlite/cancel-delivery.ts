import type { DatabaseSync } from 'node:sqlite';
import type { AuditEntry } from '../../domain/audit.ts';
import type { DeliveryState, EndReason } from '../../domain/delivery.ts';
import type { CancelledDelivery, CancelResult } from '../contract/replays.ts';
import type { AppendAudit } from './audit.ts';
import type { KeyOrder } from './key-order.ts';
import { command, queryOne } from './statement.ts';

/** Writes `cancelled` on a pending delivery; the caller knows that it is one. `reason`: where it is not the subscription. */
export type WriteCancelled = (deliverySeq: number, now: number, reason?: EndReason) => void;

/** Writes `cancelled` on a pending delivery of an older generation: whatever its key has pending is as good as cancelled too. */
export type WriteStaleCancelled = (deliverySeq: number, now: number) => void;

interface CancelledRow {
  subscriptionSeq: number;
  generation: number;
  /** Null unless it was ordered. */
  orderKey: string | null;
}

const CANCEL = `UPDATE deliveries SET state = 'cancelled', due_at = NULL, finished_at = ?2, failure_reason = ?3
  WHERE seq = ?1`;
const DELETE_ANNOUNCEMENT = 'DELETE FROM announcements WHERE delivery_seq = ?';

/** By primary key; takes it out of `deliveries_pending`. Promotes nobody. */
export function createWriteStaleCancelled(db: DatabaseSync): WriteStaleCancelled {
  const cancel = command(db, CANCEL);
  const deleteAnnouncement = command(db, DELETE_ANNOUNCEMENT);
  return (deliverySeq, now) => {
    cancel.run(deliverySeq, now, null);
    deleteAnnouncement.run(deliverySeq);
  };
}

/**
 * By primary key; takes it out of `deliveries_pending`. The next of its key, if it was ordered, is due: of a lane that
 * nobody has, the lane too.
 */
export function createWriteCancelled(db: DatabaseSync, keyOrder: KeyOrder): WriteCancelled {
  const cancel = queryOne<CancelledRow>(
    db,
    `${CANCEL}
     RETURNING subscription_seq AS subscriptionSeq, generation, order_key AS orderKey`,
  );
  const readyLane = command(
    db,
    `UPDATE lanes SET ready_at = min(ready_at, max(?2, paused_until)) WHERE subscription_seq = ?1 AND owner IS NULL`,
  );
  const deleteAnnouncement = command(db, DELETE_ANNOUNCEMENT);
  return (deliverySeq, now, reason) => {
    const cancelled = cancel.get(deliverySeq, now, reason ?? null);
    deleteAnnouncement.run(deliverySeq);
    if (cancelled === undefined || cancelled.orderKey === null) return;
    const { subscriptionSeq, generation, orderKey } = cancelled;
    if (keyOrder.advance({ subscriptionSeq, generation, orderKey }, now)) readyLane.run(subscriptionSeq, now);
  };
}

/** There is one node here, which is told by whoever asked: no mark is left. */
export function createCancelDelivery(
  db: DatabaseSync,
  writeCancelled: WriteCancelled,
  appendAudit: AppendAudit,
) {
  const find = queryOne<
    Omit<CancelledDelivery, 'id' | 'workspaceId'> & { seq: number; state: DeliveryState }
  >(
    db,
    `SELECT d.seq, d.state, s.id AS subscriptionId, e.event_id AS eventId, e.event_type AS eventType
     FROM deliveries d JOIN workspaces w ON w.seq = d.workspace_seq JOIN subscriptions s ON s.seq = d.subscription_seq
       JOIN events e ON e.seq = d.event_seq
     WHERE d.id = ? AND w.id = ?`,
  );
  return (workspaceId: string, id: string, now: number, audit?: AuditEntry): CancelResult | undefined => {
    const delivery = find.get(id, workspaceId);
    if (delivery === undefined) return undefined;
    const { seq, state, ...about } = delivery;
    if (state !== 'pending') return { result: 'finished' };
    writeCancelled(seq, now);
    appendAudit(audit);
    return { result: 'cancelled', delivery: { id, workspaceId, ...about } };
  };
}
