import type { DatabaseSync } from 'node:sqlite';
import { LAST_CHANCE_AFTER_MS } from '../../domain/delivery.ts';
import type { NodeRegistration } from '../contract/nodes.ts';
import type { KeyInOrder, KeyOrder } from './key-order.ts';
import { command, queryAll, queryOne } from './statement.ts';

/** Writing calls of `NodeStore`. */
export function nodeHandlers(db: DatabaseSync, keyOrder: KeyOrder) {
  const insertNode = command(db, 'INSERT INTO nodes (registered_at) VALUES (?)');
  // Also frees what a node took after it had retired itself: there is one node at a time, so any other owner is dead.
  const freeLanesOfDead = command(
    db,
    'UPDATE lanes SET owner = NULL, suspect = 1, ready_at = ?2 WHERE owner IS NOT NULL AND owner <> ?1',
  );
  const freeLanesOf = command(
    db,
    'UPDATE lanes SET owner = NULL, suspect = 0, ready_at = ?2 WHERE owner = ?1',
  );
  const deleteNode = command(db, 'DELETE FROM nodes WHERE epoch = ?');
  const deleteOtherNodes = command(db, 'DELETE FROM nodes WHERE epoch <> ?');

  const countDeaths = command(
    db,
    'UPDATE announcements SET epoch = NULL, deaths = deaths + 1 WHERE epoch IS NOT NULL AND epoch <> ?',
  );
  const listDeadly = queryAll<
    Omit<KeyInOrder, 'orderKey'> & { deliverySeq: number; orderKey: string | null }
  >(
    db,
    `SELECT delivery_seq AS deliverySeq, d.subscription_seq AS subscriptionSeq, d.generation, d.order_key AS orderKey
     FROM announcements JOIN deliveries d ON d.seq = delivery_seq WHERE deaths >= ?`,
  );
  const failDeadly = command(
    db,
    `UPDATE deliveries
     SET state = 'failed', failure_reason = 'crashed_nodes', due_at = NULL, finished_at = ?2
     WHERE seq = ?1 AND state = 'pending'`,
  );
  const listLastChances = queryAll<{ deliverySeq: number; timeoutMs: number }>(
    db,
    `SELECT delivery_seq AS deliverySeq, s.timeout_ms AS timeoutMs
     FROM announcements JOIN deliveries d ON d.seq = delivery_seq JOIN subscriptions s ON s.seq = d.subscription_seq
     WHERE deaths = ?`,
  );
  const postpone = command(
    db,
    `UPDATE deliveries SET due_at = max(due_at, ?2) WHERE seq = ?1 AND state = 'pending'`,
  );
  const deleteAnnouncement = command(db, 'DELETE FROM announcements WHERE delivery_seq = ?');
  const isLive = createNodeCheck(db);
  const clearAnnouncementsOf = command(db, 'UPDATE announcements SET epoch = NULL WHERE epoch = ?');

  return {
    registerNode(now: number, deathsMax: number): NodeRegistration {
      const epoch = Number(insertNode.run(now).lastInsertRowid);
      const lanesFreed = Number(freeLanesOfDead.run(epoch, now).changes);
      countDeaths.run(epoch);
      for (const { deliverySeq, orderKey, ...lane } of listDeadly.all(deathsMax)) {
        failDeadly.run(deliverySeq, now);
        deleteAnnouncement.run(deliverySeq);
        if (orderKey !== null) keyOrder.advance({ ...lane, orderKey }, now);
      }
      let dueAt = now + LAST_CHANCE_AFTER_MS;
      for (const { deliverySeq, timeoutMs } of listLastChances.all(deathsMax - 1)) {
        postpone.run(deliverySeq, dueAt);
        dueAt += timeoutMs;
      }
      deleteOtherNodes.run(epoch);
      return { epoch, lanesFreed, leaseMs: null };
    },

    renewNode(epoch: number): boolean {
      return isLive(epoch);
    },

    /** Nobody but the one node lives here, and its registration has buried the others. */
    retireDeadNodes(): number {
      return 0;
    },

    retireNode(epoch: number, now: number): void {
      freeLanesOf.run(epoch, now);
      clearAnnouncementsOf.run(epoch);
      deleteNode.run(epoch);
    },
  };
}

/** Whether the epoch may still own lanes. By primary key; one per call. */
export function createNodeCheck(db: DatabaseSync): (epoch: number) => boolean {
  const findNode = queryOne(db, 'SELECT 1 FROM nodes WHERE epoch = ?');
  return (epoch) => findNode.get(epoch) !== undefined;
}
