import type { DatabaseSync } from 'node:sqlite';
import type { PendingDelivery } from '../../domain/delivery.ts';
import { HELD_DUE_AT } from '../../domain/delivery.ts';
import { command, queryOne } from './statement.ts';

/** One ordering key of a subscription, of one generation: its pending deliveries are in the order of their seq. */
export interface KeyInOrder {
  subscriptionSeq: number;
  generation: number;
  orderKey: string;
}

export interface KeyOrder {
  /** Whether a delivery of the key is pending, behind which another one would have to wait. */
  isBusy(key: KeyInOrder): boolean;
  /** To be called when a delivery of the key has ended: makes the next one due. Answers it, if there was one to be made so. */
  advance(key: KeyInOrder, now: number): PendingDelivery | undefined;
}

/** By `deliveries_in_order`: its first entry of a key is the one whose turn it is. */
export function createKeyOrder(db: DatabaseSync): KeyOrder {
  const IN_ORDER = `deliveries d INDEXED BY deliveries_in_order
    WHERE d.state = 'pending' AND d.order_key IS NOT NULL
      AND d.subscription_seq = ? AND d.generation = ? AND d.order_key = ?`;
  const findAny = queryOne(db, `SELECT 1 FROM ${IN_ORDER} LIMIT 1`);
  const findHead = queryOne<{ seq: number; dueAt: number }>(
    db,
    `SELECT d.seq, d.due_at AS dueAt FROM ${IN_ORDER} ORDER BY d.seq LIMIT 1`,
  );
  const makeDue = command(db, 'UPDATE deliveries SET due_at = ?2 WHERE seq = ?1');
  // Held until now, so that nobody has attempted it.
  const load = queryOne<PendingDelivery>(
    db,
    `SELECT d.id, s.id AS subscriptionId, w.id AS workspaceId, e.event_id AS eventId, e.event_type AS eventType,
            d.generation, d.attempts, d.due_at AS dueAt, d.first_attempt_at AS firstAttemptAt, d.order_key AS orderKey
     FROM deliveries d JOIN events e ON e.seq = d.event_seq JOIN workspaces w ON w.seq = d.workspace_seq
       JOIN subscriptions s ON s.seq = d.subscription_seq
     WHERE d.seq = ?`,
  );
  return {
    isBusy({ subscriptionSeq, generation, orderKey }) {
      return findAny.get(subscriptionSeq, generation, orderKey) !== undefined;
    },
    advance({ subscriptionSeq, generation, orderKey }, now) {
      const head = findHead.get(subscriptionSeq, generation, orderKey);
      if (head?.dueAt !== HELD_DUE_AT) return undefined;
      makeDue.run(head.seq, now);
      return load.get(head.seq);
    },
  };
}
